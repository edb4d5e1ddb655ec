import type { WorkOfEvent } from "../inbox.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** Selects rows of `carabiner_work` by their event's id and the other given fields. */
const WHICH = `event IN (SELECT number FROM carabiner_events e WHERE e.id = :eventId
    AND (:account IS NULL OR e.account = :account) AND (:livemode IS NULL OR e.livemode = :livemode))
  AND (:handler IS NULL OR handler = :handler)`;

function valuesOf({ eventId, handler, account, livemode }: WorkOfEvent): Record<string, string | number | null> {
  return {
    eventId,
    handler: handler ?? null,
    account: account === undefined ? null : (account ?? ""),
    livemode: livemode === undefined ? null : Number(livemode),
  };
}

/** Like `Inbox.retry`, within the caller's transaction. */
export function retryWork(db: SqlDatabase, which: WorkOfEvent, now: number): number {
  const { changes } = db
    .prepare(
      `UPDATE carabiner_work SET due_at = CASE state WHEN 'dead' THEN :now ELSE min(due_at, :now) END,
         attempts = CASE state WHEN 'dead' THEN 0 ELSE attempts END, state = 'pending', settled_at = NULL
       WHERE ${WHICH} AND (state = 'dead' OR (state = 'pending' AND lease_until <= :now))`,
    )
    .run({ ...valuesOf(which), now });
  return Number(changes);
}

/** Like `Inbox.discard`, within the caller's transaction. */
export function discardWork(db: SqlDatabase, which: WorkOfEvent, now: number): number {
  const { changes } = db
    .prepare(
      `UPDATE carabiner_work SET state = 'discarded', settled_at = :now, lease_until = 0, fence = fence + 1
       WHERE ${WHICH} AND state IN ('pending', 'dead', 'quarantined') AND lease_until <= :now`,
    )
    .run({ ...valuesOf(which), now });
  return Number(changes);
}
