import type { Pruned, Pruning } from "../inbox.ts";
import type { Tables } from "./schema.ts";
import type { Queryable } from "./transaction.ts";

/** Removes old data, with a maximum for each kind, within a transaction. */
export async function prune(
  client: Queryable,
  { events, work, marks, copies }: Tables,
  { now, receivedBefore, deadBefore, quarantinedBefore, orphanedBefore, handlers, markedBefore, limit }: Pruning,
): Promise<Pruned> {
  const discard = async (before: number | null, which: string, more: readonly unknown[] = [], most = limit): Promise<number> => {
    if (before === null) return 0;
    const { rowCount } = await client.query(
      `UPDATE ${work} SET state = 'discarded', settled_at = $1, lease_until = 0, fence = fence + 1 WHERE (event, handler) IN (
         ${which} LIMIT $3 FOR UPDATE OF w SKIP LOCKED)`,
      [now, before, most, ...more],
    );
    return rowCount ?? 0;
  };
  const dead = await discard(deadBefore, `SELECT w.event, w.handler FROM ${work} w WHERE w.state = 'dead' AND w.settled_at < $2`);
  const quarantined = await discard(
    quarantinedBefore,
    `SELECT w.event, w.handler FROM ${work} w JOIN ${events} e ON e.number = w.event WHERE w.state = 'quarantined' AND e.received_at < $2`,
  );
  let orphaned = 0;
  for (const order of ["=", "<>"]) orphaned += await discard(orphanedBefore, orphans(work, order), [handlers], limit - orphaned);
  let removedMarks = 0;
  if (markedBefore !== null) {
    const { rowCount } = await client.query(
      `DELETE FROM ${marks} WHERE (handler, order_key) IN (
         SELECT handler, order_key FROM ${marks} WHERE created < $1 ORDER BY created LIMIT $2 FOR UPDATE SKIP LOCKED)`,
      [markedBefore, limit],
    );
    removedMarks = rowCount ?? 0;
  }
  const { rows } = await client.query<{ number: string }>(
    `DELETE FROM ${events} WHERE number IN (
       SELECT number FROM ${events} e WHERE received_at < $1 AND NOT EXISTS (
         SELECT 1 FROM ${work} w WHERE w.event = e.number AND w.state IN ('pending', 'dead', 'quarantined'))
       ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING number`,
    [receivedBefore, limit],
  );
  const numbers = rows.map(({ number }) => number);
  for (const table of [work, copies]) await client.query(`DELETE FROM ${table} WHERE event = ANY($1::bigint[])`, [numbers]);
  return { events: rows.length, dead, quarantined, orphaned, marks: removedMarks };
}

/**
 * Due work of handlers that are not in `$4`, with or without an order: each kind has an index. The handlers that have
 * some are found from one to the next in it, by a row of each, and their work in its order.
 */
function orphans(work: string, order: string): string {
  const pending = `state = 'pending' AND sequence ${order} 'any'`;
  return `WITH RECURSIVE waiting (handler) AS (
      SELECT (SELECT min(handler) FROM ${work} WHERE ${pending})
      UNION ALL SELECT (SELECT min(handler) FROM ${work} WHERE ${pending} AND handler > waiting.handler) FROM waiting WHERE handler IS NOT NULL)
    SELECT w.event, w.handler FROM waiting CROSS JOIN LATERAL (
      SELECT event, handler FROM ${work}
      WHERE ${pending} AND handler = waiting.handler AND due_at < $2 AND lease_until <= $1
      ORDER BY due_at, created, rank, event LIMIT $3) w
    WHERE NOT waiting.handler = ANY($4)`;
}
