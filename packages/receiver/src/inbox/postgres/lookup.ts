import type { Depth, EventKey, InboxEvent, NewWork, WorkFilter, WorkRow, WorkState } from "../inbox.ts";
import { type EventRow, eventOf } from "./rows.ts";
import type { Tables } from "./schema.ts";
import type { Queryable } from "./transaction.ts";

export async function findEvent(
  client: Queryable,
  { events }: Tables,
  key: EventKey,
): Promise<{ number: string; event: InboxEvent } | null> {
  const { rows } = await client.query<EventRow>(
    `SELECT * FROM ${events} WHERE source = $1 AND livemode = $2 AND account = $3 AND id = $4`,
    [key.source, key.livemode, key.account ?? "", key.id],
  );
  const [row] = rows;
  return row === undefined ? null : { number: row.number, event: eventOf(row) };
}

export async function findEventsById(client: Queryable, { events }: Tables, id: string): Promise<InboxEvent[]> {
  const { rows } = await client.query<EventRow>(`SELECT * FROM ${events} WHERE id = $1 ORDER BY number`, [id]);
  return rows.map(eventOf);
}

export async function nextDueAt(client: Queryable, { work }: Tables, handlers: readonly string[]): Promise<number | null> {
  const { rows } = await client.query<{ next: string | null }>(
    `SELECT min(greatest(due_at, lease_until)) AS next FROM ${work} WHERE state = 'pending' AND handler = ANY($1)`,
    [handlers],
  );
  const next = rows[0]?.next ?? null;
  return next === null ? null : Number(next);
}

interface ListedRow extends EventRow {
  handler: string;
  state: WorkState;
  attempts: number;
  due_at: string;
  error: string | null;
  settled_at: string | null;
}

/** Work, the newest event first. */
export async function workRows(client: Queryable, tables: Tables, filter: WorkFilter): Promise<WorkRow[]> {
  const values: unknown[] = [];
  const conditions = ["true"];
  const where = (column: string, value: unknown): void => {
    if (value !== undefined) conditions.push(`${column} = $${values.push(value)}`);
  };
  where("w.state", filter.state);
  where("w.handler", filter.handler);
  where("e.id", filter.eventId);
  where("e.account", filter.account === null ? "" : filter.account);
  where("e.livemode", filter.livemode);
  const { rows } = await client.query<ListedRow>(
    `SELECT e.*, w.handler, w.state, w.attempts, w.due_at, w.error, w.settled_at
     FROM ${tables.work} w JOIN ${tables.events} e ON e.number = w.event
     WHERE ${conditions.join(" AND ")} ORDER BY e.number DESC, w.handler LIMIT $${values.push(filter.limit)}`,
    values,
  );
  return rows.map((row) => {
    const { source, livemode, account, id, type, endpoint, created, receivedAt } = eventOf(row);
    return {
      event: { source, livemode, account, id, type, endpoint, created, receivedAt },
      handler: row.handler,
      state: row.state,
      attempts: row.attempts,
      dueAt: Number(row.due_at),
      error: row.error,
      settledAt: row.settled_at === null ? null : Number(row.settled_at),
    };
  });
}

/** Makes work of an event due again, and adds what is new. Returns how many pieces. */
export async function replayWork(client: Queryable, tables: Tables, key: EventKey, work: readonly NewWork[]): Promise<number> {
  const found = await findEvent(client, tables, key);
  if (found === null) return 0;
  let replayed = 0;
  for (const { handler, order, orderKey, dueAt } of work) {
    const { rowCount } = await client.query(
      `INSERT INTO ${tables.work} AS known (event, handler, sequence, order_key, created, rank, state, due_at, forced)
       VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, true)
       ON CONFLICT (event, handler) DO UPDATE SET state = 'pending', sequence = excluded.sequence, order_key = excluded.order_key,
         due_at = excluded.due_at, attempts = 0, lease_until = 0, fence = known.fence + 1, forced = true, error = NULL, settled_at = NULL
       WHERE known.state <> 'pending' OR known.lease_until <= excluded.due_at`,
      [found.number, handler, order, orderKey, found.event.created, found.event.rank, dueAt],
    );
    replayed += rowCount ?? 0;
  }
  return replayed;
}

/** Makes dead letters due again, the oldest first. */
export async function replayDeadWork(
  client: Queryable,
  { work }: Tables,
  { now, limit, handlers }: { now: number; limit: number; handlers: readonly string[] },
): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE ${work} SET state = 'pending', due_at = $1, attempts = 0, settled_at = NULL WHERE (event, handler) IN (
       SELECT event, handler FROM ${work} WHERE state = 'dead' AND handler = ANY($2) ORDER BY event LIMIT $3 FOR UPDATE SKIP LOCKED)`,
    [now, handlers, limit],
  );
  return rowCount ?? 0;
}

/** Removes settled events with their work, the oldest first. */
export async function pruneEvents(
  client: Queryable,
  { events, work }: Tables,
  { receivedBefore, limit }: { receivedBefore: number; limit: number },
): Promise<number> {
  const { rows } = await client.query<{ number: string }>(
    `DELETE FROM ${events} WHERE number IN (
       SELECT number FROM ${events} e WHERE received_at < $1 AND NOT EXISTS (
         SELECT 1 FROM ${work} w WHERE w.event = e.number AND w.state IN ('pending', 'dead', 'quarantined'))
       ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING number`,
    [receivedBefore, limit],
  );
  await client.query(`DELETE FROM ${work} WHERE event = ANY($1::bigint[])`, [rows.map(({ number }) => number)]);
  return rows.length;
}

export async function depthOf(client: Queryable, { events, work }: Tables): Promise<Depth> {
  const depth: Depth = {
    work: { pending: 0, done: 0, dead: 0, discarded: 0, stale: 0, cancelled: 0, quarantined: 0 },
    oldestPendingAt: null,
  };
  const { rows } = await client.query<{ state: WorkState; count: string }>(`SELECT state, count(*) AS count FROM ${work} GROUP BY state`);
  for (const { state, count } of rows) depth.work[state] = Number(count);
  const oldest = await client.query<{ at: string | null }>(
    `SELECT min(e.received_at) AS at FROM ${work} w JOIN ${events} e ON e.number = w.event WHERE w.state = 'pending'`,
  );
  const at = oldest.rows[0]?.at ?? null;
  return at === null ? depth : { ...depth, oldestPendingAt: Number(at) };
}
