import type { Claim, Settlement } from "../inbox.ts";
import type { Tables } from "./schema.ts";
import type { Queryable } from "./transaction.ts";

/** Ends a claim and raises its object's mark, in one statement. False, with nothing changed, when the claim was lost. */
export async function settleWork(
  client: Queryable,
  tables: Tables,
  { number, handler, fence }: Claim,
  { at, next, error, counts, mark }: Settlement,
): Promise<boolean> {
  const { rows } = await client.query(
    `WITH settled AS (
       UPDATE ${tables.work} SET state = $4, due_at = coalesce($5::bigint, due_at), settled_at = $6, error = $7, attempts = attempts - $8,
         lease_until = 0, fence = fence + 1, forced = forced AND $4 = 'pending'
       WHERE event = $1 AND handler = $2 AND fence = $3 AND state = 'pending'
       RETURNING handler, order_key),
     marked AS (
       INSERT INTO ${tables.marks} AS known (handler, order_key, created, ended)
       SELECT handler, order_key, $9::bigint, $10::boolean FROM settled WHERE $9::bigint IS NOT NULL
       ON CONFLICT (handler, order_key) DO UPDATE
         SET created = greatest(known.created, excluded.created), ended = known.ended OR excluded.ended)
     SELECT 1 FROM settled`,
    [
      number,
      handler,
      fence,
      next.state,
      next.state === "pending" ? next.dueAt : null,
      next.state === "pending" || next.state === "quarantined" ? null : at,
      error,
      counts ? 0 : 1,
      mark?.created ?? null,
      mark?.ended ?? null,
    ],
  );
  return rows.length > 0;
}
