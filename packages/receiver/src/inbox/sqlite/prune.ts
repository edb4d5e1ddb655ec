import type { Pruned, Pruning } from "../inbox.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** The handlers that have pending work, from one to the next in its index: it reads a row of each. */
const WAITING = `WITH RECURSIVE waiting (handler) AS (
  SELECT min(handler) FROM carabiner_work WHERE state = 'pending'
  UNION ALL SELECT (SELECT min(w.handler) FROM carabiner_work w WHERE w.state = 'pending' AND w.handler > waiting.handler)
  FROM waiting WHERE handler IS NOT NULL)`;

/** Removes old data, with a maximum for each kind, within the caller's transaction. */
export function prune(
  db: SqlDatabase,
  { now, receivedBefore, deadBefore, quarantinedBefore, orphanedBefore, handlers, markedBefore, limit }: Pruning,
): Pruned {
  const discard = (which: string, values: Record<string, string | number>): number =>
    Number(
      db
        .prepare(
          `UPDATE carabiner_work SET state = 'discarded', settled_at = :now, lease_until = 0, fence = fence + 1 WHERE (event, handler) IN (${which} LIMIT :limit)`,
        )
        .run({ now, limit, ...values }).changes,
    );
  const dead =
    deadBefore === null
      ? 0
      : discard("SELECT event, handler FROM carabiner_work WHERE state = 'dead' AND settled_at < :before", { before: deadBefore });
  const quarantined =
    quarantinedBefore === null
      ? 0
      : discard(
          "SELECT w.event, w.handler FROM carabiner_work w JOIN carabiner_events e ON e.number = w.event WHERE w.state = 'quarantined' AND e.received_at < :before",
          { before: quarantinedBefore },
        );
  const orphaned =
    orphanedBefore === null
      ? 0
      : discard(
          `${WAITING} SELECT event, handler FROM carabiner_work
           WHERE state = 'pending' AND handler IN (SELECT handler FROM waiting WHERE handler NOT IN (SELECT value FROM json_each(:handlers)))
             AND due_at < :before AND lease_until <= :now`,
          { before: orphanedBefore, handlers: JSON.stringify(handlers) },
        );
  const marks =
    markedBefore === null
      ? 0
      : Number(
          db
            .prepare(
              "DELETE FROM carabiner_marks WHERE (handler, order_key) IN (SELECT handler, order_key FROM carabiner_marks WHERE created < ? LIMIT ?)",
            )
            .run(markedBefore, limit).changes,
        );
  return { events: removeEvents(db, receivedBefore, limit), dead, quarantined, orphaned, marks };
}

/** Removes settled events with their work, the oldest first. */
function removeEvents(db: SqlDatabase, receivedBefore: number, limit: number): number {
  const numbers = db
    .prepare(
      `SELECT number FROM carabiner_events e WHERE received_at < ? AND NOT EXISTS (
         SELECT 1 FROM carabiner_work w WHERE w.event = e.number AND w.state IN ('pending', 'dead', 'quarantined'))
       ORDER BY received_at LIMIT ?`,
    )
    .all(receivedBefore, limit);
  const removals = ["DELETE FROM carabiner_work WHERE event = ?", "DELETE FROM carabiner_copies WHERE event = ?"].map((sql) =>
    db.prepare(sql),
  );
  const removeEvent = db.prepare("DELETE FROM carabiner_events WHERE number = ?");
  for (const { number } of numbers) for (const removal of [...removals, removeEvent]) removal.run(Number(number));
  return numbers.length;
}
