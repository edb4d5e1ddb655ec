import { apiError } from "@carabiner/protocol";
import type { FastifyRequest } from "fastify";
import { isEncrypted } from "../api/is-encrypted.ts";
import type { SessionCredential } from "../api/session-credential.ts";
import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import type { Settings } from "../operations/operation.ts";
import { isFromOwnPage } from "../pages/own-origin.ts";
import { keyHash } from "../resources/platforms/issue-keys.ts";
import { isLoopbackName, isOwnHost } from "./own-host.ts";
import { sessionCookie } from "./session-cookie.ts";

/** The header in which the dashboard's page says that a request is its own, and for which mode: `test` or `live`. */
const MODE_HEADER = "carabiner-mode";

/** The header in which the page names the platform that an operator's request is for. */
const PLATFORM_HEADER = "carabiner-platform";

/** The settings that decide which session a request has. */
export interface SessionRules {
  settings: Settings;
  limits: Limits;
  clock: Clock;
  /** The platform of a `dev` server, which browsers on its machine use without signing in; null elsewhere. */
  devAccount: string | null;
}

/** The parts of a request that decide which session it has. */
export type SessionSource = Pick<FastifyRequest, "headers" | "socket">;

/**
 * The session of a request from the dashboard's page; null for every other request. The page names the mode in a
 * header: forms, links and pictures of other sites cannot send that header, and other sites may not read our answers.
 * Throws `session_cross_site`, and `request_malformed` for a mode that does not exist.
 */
export function sessionOf(rules: SessionRules, request: SessionSource): SessionCredential | null {
  const { [MODE_HEADER]: mode, authorization } = request.headers;
  if (mode === undefined || authorization !== undefined) return null;
  return sessionIn(rules, request, { mode: String(mode), platform: platformNamed(request) });
}

/** The platform that a request from the page names for an operator; null when it names no platform. */
export function platformNamed({ headers: { [PLATFORM_HEADER]: platform } }: Pick<SessionSource, "headers">): string | null {
  return platform === undefined || platform === "" ? null : String(platform);
}

/** The session of a request from the page that names its mode in another way: an event stream cannot send headers. */
export function sessionIn(
  rules: SessionRules,
  request: SessionSource,
  { mode, platform }: { mode: string; platform: string | null },
): SessionCredential | null {
  if (mode !== "test" && mode !== "live") throw apiError("request_malformed", { reason: "the mode is neither test nor live" });
  refuseOtherSites(rules.settings, request);
  const livemode = mode === "live";
  const times = liveSince(rules);
  const cookie = sessionCookie(request, rules.settings);
  if (cookie !== null) return { kind: "stored", hash: keyHash(cookie), livemode, platform, encrypted: isEncrypted(request), ...times };
  return rules.devAccount !== null && isOnThisMachine(rules.settings, request)
    ? { kind: "development", account: rules.devAccount, livemode }
    : null;
}

/**
 * Sessions that were opened before one time, or last used before the other, have ended. This uses real time, even in
 * `dev`.
 */
export function liveSince({ clock, limits }: Pick<SessionRules, "clock" | "limits">): { createdSince: number; seenSince: number } {
  const now = Math.floor(clock.wallNow());
  return { createdSince: now - limits.dashboardSessionMs, seenSince: now - limits.dashboardIdleMs };
}

/** Throws `session_cross_site` for a request that another site has sent. */
export function refuseOtherSites(settings: Settings, { headers }: SessionSource): void {
  const { origin, "sec-fetch-site": fetchSite } = headers;
  if (!isFromOwnPage({ origin, fetchSite: fetchSite as string | undefined }, settings.publicUrl()))
    throw apiError("session_cross_site", { url: `${settings.publicUrl()}/dashboard/` });
}

/**
 * Whether a browser runs on the machine of the server, and calls it by a name of that machine: not through a proxy,
 * which would let others in, and not by a name that someone else has pointed here.
 */
export function isOnThisMachine(settings: Settings, { headers, socket }: SessionSource): boolean {
  const forwarded = headers.forwarded ?? headers["x-forwarded-for"] ?? headers["x-forwarded-host"] ?? headers.via;
  const peer = (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  return (
    forwarded === undefined &&
    (peer === "::1" || peer.startsWith("127.")) &&
    isLoopbackName(new URL(settings.publicUrl()).hostname) &&
    isOwnHost(headers.host, settings.publicUrl())
  );
}
