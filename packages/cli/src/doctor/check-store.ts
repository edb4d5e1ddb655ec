import { statSync } from "node:fs";
import type { InspectedStore, Limits } from "@carabiner/server";
import { isThere } from "../is-there.ts";
import { type NamedStore, opening, whereNone } from "../options/store-options.ts";
import { startFailure } from "../start-failure.ts";
import { checkRoles } from "./check-roles.ts";
import { type Finding, fine } from "./finding.ts";

/** A database's clock may differ by this much, because the servers use the database's clock. */
const CLOCK_MS = 1_000;

/**
 * Looks at the database and the keys of its secrets, without changing either. `running`: a server has the SQLite file
 * open, so nobody else can read it. `roles`: the roles that a server would have. `now` returns Unix milliseconds. Also
 * returns the mark of each server that runs on a shared database.
 */
export async function checkStore(
  kept: NamedStore,
  { running, roles, limits, now }: { running: boolean; roles: readonly string[]; limits: Limits; now: () => number },
): Promise<{ findings: Finding[]; marks: readonly string[] }> {
  const { exposedFiles, inspectStore } = await import("@carabiner/server");
  const { store, secretKeys } = opening(kept);
  const files = exposedFiles(store, secretKeys).map(({ path, what }): Finding => {
    const [name, advice] = what.split("; ");
    return {
      check: "permissions",
      status: "warning",
      found: `other users of this machine can access ${path}, ${name}`,
      advice: `Keep it to its owner: ${advice?.replace("fix it with ", "") ?? "chmod 600"} ${path}`,
    };
  });
  const permissions =
    files.length > 0 ? files : process.platform === "win32" ? [] : [fine("permissions", "data and keys are their owner's alone")];
  if ("file" in store && !isThere(store.file, statSync)) {
    const { more, advice } = whereNone(kept);
    return {
      findings: [
        {
          check: "database",
          status: "failed",
          found: `there is none in ${kept.shown}${more}`,
          advice,
        },
        ...permissions,
      ],
      marks: [],
    };
  }
  if (running)
    return {
      findings: [fine("database", "a server has it open, and has checked it and its keys"), ...permissions],
      marks: [],
    };
  try {
    const inspected = await inspectStore(store, secretKeys, limits, now);
    const shared = "file" in store ? [] : [checkRoles(roles, inspected.running)];
    return { findings: [...databaseFindings(inspected), ...shared, ...permissions], marks: inspected.marks };
  } catch (error) {
    const database = "file" in store ? store.file : kept.shown;
    const failure = startFailure(error, { command: "serve", host: "", port: 0, database });
    if (failure === null) throw error;
    return {
      findings: [{ check: "database", status: "failed", found: failure.message, advice: failure.advice }, ...permissions],
      marks: [],
    };
  }
}

/** The findings about an inspected store. */
export function databaseFindings({
  engine,
  schema,
  knownSchema,
  clockAheadMs,
  keyFault,
}: Omit<InspectedStore, "running" | "marks">): Finding[] {
  const state =
    schema === null
      ? "empty"
      : schema < knownSchema
        ? `schema ${schema}, which the next start brings to ${knownSchema}`
        : `schema ${schema}`;
  const findings = [fine("database", `${engine}, ${state}`)];
  if (clockAheadMs !== null) {
    const found = `the database's clock differs from this machine's by ${Math.abs(clockAheadMs)} ms`;
    const advice = "Synchronize the clocks (NTP): servers go by the database's, logs by the machine's.";
    findings.push(Math.abs(clockAheadMs) <= CLOCK_MS ? fine("clock", found) : { check: "clock", status: "warning", found, advice });
  }
  findings.push(
    keyFault === null
      ? fine("keys", "the keys open the database's secrets")
      : { check: "keys", status: "failed", found: keyFault, advice: "Name the key file that the database was made with: --key-file FILE." },
  );
  return findings;
}
