import { type Finding, fine } from "./finding.ts";

/** The oldest major version that runs a server. */
const OLDEST = 24;

/** Whether this Node.js runs a server; `version` is without a `v`. */
export function checkNode(version: string): Finding {
  const found = `Node.js ${version}`;
  if (Number.parseInt(version, 10) >= OLDEST) return fine("node", found);
  return { check: "node", status: "failed", found, advice: `Install Node.js ${OLDEST} or newer.` };
}
