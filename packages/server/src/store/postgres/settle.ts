import { stateNumber } from "../delivery-codes.ts";
import { deliveryOf, nthOf, withinDelivery } from "../delivery-number.ts";
import type { EndpointHealth, Settlement } from "../store.ts";
import type { AfterCommit } from "./after-commit.ts";
import type { Session } from "./session.ts";

/** The statements of a settlement. */
const SETTLE_SQL = {
  // A retry moves the lease on: a settlement said twice counts once.
  deliveries: `
    UPDATE deliveries d SET
      state = s.state, attempts = d.attempts + s.made,
      lease = CASE WHEN s.state = 0 THEN d.lease + 1 ELSE d.lease END,
      due_at = coalesce(s.due_at, d.due_at), next_attempt_at = coalesce(s.due_at, d.next_attempt_at),
      settled_at = CASE WHEN s.state = 0 THEN NULL ELSE coalesce(s.ended_at, d.next_attempt_at) END
    FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::smallint[], $5::integer[], $6::bigint[], $7::bigint[])
      AS s (n, id, lease, state, made, due_at, ended_at)
    WHERE d.n = s.n AND d.id = s.id AND d.lease = s.lease AND d.state = 0
    RETURNING d.n`,
  attempts: `
    INSERT INTO attempts (key, at, duration_ms, outcome, status, reason, request_headers, response_headers, response_body)
    SELECT * FROM unnest(
      $1::bigint[], $2::bigint[], $3::integer[], $4::text[], $5::smallint[], $6::text[], $7::json[], $8::json[], $9::bytea[]
    )`,
} as const;
const HEALTH = "UPDATE endpoints SET first_failure_at = $1 WHERE id = $2 AND first_failure_at IS DISTINCT FROM $1";
const DISABLE = "UPDATE endpoints SET status = 'disabled', disabled_reason = 'failing' WHERE id = $1 AND status = 'enabled'";

/** Writes what attempts changed; returns the ids of those whose lease is no longer theirs, which changed nothing. */
export async function settle(
  session: Session,
  after: AfterCommit,
  settlements: readonly Settlement[],
  health: readonly EndpointHealth[],
): Promise<{ refused: string[] }> {
  /** One for each token: said twice, the first counts. In the order of the rows, so that two nodes never wait for each other. */
  const said = [...new Map(settlements.toReversed().map((settlement) => [settlement.token, settlement])).values()].sort(
    (one, other) => one.token - other.token,
  );
  const rows = await session.all(
    SETTLE_SQL.deliveries,
    said.map(({ token }) => deliveryOf(token)),
    said.map(({ deliveryId }) => deliveryId),
    said.map(({ token }) => nthOf(token)),
    said.map(({ next }) => stateNumber(next.state)),
    said.map(({ attempt }) => (attempt === null ? 0 : 1)),
    said.map(({ next }) => (next.state === "pending" ? next.dueAt : null)),
    said.map(({ attempt }) => (attempt === null ? null : attempt.at + attempt.durationMs)),
  );
  const settled = new Set(rows.map(({ n }) => n as number));
  const kept = said.filter(({ token }) => settled.has(deliveryOf(token)));
  for (const { next } of kept) if (next.state === "pending") after.due(next.dueAt);
  await keepAttempts(session, kept);
  const lost = new Set(said.filter(({ token }) => !settled.has(deliveryOf(token))).map(({ endpointId }) => endpointId));
  for (const { endpointId } of kept) lost.delete(endpointId);
  for (const { endpointId, firstFailureAt, disable } of health.toSorted((one, other) => (one.endpointId < other.endpointId ? -1 : 1))) {
    if (lost.has(endpointId)) continue;
    await session.run(HEALTH, firstFailureAt, endpointId);
    if (disable) await session.run(DISABLE, endpointId);
  }
  const keeps = new Set(kept);
  return { refused: settlements.filter((settlement) => !keeps.has(settlement)).map(({ deliveryId }) => deliveryId) };
}

async function keepAttempts(session: Session, settlements: readonly Settlement[]): Promise<void> {
  const made = settlements.flatMap(({ token, attempt }) => (attempt === null ? [] : [{ delivery: deliveryOf(token), attempt }]));
  if (made.length === 0) return;
  await session.run(
    SETTLE_SQL.attempts,
    made.map(({ delivery, attempt }) => withinDelivery(delivery, attempt.number)),
    made.map(({ attempt }) => attempt.at),
    made.map(({ attempt }) => attempt.durationMs),
    made.map(({ attempt }) => attempt.outcome),
    made.map(({ attempt }) => attempt.status),
    made.map(({ attempt }) => attempt.reason),
    made.map(({ attempt }) => JSON.stringify(attempt.requestHeaders)),
    made.map(({ attempt }) => JSON.stringify(attempt.responseHeaders)),
    made.map(({ attempt }) => Buffer.from(attempt.responseBody)),
  );
}
