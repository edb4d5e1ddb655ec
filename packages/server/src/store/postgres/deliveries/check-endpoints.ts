import type { EndpointCheck, EndpointCondition, Settlement } from "../../contract/delivery-store.ts";
import { endpointRules } from "../../contract/platform-settings.ts";
import { endpointNotice } from "../../endpoint-notice.ts";
import { type EndpointHealth, type NextHealth, nextHealth, turnBetween } from "../../next-health.ts";
import type { SecretBox } from "../../secret-box.ts";
import { keptJson } from "../database/kept-text.ts";
import type { Session } from "../database/session.ts";
import { platformSettings } from "../rows/platform-settings.ts";
import { endpointFailures, endpointRow } from "../rows/rows.ts";
import type { AfterCommit } from "../transactions/after-commit.ts";

// In the order of their ids, so that two nodes never wait for each other. The node that locks the rows first decides,
// and the next one continues from there.
const LOCK = "SELECT * FROM endpoints WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE";
const FAILURES = "SELECT * FROM endpoint_failures WHERE endpoint_id = ANY($1::text[])";
const HEALTH = "UPDATE endpoints SET first_failure_at = $1, told_of = $2 WHERE id = $3";
const DISABLE = "UPDATE endpoints SET status = 'disabled', disabled_reason = 'failing' WHERE id = $1";
const KEEP_FAILURES = `
  INSERT INTO endpoint_failures (endpoint_id, count, at, outcome, status, reason, held_until, held_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (endpoint_id) DO UPDATE SET
    count = excluded.count, at = excluded.at, outcome = excluded.outcome, status = excluded.status, reason = excluded.reason,
    held_until = excluded.held_until, held_by = excluded.held_by`;
const NOTICE = `
  INSERT INTO objects (id, object, account_id, livemode, parent, created, data) VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (id) DO NOTHING`;
const NOTICE_TASK = `
  INSERT INTO tasks (account_id, livemode, kind, subject, due_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (account_id, livemode, kind, subject) DO NOTHING`;

/** Updates the health of endpoints by the recorded attempts, and records the notices to their owners. */
export async function checkEndpoints(
  session: Session,
  box: SecretBox,
  after: AfterCommit,
  checks: readonly EndpointCheck[],
  kept: readonly Settlement[],
): Promise<EndpointCondition[]> {
  const ids = checks.map(({ endpointId }) => endpointId);
  const rows = new Map((await session.all(LOCK, ids)).map((row) => [row.id as string, endpointRow(row, box)]));
  const failures = new Map((await session.all(FAILURES, ids)).map((row) => [row.endpoint_id as string, endpointFailures(row)]));
  const set = await platformSettings(session, [...new Set([...rows.values()].map(({ accountId }) => accountId))]);
  const conditions: EndpointCondition[] = [];
  for (const check of checks) conditions.push(await checkEndpoint(check));
  return conditions;

  async function checkEndpoint(check: EndpointCheck): Promise<EndpointCondition> {
    const { endpointId } = check;
    const row = rows.get(endpointId);
    // Its account was erased while the attempt was under way.
    if (row === undefined) return { endpointId, troubled: false, changes: [], turn: null };
    const { accountId, livemode } = row;
    const before: EndpointHealth = { ...row, failures: failures.get(endpointId) ?? null };
    const attempts = kept.flatMap((one) => (one.endpointId === endpointId && one.attempt !== null ? [one.attempt] : []));
    const next: NextHealth = row.deleted
      ? { after: before, changes: [] }
      : nextHealth(before, attempts, { ...endpointRules(check, set.get(accountId) ?? null), held: check.held ?? null });
    const now = next.after;
    if (now.firstFailureAt !== before.firstFailureAt || now.toldOf !== before.toldOf)
      await session.run(HEALTH, now.firstFailureAt, now.toldOf, endpointId);
    if (now.status !== before.status) {
      await session.run(DISABLE, endpointId);
      after.endpointChanged(endpointId);
    }
    if (now.failures !== null && now.failures !== before.failures) {
      const { count, last, held } = now.failures;
      const values = [count, last.at, last.outcome, last.status, last.reason, held?.until ?? null, held?.by ?? null];
      await session.run(KEEP_FAILURES, endpointId, ...values);
    }
    const changes = next.changes.map((change) => ({ ...change, endpointId, accountId, livemode }));
    for (const { notice, task } of changes.map(endpointNotice)) {
      const { id, object, parent, created, data } = notice;
      await session.run(NOTICE, id, object, accountId, livemode, parent, created, keptJson(data));
      await session.run(NOTICE_TASK, accountId, livemode, task.kind, task.subject, task.dueAt);
      after.taskDue(task.dueAt);
    }
    const turned = turnBetween(before, now);
    return {
      endpointId,
      troubled: now.firstFailureAt !== null || now.toldOf !== null,
      changes,
      turn: turned === null ? null : { ...turned, accountId, livemode },
    };
  }
}
