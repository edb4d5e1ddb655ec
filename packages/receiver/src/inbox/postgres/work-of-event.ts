import type { WorkOfEvent } from "../inbox.ts";
import type { Tables } from "./schema.ts";
import type { Queryable } from "./transaction.ts";

/** Selects the work: `$2` to `$5` are the values of `valuesOf`. */
function which({ events }: Tables): string {
  return `event IN (SELECT number FROM ${events} e WHERE e.id = $2
      AND ($3::text IS NULL OR e.account = $3) AND ($4::boolean IS NULL OR e.livemode = $4))
    AND ($5::text IS NULL OR handler = $5)`;
}

function valuesOf({ eventId, handler, account, livemode }: WorkOfEvent): unknown[] {
  return [eventId, account === undefined ? null : (account ?? ""), livemode ?? null, handler ?? null];
}

/** Like `Inbox.retry`. */
export async function retryWork(client: Queryable, tables: Tables, given: WorkOfEvent, now: number): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE ${tables.work} SET due_at = CASE state WHEN 'dead' THEN $1 ELSE least(due_at, $1) END,
       attempts = CASE state WHEN 'dead' THEN 0 ELSE attempts END, state = 'pending', settled_at = NULL
     WHERE ${which(tables)} AND (state = 'dead' OR (state = 'pending' AND lease_until <= $1))`,
    [now, ...valuesOf(given)],
  );
  return rowCount ?? 0;
}

/** Like `Inbox.discard`. */
export async function discardWork(client: Queryable, tables: Tables, given: WorkOfEvent, now: number): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE ${tables.work} SET state = 'discarded', settled_at = $1, lease_until = 0, fence = fence + 1
     WHERE ${which(tables)} AND state IN ('pending', 'dead', 'quarantined') AND lease_until <= $1`,
    [now, ...valuesOf(given)],
  );
  return rowCount ?? 0;
}
