import { stateNumber } from "../delivery-codes.ts";
import type { EndpointHealth, Settlement } from "../store.ts";
import type { SqlValue } from "./connection.ts";
import type { ConstantHeaders } from "./constant-headers.ts";
import { deliveryOf, nthOf, withinDelivery } from "./delivery-number.ts";
import { insertion, insertRows } from "./insert-rows.ts";
import { settleLane } from "./lanes.ts";
import type { Scope } from "./scope.ts";

// The token tells the row: looking it up by its id would cost as much as the change. NOT INDEXED keeps SQLite from that.
const FENCED = "WHERE n = ? AND id = ? AND lease = ? AND state = 0";
/** The statements of a settlement; a test asks SQLite how each is carried out. */
export const SETTLE_SQL = {
  end: `
    UPDATE deliveries NOT INDEXED SET state = ?, attempts = attempts + ?, settled_at = coalesce(?, next_attempt_at) ${FENCED}`,
  // The lease moves on: a settlement said twice counts once.
  retry: `UPDATE deliveries NOT INDEXED SET lease = lease + 1, due_at = ?, next_attempt_at = ?, attempts = attempts + ? ${FENCED}`,
} as const;
const ATTEMPTS = insertion(
  "attempts (key, at, duration_ms, outcome, status, reason, request_headers, constant_headers, response_headers, response_body)",
  "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
);
const HEALTH = "UPDATE endpoints SET first_failure_at = ? WHERE id = ?";
const DISABLE = "UPDATE endpoints SET status = 'disabled', disabled_reason = 'failing' WHERE id = ? AND status = 'enabled'";

/** Writes what attempts changed; returns the ids of those whose lease is no longer theirs, which changed nothing. */
export function settle(
  scope: Scope,
  constant: ConstantHeaders,
  settlements: readonly Settlement[],
  health: readonly EndpointHealth[],
): { refused: string[] } {
  const refused: string[] = [];
  /** The endpoints of those. */
  const lost = new Set<string>();
  const attempts: SqlValue[] = [];
  /** The endpoints settled for, and when the first of their retries is due. */
  const retries = new Map<string, number | null>();

  for (const settlement of settlements) {
    const { deliveryId, endpointId, attempt, next } = settlement;
    if (!settleDelivery(scope, settlement)) {
      refused.push(deliveryId);
      lost.add(endpointId);
      continue;
    }
    const retryAt = retries.get(endpointId) ?? null;
    if (next.state === "pending") {
      scope.due(next.dueAt);
      retries.set(endpointId, retryAt === null ? next.dueAt : Math.min(retryAt, next.dueAt));
    } else retries.set(endpointId, retryAt);
    if (attempt === null) continue;
    const own = constant.ownHeaders(attempt.requestHeaders);
    attempts.push(
      withinDelivery(deliveryOf(Number(settlement.token)), attempt.number),
      attempt.at,
      attempt.durationMs,
      attempt.outcome,
      attempt.status,
      attempt.reason,
      JSON.stringify(own ?? attempt.requestHeaders),
      own === null ? null : constant.n,
      JSON.stringify(attempt.responseHeaders),
      attempt.responseBody,
    );
  }
  insertRows(scope, ATTEMPTS, attempts);
  for (const [endpointId, retryAt] of retries) settleLane(scope, endpointId, retryAt);
  for (const { endpointId, firstFailureAt, disable } of health) {
    if (lost.has(endpointId) && !retries.has(endpointId)) continue;
    scope.run(HEALTH, firstFailureAt, endpointId);
    if (disable) scope.run(DISABLE, endpointId);
  }
  return { refused };
}

/** Returns whether the settlement's lease was still its own. */
function settleDelivery(scope: Scope, { deliveryId, token, attempt, next }: Settlement): boolean {
  const n = deliveryOf(Number(token));
  const lease = nthOf(Number(token));
  const made = attempt === null ? 0 : 1;
  if (next.state === "pending") return scope.run(SETTLE_SQL.retry, next.dueAt, next.dueAt, made, n, deliveryId, lease) === 1;
  const endedAt = attempt === null ? null : attempt.at + attempt.durationMs;
  return scope.run(SETTLE_SQL.end, stateNumber(next.state), made, endedAt, n, deliveryId, lease) === 1;
}
