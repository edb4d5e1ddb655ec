import type { PoolClient } from "pg";
import type { Claim, Settlement } from "../inbox.ts";
import type { Tables } from "./schema.ts";
import type { Queryable } from "./transaction.ts";

/** A claim and its outcome, to commit with its handler's transaction. */
interface CommittedWork {
  claim: Pick<Claim, "number" | "handler" | "fence" | "orderKey">;
  settlement: Settlement;
}

/** A claim and its outcome. */
export interface Settled {
  claim: Pick<Claim, "number" | "handler" | "fence">;
  settlement: Settlement;
}

/**
 * Ends claims and raises their objects' marks, in one statement. Returns for each whether it was still held; a lost one
 * changes nothing.
 */
export async function settleWork(client: Queryable, tables: Tables, settled: readonly Settled[]): Promise<boolean[]> {
  const column = <Value>(of: (one: Settled) => Value): Value[] => settled.map(of);
  const { rows } = await client.query<{ place: string }>(
    `WITH given AS (
       SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::integer[], $9::bigint[], $10::boolean[])
         WITH ORDINALITY AS given (event, handler, fence, state, due_at, settled_at, error, uncounted, mark_created, mark_ended, place)),
     settled AS (
       UPDATE ${tables.work} w SET state = given.state, due_at = coalesce(given.due_at, w.due_at), settled_at = given.settled_at,
         error = given.error, attempts = w.attempts - given.uncounted, lease_until = 0, fence = w.fence + 1,
         forced = w.forced AND given.state = 'pending'
       FROM given
       WHERE w.event = given.event AND w.handler = given.handler AND w.fence = given.fence AND w.state = 'pending'
       RETURNING given.place, w.handler, w.order_key, given.mark_created, given.mark_ended),
     marked AS (
       INSERT INTO ${tables.marks} AS known (handler, order_key, created, ended)
       SELECT DISTINCT ON (handler, order_key) handler, order_key, mark_created, mark_ended FROM settled WHERE mark_created IS NOT NULL
       ORDER BY handler, order_key, mark_created DESC, mark_ended DESC
       ON CONFLICT (handler, order_key) DO UPDATE SET ${raised("known")})
     SELECT place FROM settled`,
    [
      column(({ claim }) => claim.number),
      column(({ claim }) => claim.handler),
      column(({ claim }) => claim.fence),
      column(({ settlement: { next } }) => next.state),
      column(({ settlement: { next } }) => (next.state === "pending" ? next.dueAt : null)),
      column(({ settlement: { next, at } }) => (next.state === "pending" || next.state === "quarantined" ? null : at)),
      column(({ settlement }) => settlement.error),
      column(({ settlement }) => (settlement.counts ? 0 : 1)),
      column(({ settlement: { mark } }) => mark?.created ?? null),
      column(({ settlement: { mark } }) => mark?.ended ?? null),
    ],
  );
  const held = new Set(rows.map(({ place }) => Number(place)));
  return settled.map((_, index) => held.has(index + 1));
}

/** Occurs in the error of a commit whose claim was lost. */
const LOST = "carabiner_claim_lost_";

/**
 * The statements that settle one claim and commit its transaction, for one message to the server. If the claim was
 * lost, it fails and commits nothing; `saysLost` recognises that error.
 */
export function settleAndCommit(client: PoolClient, { work, marks }: Tables, { claim, settlement }: CommittedWork): string {
  const { at, next, error, counts, mark } = settlement;
  const handler = client.escapeLiteral(claim.handler);
  const settledAt = next.state === "pending" || next.state === "quarantined" ? "NULL" : Number(at);
  const marked =
    mark === null
      ? ""
      : `INSERT INTO ${marks} AS known (handler, order_key, created, ended)
         VALUES (${handler}, ${client.escapeLiteral(claim.orderKey)}, ${Number(mark.created)}, ${mark.ended})
         ON CONFLICT (handler, order_key) DO UPDATE SET ${raised("known")};`;
  // A text that is not a number ends the transaction.
  return `
    WITH settled AS (
      UPDATE ${work} SET state = '${next.state}', due_at = ${next.state === "pending" ? Number(next.dueAt) : "due_at"}, settled_at = ${settledAt},
        error = ${error === null ? "NULL" : client.escapeLiteral(error)}, attempts = attempts - ${counts ? 0 : 1}, lease_until = 0,
        fence = fence + 1, forced = forced AND ${next.state === "pending"}
      WHERE event = ${Number(claim.number)} AND handler = ${handler} AND fence = ${Number(claim.fence)} AND state = 'pending'
      RETURNING 1)
    SELECT CASE WHEN count(*) = 1 THEN 1 ELSE ('${LOST}' || count(*))::integer END FROM settled;
    ${marked}
    COMMIT`;
}

/** Whether an error is the one of `settleAndCommit` for a lost claim. */
export function saysLost(error: unknown): boolean {
  return error instanceof Error && error.message.includes(LOST);
}

/** The same rule as `raisedMark`. `known`: the name of the existing row. */
export function raised(known: string): string {
  return `ended = CASE WHEN excluded.created > ${known}.created THEN excluded.ended
      WHEN excluded.created = ${known}.created THEN ${known}.ended OR excluded.ended ELSE ${known}.ended END,
    created = greatest(${known}.created, excluded.created)`;
}
