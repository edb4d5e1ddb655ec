import type { EndpointHealth, Settlement } from "../store.ts";
import { attemptKey } from "./attempt-key.ts";
import { settleLane } from "./lanes.ts";
import { stateNumber } from "./rows.ts";
import type { Scope } from "./scope.ts";

const FENCED = "SELECT n, next_attempt_at FROM deliveries WHERE id = ? AND lease_token = ? AND state = 0";
const SETTLE = "UPDATE deliveries SET state = ?, attempts = attempts + ?, settled_at = ? WHERE n = ?";
// The token moves on: a settlement said twice counts once.
const RETRY = "UPDATE deliveries SET lease_token = lease_token + 1, due_at = ?, next_attempt_at = ?, attempts = attempts + ? WHERE n = ?";
const ATTEMPT = `
  INSERT INTO attempts (key, at, duration_ms, outcome, status, reason, request_headers, response_headers, response_body)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const HEALTH = "UPDATE endpoints SET first_failure_at = ? WHERE id = ?";
const DISABLE = "UPDATE endpoints SET status = 'disabled', disabled_reason = 'failing' WHERE id = ? AND status = 'enabled'";

/** Writes what attempts changed; returns the ids of those whose lease is no longer theirs, which changed nothing. */
export function settle(scope: Scope, settlements: readonly Settlement[], health: readonly EndpointHealth[]): { refused: string[] } {
  const refused: string[] = [];
  /** The endpoints settled for, and when the first of their retries is due. */
  const retries = new Map<string, number | null>();

  for (const { deliveryId, endpointId, token, attempt, next } of settlements) {
    const row = scope.get(FENCED, deliveryId, token);
    if (row === undefined) {
      refused.push(deliveryId);
      continue;
    }
    const n = row.n as number;
    const made = attempt === null ? 0 : 1;
    const retryAt = retries.get(endpointId) ?? null;
    if (next.state === "pending") {
      scope.run(RETRY, next.dueAt, next.dueAt, made, n);
      scope.due(next.dueAt);
      retries.set(endpointId, retryAt === null ? next.dueAt : Math.min(retryAt, next.dueAt));
    } else {
      const settledAt = attempt === null ? (row.next_attempt_at as number) : attempt.at + attempt.durationMs;
      scope.run(SETTLE, stateNumber(next.state), made, settledAt, n);
      retries.set(endpointId, retryAt);
    }
    if (attempt !== null)
      scope.run(
        ATTEMPT,
        attemptKey(n, attempt.number),
        attempt.at,
        attempt.durationMs,
        attempt.outcome,
        attempt.status,
        attempt.reason,
        JSON.stringify(attempt.requestHeaders),
        JSON.stringify(attempt.responseHeaders),
        attempt.responseBody,
      );
  }
  for (const [endpointId, retryAt] of retries) settleLane(scope, endpointId, retryAt);
  for (const { endpointId, firstFailureAt, disable } of health) {
    scope.run(HEALTH, firstFailureAt, endpointId);
    if (disable) scope.run(DISABLE, endpointId);
  }
  return { refused };
}
