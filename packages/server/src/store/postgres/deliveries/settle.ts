import type { EndpointCheck, EndpointCondition, Settlement } from "../../contract/delivery-store.ts";
import { isListener } from "../../contract/is-listener.ts";
import type { AttemptRow } from "../../contract/rows.ts";
import { FIRST_FAILURE, outcomeNumber, stateNumber } from "../../delivery-codes.ts";
import { keptPhases } from "../../kept-phases.ts";
import { FOR_SUCCESS, succeededUnchecked } from "../../next-health.ts";
import type { SecretBox } from "../../secret-box.ts";
import type { Session, SqlRow, SqlValue } from "../database/session.ts";
import { type Lease, leaseOf, leaseToken } from "../rows/lease-token.ts";
import type { AfterCommit } from "../transactions/after-commit.ts";
import { BEGIN, type Transactions } from "../transactions/transactions.ts";
import { checkEndpoints } from "./check-endpoints.ts";

/** The columns of an attempt, in the settlements' form. */
const ATTEMPT =
  "number, at, duration_ms, outcome, status, reason, retry_after_ms, phases, request_headers, response_headers, response_body";

/**
 * The input: a row for each settlement. Numbers that are never null are taken from their lists one by one: see
 * `held-writes.ts`.
 */
const SAID = `
  SELECT s.*, ($3::integer[])[i] AS held, ($4::smallint[])[i] AS state, ($5::integer[])[i] AS made
  FROM unnest(
      $1::bigint[], $2::text[], $6::bigint[], $7::bigint[], $8::smallint[], $9::integer[], $10::bigint[], $11::integer[], $12::text[],
      $13::smallint[], $14::text[], $15::bigint[], $16::text[], $17::json[], $18::json[], $19::bytea[]
    ) WITH ORDINALITY AS s (n, id, due_at, ended_at, last_outcome, ${ATTEMPT}, i)`;

const SETTLED = `
  state = s.state, attempts = d.attempts + s.made, last_outcome = coalesce(s.last_outcome, d.last_outcome),
  gave_up = CASE WHEN s.state >= 2 THEN s.state END,
  failed_with = CASE WHEN coalesce(s.last_outcome, d.last_outcome) >= ${FIRST_FAILURE} THEN coalesce(s.last_outcome, d.last_outcome) END,
  troubled_account = CASE WHEN coalesce(s.last_outcome, d.last_outcome) >= ${FIRST_FAILURE} OR s.state IN (2, 4)
    THEN coalesce(d.troubled_account, (SELECT e.account_id FROM events e WHERE e.n = d.event)) END,
  next_attempt_at = coalesce(s.due_at, d.next_attempt_at),
  settled_at = CASE WHEN s.state = 0 THEN NULL ELSE coalesce(s.ended_at, d.next_attempt_at) END`;

const OF_ATTEMPT = ATTEMPT.split(", ")
  .map((column) => `s.${column}`)
  .join(", ");

const KEPT = `
  INSERT INTO attempts (delivery, account_id, ${ATTEMPT}) SELECT n, account_id, ${ATTEMPT} FROM settled WHERE made > 0`;

/** The failing endpoints among those with a success. */
const FAILING = "SELECT id FROM endpoints WHERE id = ANY($20::text[]) AND (first_failure_at IS NOT NULL OR told_of IS NOT NULL)";

/**
 * A retry advances the lease, so a repeated settlement counts once. A delivery that has ended is no longer pending. The
 * same statement writes the deliveries and attempts whose lease was still valid; no index contains a column that a
 * success changes.
 */
const SETTLE = `
  WITH said AS MATERIALIZED (${SAID}), gone AS (
    DELETE FROM pending q USING said s JOIN deliveries d ON d.n = s.n AND d.id = s.id
    WHERE q.n = s.n AND q.lease = s.held AND s.state > 0 RETURNING s.*
  ), put_off AS (
    UPDATE pending q SET lease = q.lease + 1, attempts = q.attempts + s.made, due_at = coalesce(s.due_at, q.due_at),
      next_attempt_at = coalesce(s.due_at, q.next_attempt_at)
    FROM said s JOIN deliveries d ON d.n = s.n AND d.id = s.id
    WHERE q.n = s.n AND q.lease = s.held AND s.state = 0 RETURNING s.*
  ), settled AS (
    UPDATE deliveries d SET ${SETTLED} FROM (SELECT * FROM gone UNION ALL SELECT * FROM put_off) AS s WHERE d.n = s.n
    RETURNING d.n, d.account_id, s.held, s.made, ${OF_ATTEMPT}
  ), kept AS (${KEPT})
  SELECT n, held, NULL AS failing FROM settled UNION ALL SELECT NULL, NULL, id FROM (${FAILING}) AS failing`;

/**
 * The same for settlements that all end deliveries and whose leases are all still valid: nothing is looked up twice or
 * carried from one step to the next. If a lease is not valid, the statement fails and changes nothing. Rows are in the
 * order of their numbers. `IS TRUE` stops PostgreSQL from using the index of ids, where neighbours are far apart. It
 * returns the endpoints that fail.
 */
const END_ALL = `
  WITH gone AS (
    DELETE FROM pending WHERE n = ANY($1::bigint[]) RETURNING n, lease
  ), valid AS MATERIALIZED (
    SELECT array_agg(lease ORDER BY n) = $3::integer[] AS held FROM gone
  ), settled AS (
    UPDATE deliveries d SET ${SETTLED} FROM (${SAID}) AS s, valid
    WHERE d.n = s.n AND (d.id = s.id) IS TRUE AND valid.held
    RETURNING d.n, d.account_id, s.made, ${OF_ATTEMPT}
  ), kept AS (${KEPT}), refused AS MATERIALIZED (
    SELECT refuse_outdated() WHERE (SELECT count(*) FROM settled) <> cardinality($1::bigint[])
  )
  SELECT id AS failing FROM (${FAILING}) AS failing WHERE (SELECT count(*) FROM refused) = 0`;

/** A settlement whose token may be one of this store's, with the content of the token. */
interface Said extends Lease {
  settlement: Settlement;
}

/**
 * Writes what attempts changed; returns the ids of settlements that lost their lease, which changed nothing. One
 * message, with its commit.
 */
export async function settle(
  transactions: Transactions,
  after: AfterCommit,
  settlements: readonly Settlement[],
): Promise<{ refused: string[]; succeeded: Succeeded }> {
  const said = saidBy(settlements);
  const values = [...valuesOf(said), succeededUnchecked(settlements, [])];
  let presumed = said.every(({ settlement: { next } }) => next.state !== "pending");
  const { allHeld, rows } = await transactions.run(
    BEGIN.committed,
    async (session) => {
      // The statement is run again when a lease was not valid.
      const allHeld = presumed;
      presumed = false;
      return { allHeld, rows: session.sendForRows(allHeld ? END_ALL : SETTLE, values) };
    },
    { single: true },
  );
  const kept = keptOf(said, allHeld ? null : await rows, after);
  return { refused: refusedOf(settlements, kept), succeeded: { endpointIds: failingOf(await rows), settlements: [...kept] } };
}

/** Settlements that were kept, and the endpoints with a success among them that fail. */
interface Succeeded {
  endpointIds: readonly string[];
  settlements: readonly Settlement[];
}

/** Lets successes end the failures of endpoints that did not count as failing when they were claimed. */
export function endFailures(
  session: Session,
  box: SecretBox,
  after: AfterCommit,
  { endpointIds, settlements }: Succeeded,
): Promise<EndpointCondition[]> {
  return checkEndpoints(session, box, after, checksFor(endpointIds), settlements);
}

/** The same, and the state of the endpoints that the attempts were to check. */
export async function settleAndCheck(
  session: Session,
  box: SecretBox,
  after: AfterCommit,
  settlements: readonly Settlement[],
  checks: readonly EndpointCheck[],
): Promise<{ refused: string[]; checked: EndpointCondition[] }> {
  const said = saidBy(settlements);
  const rows = await session.all(SETTLE, ...valuesOf(said), succeededUnchecked(settlements, checks));
  const kept = keptOf(said, rows, after);
  const made = settlements.filter((settlement) => kept.has(settlement));
  const all = [...checks, ...checksFor(failingOf(rows))];
  return { refused: refusedOf(settlements, kept), checked: await checkEndpoints(session, box, after, all, made) };
}

const failingOf = (rows: readonly SqlRow[]): string[] => rows.flatMap(({ failing }) => (failing === null ? [] : [failing as string]));

const checksFor = (endpointIds: readonly string[]): EndpointCheck[] => endpointIds.map((endpointId) => ({ endpointId, ...FOR_SUCCESS }));

/**
 * One settlement for each token: the first counts. In the order of the rows, so that two nodes never wait for each
 * other.
 */
function saidBy(settlements: readonly Settlement[]): Said[] {
  return [...new Map(settlements.toReversed().map((settlement) => [settlement.token, settlement])).values()]
    .flatMap((settlement) => {
      const lease = leaseOf(settlement.token);
      return lease === null ? [] : [{ settlement, ...lease }];
    })
    .sort((one, other) => one.delivery - other.delivery || one.lease - other.lease);
}

/**
 * The settlements whose lease was still valid: `rows` names them, or null means all. Reports when the next of them is
 * due, and returned deliveries of listeners, which may have moved to another node.
 */
function keptOf(said: readonly Said[], rows: readonly SqlRow[] | null, after: AfterCommit): ReadonlySet<Settlement> {
  const held = rows && new Set(rows.filter(({ n }) => n !== null).map((row) => leaseToken(row.n as number, row.held as number)));
  const kept = new Set<Settlement>();
  for (const { settlement } of said) {
    if (held !== null && !held.has(String(settlement.token))) continue;
    kept.add(settlement);
    const { next, endpointId, attempt } = settlement;
    if (next.state !== "pending") continue;
    if (!isListener(endpointId)) after.due(next.dueAt);
    else if (attempt === null) after.owedToListener(endpointId);
  }
  return kept;
}

function refusedOf(settlements: readonly Settlement[], kept: ReadonlySet<Settlement>): string[] {
  return settlements.filter((settlement) => !kept.has(settlement)).map(({ deliveryId }) => deliveryId);
}

/** The values of `SETTLE`: a list for each column. */
function valuesOf(said: readonly Said[]): SqlValue[] {
  const attempts = said.map(({ settlement: { attempt } }) => attempt);
  const of = <T>(value: (attempt: AttemptRow) => T): (T | null)[] => attempts.map((attempt) => (attempt === null ? null : value(attempt)));
  return [
    said.map(({ delivery }) => delivery),
    said.map(({ settlement }) => settlement.deliveryId),
    said.map(({ lease }) => lease),
    said.map(({ settlement: { next } }) => stateNumber(next.state)),
    attempts.map((attempt) => (attempt === null ? 0 : 1)),
    said.map(({ settlement: { next } }) => (next.state === "pending" ? next.dueAt : null)),
    of(({ at, durationMs }) => at + durationMs),
    of(outcomeNumber),
    of(({ number }) => number),
    of(({ at }) => at),
    of(({ durationMs }) => durationMs),
    of(({ outcome }) => outcome),
    of(({ status }) => status),
    of(({ reason }) => reason),
    of(({ retryAfterMs }) => retryAfterMs),
    of(({ phases }) => keptPhases(phases)),
    of(({ requestHeaders }) => JSON.stringify(requestHeaders)),
    of(({ responseHeaders }) => JSON.stringify(responseHeaders)),
    of(({ responseBody }) => Buffer.from(responseBody)),
  ];
}
