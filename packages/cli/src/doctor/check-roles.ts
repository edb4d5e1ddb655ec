import type { InspectedStore } from "@carabiner/server";
import { ROLES } from "../settings/settings.ts";
import { type Finding, fine } from "./finding.ts";

/** What happens in a deployment if no server has a role. */
const WITHOUT: Readonly<Record<string, string>> = {
  api: "no request is answered",
  send: "no delivery is sent",
  work: "nothing that falls due is done, and nothing old is deleted",
};

/**
 * Whether a server with these roles and the running servers together do all of the work. A server of an earlier version
 * does not report its roles, so then nothing counts as missing.
 */
export function checkRoles(own: readonly string[], running: InspectedStore["running"]): Finding {
  const others =
    running.length === 0 ? "no other server runs" : `${running.length === 1 ? "one server runs" : `${running.length} servers run`}`;
  const missing = running.includes(null)
    ? []
    : ROLES.filter((role) => !own.includes(role) && !running.some((roles) => roles?.includes(role)));
  const found = `this server: ${own.join(", ")}; ${others}`;
  if (missing.length === 0) return fine("roles", found);
  return {
    check: "roles",
    status: "warning",
    found: `${found}, so ${missing.map((role) => WITHOUT[role]).join("; ")}`,
    advice: `Start another server with --roles ${missing.join(",")}, or leave --roles out here.`,
  };
}

/** The roles of the only server of a file. It has to do everything, as `serve` also requires. */
export function checkOnlyServer(own: readonly string[]): Finding[] {
  if (own.length === ROLES.length) return [];
  return [
    { check: "roles", status: "failed", found: "an SQLite file has one server, which has to do everything", advice: "Leave --roles out." },
  ];
}
