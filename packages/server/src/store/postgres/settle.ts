import type { EndpointCheck, EndpointCondition, Settlement } from "../contract/delivery-store.ts";
import { isListener } from "../contract/is-listener.ts";
import type { AttemptRow } from "../contract/rows.ts";
import { outcomeNumber, stateNumber } from "../delivery-codes.ts";
import { keptPhases } from "../kept-phases.ts";
import type { SecretBox } from "../secret-box.ts";
import type { AfterCommit } from "./after-commit.ts";
import { checkEndpoints } from "./check-endpoints.ts";
import { leaseOf, leaseToken } from "./lease-token.ts";
import type { Session } from "./session.ts";

/** The statements of a settlement. */
const SETTLE_SQL = {
  // A retry advances the lease: a repeated settlement counts once. The row is found by its number: with the state
  // written as in the index of pending deliveries, PostgreSQL might read all of that index instead.
  deliveries: `
    UPDATE deliveries d SET
      state = s.state, attempts = d.attempts + s.made, last_outcome = coalesce(s.outcome, d.last_outcome),
      lease = CASE WHEN s.state = 0 THEN d.lease + 1 ELSE d.lease END,
      due_at = coalesce(s.due_at, d.due_at), next_attempt_at = coalesce(s.due_at, d.next_attempt_at),
      settled_at = CASE WHEN s.state = 0 THEN NULL ELSE coalesce(s.ended_at, d.next_attempt_at) END
    FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::smallint[], $5::integer[], $6::bigint[], $7::bigint[], $8::smallint[])
      AS s (n, id, lease, state, made, due_at, ended_at, outcome)
    WHERE d.n = s.n AND d.id = s.id AND d.lease = s.lease AND d.state < 1
    RETURNING d.n, s.lease, d.account_id`,
  attempts: `
    INSERT INTO attempts (
      delivery, number, account_id, at, duration_ms, outcome, status, reason, retry_after_ms, phases, request_headers,
      response_headers, response_body
    )
    SELECT * FROM unnest(
      $1::bigint[], $2::integer[], $3::text[], $4::bigint[], $5::integer[], $6::text[], $7::smallint[], $8::text[], $9::bigint[],
      $10::text[], $11::json[], $12::json[], $13::bytea[]
    )`,
} as const;

/**
 * Writes what attempts changed; returns the ids of settlements that lost their lease, which changed nothing, and the
 * state of the endpoints.
 */
export async function settle(
  session: Session,
  box: SecretBox,
  after: AfterCommit,
  settlements: readonly Settlement[],
  checks: readonly EndpointCheck[],
): Promise<{ refused: string[]; checked?: EndpointCondition[] }> {
  /** One for each token: the first counts. In the order of the rows, so that two nodes never wait for each other. */
  const said = [...new Map(settlements.toReversed().map((settlement) => [settlement.token, settlement])).values()]
    .flatMap((settlement) => {
      const lease = leaseOf(settlement.token);
      return lease === null ? [] : [{ settlement, ...lease }];
    })
    .sort((one, other) => one.delivery - other.delivery || one.lease - other.lease);
  const rows = await session.all(
    SETTLE_SQL.deliveries,
    said.map(({ delivery }) => delivery),
    said.map(({ settlement }) => settlement.deliveryId),
    said.map(({ lease }) => lease),
    said.map(({ settlement: { next } }) => stateNumber(next.state)),
    said.map(({ settlement: { attempt } }) => (attempt === null ? 0 : 1)),
    said.map(({ settlement: { next } }) => (next.state === "pending" ? next.dueAt : null)),
    said.map(({ settlement: { attempt } }) => (attempt === null ? null : attempt.at + attempt.durationMs)),
    said.map(({ settlement: { attempt } }) => (attempt === null ? null : outcomeNumber(attempt))),
  );
  /** The accounts of those whose lease was still valid. */
  const accounts = new Map(rows.map(({ n, lease, account_id }) => [leaseToken(n as number, lease as number), account_id as string]));
  const kept = said.filter(({ settlement }) => accounts.has(String(settlement.token)));
  const keeps = new Set(kept.map(({ settlement }) => settlement));
  for (const { endpointId, next } of keeps) if (next.state === "pending" && !isListener(endpointId)) after.due(next.dueAt);
  await keepAttempts(
    session,
    kept.flatMap(({ settlement: { token, attempt }, delivery }) =>
      attempt === null ? [] : [{ delivery, accountId: accounts.get(String(token)) as string, attempt }],
    ),
  );
  const refused = settlements.filter((settlement) => !keeps.has(settlement)).map(({ deliveryId }) => deliveryId);
  if (checks.length === 0) return { refused };
  const made = settlements.filter((settlement) => keeps.has(settlement));
  return { refused, checked: await checkEndpoints(session, box, after, checks, made) };
}

async function keepAttempts(
  session: Session,
  made: readonly { delivery: number; accountId: string; attempt: AttemptRow }[],
): Promise<void> {
  if (made.length === 0) return;
  await session.run(
    SETTLE_SQL.attempts,
    made.map(({ delivery }) => delivery),
    made.map(({ attempt }) => attempt.number),
    made.map(({ accountId }) => accountId),
    made.map(({ attempt }) => attempt.at),
    made.map(({ attempt }) => attempt.durationMs),
    made.map(({ attempt }) => attempt.outcome),
    made.map(({ attempt }) => attempt.status),
    made.map(({ attempt }) => attempt.reason),
    made.map(({ attempt }) => attempt.retryAfterMs),
    made.map(({ attempt }) => keptPhases(attempt.phases)),
    made.map(({ attempt }) => JSON.stringify(attempt.requestHeaders)),
    made.map(({ attempt }) => JSON.stringify(attempt.responseHeaders)),
    made.map(({ attempt }) => Buffer.from(attempt.responseBody)),
  );
}
