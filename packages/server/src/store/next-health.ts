import type { EndpointChange, EndpointCheck, EndpointTurn, Settlement } from "./contract/delivery-store.ts";
import type { EndpointRules } from "./contract/platform-settings.ts";
import type { AttemptRow, EndpointFailures, EndpointRow } from "./contract/rows.ts";

/** The health of an endpoint, which its attempts decide. */
export type EndpointHealth = Pick<EndpointRow, "status" | "firstFailureAt" | "toldOf"> & { failures: EndpointFailures | null };

/** What attempts change in it, and the notices to its owner, in order. */
export interface NextHealth {
  after: EndpointHealth;
  changes: Pick<EndpointChange, "kind" | "at" | "firstFailureAt" | "failures">[];
}

/** The rules for successes alone, where durations do not matter. */
export const FOR_SUCCESS: EndpointRules = { warningMs: Number.POSITIVE_INFINITY, failingMs: Number.POSITIVE_INFINITY };

/** The endpoints with a success among these settlements, and without a check. */
export function succeededUnchecked(settlements: readonly Settlement[], checks: readonly EndpointCheck[]): string[] {
  const checked = new Set(checks.map(({ endpointId }) => endpointId));
  const succeeded = settlements.filter(({ attempt, endpointId }) => attempt?.outcome === "succeeded" && !checked.has(endpointId));
  return [...new Set(succeeded.map(({ endpointId }) => endpointId))];
}

/**
 * The health of an endpoint after these attempts, in the order they ended. It is failing from the first failure after
 * its last success. Its owner gets one notice when that is `warningMs` ago, one when it is `failingMs` ago and the
 * endpoint is disabled, and one when it answers with success after either. Attempts at a disabled endpoint no longer
 * count: its health stays as it was. `held` says whether the engine leaves it alone after these attempts. Pure; the
 * store calls it while it holds the endpoint's row.
 */
export function nextHealth(
  before: EndpointHealth,
  attempts: readonly AttemptRow[],
  { warningMs, failingMs, held = null }: EndpointRules & Pick<EndpointCheck, "held">,
): NextHealth {
  let after = before;
  const changes: NextHealth["changes"] = [];
  for (const { at, outcome, status, reason } of attempts) {
    if (after.status === "disabled") break;
    if (outcome === "succeeded") {
      if (after.toldOf !== null) changes.push({ kind: "recovered", at, firstFailureAt: after.firstFailureAt, failures: after.failures });
      after = { status: "enabled", firstFailureAt: null, toldOf: null, failures: null };
      continue;
    }
    const first = after.firstFailureAt ?? at;
    const count = (after.firstFailureAt === null ? 0 : (after.failures?.count ?? 0)) + 1;
    after = { ...after, firstFailureAt: first, failures: { count, last: { at, outcome, status, reason }, held } };
    const kind = at - first >= failingMs ? "disabled" : at - first >= warningMs && after.toldOf !== "failing" ? "failing" : null;
    if (kind === null) continue;
    after = { ...after, status: kind === "disabled" ? "disabled" : "enabled", toldOf: kind };
    changes.push({ kind, at, firstFailureAt: first, failures: after.failures });
  }
  return { after, changes };
}

/**
 * Whether an endpoint began to fail between two states, or answers again. A failure and a success in one commit count
 * as neither. Pure.
 */
export function turnBetween(
  before: Pick<EndpointHealth, "firstFailureAt">,
  after: Pick<EndpointHealth, "firstFailureAt">,
): Pick<EndpointTurn, "to" | "firstFailureAt"> | null {
  if (before.firstFailureAt === null && after.firstFailureAt !== null) return { to: "failing", firstFailureAt: after.firstFailureAt };
  if (before.firstFailureAt !== null && after.firstFailureAt === null) return { to: "healthy", firstFailureAt: before.firstFailureAt };
  return null;
}
