import type { EndpointCheck, EndpointCondition, Settlement } from "../../contract/delivery-store.ts";
import { isListener } from "../../contract/is-listener.ts";
import { endpointRules } from "../../contract/platform-settings.ts";
import type { AttemptRow } from "../../contract/rows.ts";
import { outcomeNumber, stateNumber } from "../../delivery-codes.ts";
import { endpointNotice } from "../../endpoint-notice.ts";
import { keptPhases } from "../../kept-phases.ts";
import { type EndpointHealth, FOR_SUCCESS, type NextHealth, nextHealth, succeededUnchecked, turnBetween } from "../../next-health.ts";
import type { SecretBox } from "../../secret-box.ts";
import type { SqlValue } from "../database/connection.ts";
import { insertion, insertRows } from "../database/insert-rows.ts";
import type { WorkScope } from "../database/scope.ts";
import type { ConstantHeaders } from "../rows/constant-headers.ts";
import { deliveryOf, nthOf, withinDelivery } from "../rows/delivery-number.ts";
import { platformSettings } from "../rows/platform-settings.ts";
import { endpointFailures, endpointRow } from "../rows/rows.ts";
import { settleLane } from "./lanes.ts";
import { noteUnanswered } from "./note-unanswered.ts";

// The token gives the row: a look-up by id would cost as much as the change itself. NOT INDEXED prevents that look-up.
const FENCED = "WHERE n = ? AND id = ? AND lease = ? AND state = 0";
/** The statements of a settlement; a test checks SQLite's plan for each. */
export const SETTLE_SQL = {
  end: `
    UPDATE deliveries NOT INDEXED SET state = ?, attempts = attempts + ?, last_outcome = coalesce(?, last_outcome),
      settled_at = coalesce(?, next_attempt_at) ${FENCED}`,
  // Advances the lease, so a repeated settlement counts once.
  retry: `
    UPDATE deliveries NOT INDEXED SET lease = lease + 1, due_at = ?, next_attempt_at = ?, attempts = attempts + ?,
      last_outcome = coalesce(?, last_outcome) ${FENCED}`,
} as const;
const ATTEMPTS = insertion(
  "attempts (key, at, duration_ms, outcome, status, reason, retry_after_ms, phases, request_headers, constant_headers, response_headers, response_body)",
  "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
);
const FAILING = "SELECT 1 FROM endpoints WHERE id = ? AND (first_failure_at IS NOT NULL OR told_of IS NOT NULL)";
const HEALTH = "UPDATE endpoints SET first_failure_at = ?, told_of = ? WHERE id = ?";
const DISABLE = "UPDATE endpoints SET status = 'disabled', disabled_reason = 'failing' WHERE id = ?";
const FAILURES = `
  INSERT OR REPLACE INTO endpoint_failures (endpoint_id, count, at, outcome, status, reason, held_until, held_by)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const NOTICE = "INSERT OR IGNORE INTO objects (id, object, account_id, livemode, parent, created, data) VALUES (?, ?, ?, ?, ?, ?, ?)";
const NOTICE_TASK = "INSERT OR IGNORE INTO tasks (account_id, livemode, kind, subject, due_at) VALUES (?, ?, ?, ?, ?)";

/**
 * Writes what attempts changed; returns the ids of settlements that lost their lease, which changed nothing, and the
 * state of the endpoints.
 */
export function settle(
  scope: WorkScope,
  box: SecretBox,
  constant: ConstantHeaders,
  settlements: readonly Settlement[],
  checks: readonly EndpointCheck[],
): { refused: string[]; checked?: EndpointCondition[] } {
  const refused: string[] = [];
  const failing = succeededUnchecked(settlements, checks).filter((id) => scope.get(FAILING, id) !== undefined);
  const all = [...checks, ...failing.map((endpointId) => ({ endpointId, ...FOR_SUCCESS }))];
  /** The recorded attempts of the endpoints to check. */
  const made = new Map<string, AttemptRow[]>(all.map(({ endpointId }) => [endpointId, []]));
  const attempts: SqlValue[] = [];
  const headersText = createJsonOnce();
  /** The endpoints of the settlements, and when their first retry is due. */
  const retries = new Map<string, number | null>();

  for (const settlement of settlements) {
    const { deliveryId, endpointId, attempt, next } = settlement;
    if (!settleDelivery(scope, settlement)) {
      refused.push(deliveryId);
      continue;
    }
    const retryAt = retries.get(endpointId) ?? null;
    if (isListener(endpointId)) retries.delete(endpointId);
    else if (next.state === "pending") {
      scope.due(next.dueAt);
      retries.set(endpointId, retryAt === null ? next.dueAt : Math.min(retryAt, next.dueAt));
    } else retries.set(endpointId, retryAt);
    if (attempt === null) continue;
    made.get(endpointId)?.push(attempt);
    const own = constant.ownHeaders(attempt.requestHeaders);
    attempts.push(
      withinDelivery(deliveryOf(Number(settlement.token)), attempt.number),
      attempt.at,
      attempt.durationMs,
      attempt.outcome,
      attempt.status,
      attempt.reason,
      attempt.retryAfterMs,
      keptPhases(attempt.phases),
      JSON.stringify(own ?? attempt.requestHeaders),
      own === null ? null : constant.n,
      headersText(attempt.responseHeaders),
      attempt.responseBody,
    );
  }
  insertRows(scope, ATTEMPTS, attempts);
  for (const [endpointId, retryAt] of retries) settleLane(scope, endpointId, retryAt);
  if (all.length === 0) return { refused };
  return { refused, checked: all.map((check) => checkEndpoint(scope, box, check, made.get(check.endpointId) ?? [])) };
}

/** Writes a value as JSON. A value that occurs again is written only once. */
function createJsonOnce(): (value: object) => string {
  const texts = new Map<object, string>();
  return (value) => {
    let text = texts.get(value);
    if (text === undefined) {
      text = JSON.stringify(value);
      texts.set(value, text);
    }
    return text;
  };
}

/** Updates an endpoint's health by its attempts, and records the notices to its owner. */
function checkEndpoint(scope: WorkScope, box: SecretBox, check: EndpointCheck, attempts: readonly AttemptRow[]): EndpointCondition {
  const { endpointId } = check;
  const found = scope.get("SELECT * FROM endpoints WHERE id = ?", endpointId);
  // Its account was erased while the attempt was under way.
  if (found === undefined) return { endpointId, troubled: false, changes: [], turn: null };
  const { accountId, livemode, deleted, ...row } = endpointRow(found, box);
  const failures = scope.get("SELECT * FROM endpoint_failures WHERE endpoint_id = ?", endpointId);
  const before: EndpointHealth = { ...row, failures: failures === undefined ? null : endpointFailures(failures) };
  const next: NextHealth = deleted
    ? { after: before, changes: [] }
    : nextHealth(before, attempts, { ...endpointRules(check, platformSettings(scope, accountId)), held: check.held ?? null });
  const { after } = next;
  if (after.firstFailureAt !== before.firstFailureAt || after.toldOf !== before.toldOf)
    scope.run(HEALTH, after.firstFailureAt, after.toldOf, endpointId);
  if (after.status !== before.status) {
    scope.run(DISABLE, endpointId);
    scope.endpointChanged(endpointId);
  }
  if (after.failures !== null && after.failures !== before.failures) {
    const { count, last, held } = after.failures;
    scope.run(FAILURES, endpointId, count, last.at, last.outcome, last.status, last.reason, held?.until ?? null, held?.by ?? null);
  }
  const changes = next.changes.map((change) => ({ ...change, endpointId, accountId, livemode }));
  for (const { notice, task } of changes.map(endpointNotice)) {
    const { id, object, parent, created, data } = notice;
    scope.run(NOTICE, id, object, accountId, Number(livemode), parent, created, JSON.stringify(data));
    scope.run(NOTICE_TASK, accountId, Number(livemode), task.kind, task.subject, task.dueAt);
    scope.taskDue(task.dueAt);
  }
  const turned = turnBetween(before, after);
  return {
    endpointId,
    troubled: after.firstFailureAt !== null || after.toldOf !== null,
    changes,
    turn: turned === null ? null : { ...turned, accountId, livemode },
  };
}

/** Returns whether the settlement's lease was still valid. */
function settleDelivery(scope: WorkScope, { deliveryId, token, attempt, next }: Settlement): boolean {
  const n = deliveryOf(Number(token));
  const lease = nthOf(Number(token));
  const made = attempt === null ? 0 : 1;
  const outcome = attempt === null ? null : outcomeNumber(attempt);
  if (next.state === "pending") return scope.run(SETTLE_SQL.retry, next.dueAt, next.dueAt, made, outcome, n, deliveryId, lease) === 1;
  const endedAt = attempt === null ? null : attempt.at + attempt.durationMs;
  const settled = scope.run(SETTLE_SQL.end, stateNumber(next.state), made, outcome, endedAt, n, deliveryId, lease) === 1;
  if (settled && next.state === "exhausted") noteUnanswered(scope, n);
  return settled;
}
