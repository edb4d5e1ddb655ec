import { depthFrom, type HeldWork } from "../held-work.ts";
import type { DeadLetters, Depth, DepthRequest, EventKey, InboxEvent, NewWork, WorkFilter, WorkRow, WorkState } from "../inbox.ts";
import { EVENT_COLUMNS, type EventRow, eventOf } from "./rows.ts";
import { HELD, type Tables } from "./schema.ts";
import type { Queryable } from "./transaction.ts";

/** The columns of an event as it first came, from the table as `e`. */
const WHOLE_EVENT = `${EVENT_COLUMNS}, e.endpoint, e.api_version, e.body, e.received_at`;
/** How much of a handler's work is scanned for the next expiring lease. Leased work comes first. */
const LOOKED_AT = 100;

export async function findEvent(
  client: Queryable,
  { events }: Tables,
  key: EventKey,
): Promise<{ number: string; event: InboxEvent } | null> {
  const { rows } = await client.query<EventRow>(
    `SELECT ${WHOLE_EVENT} FROM ${events} e WHERE e.source = $1 AND e.livemode = $2 AND e.account = $3 AND e.id = $4`,
    [key.source, key.livemode, key.account ?? "", key.id],
  );
  const [row] = rows;
  return row === undefined ? null : { number: row.number, event: eventOf(row) };
}

export async function findEventsById(client: Queryable, { events }: Tables, id: string): Promise<InboxEvent[]> {
  const { rows } = await client.query<EventRow>(`SELECT ${WHOLE_EVENT} FROM ${events} e WHERE e.id = $1 ORDER BY e.number`, [id]);
  return rows.map(eventOf);
}

/** When work of these handlers next falls due, or its lease expires. */
export async function nextDueAt(client: Queryable, { work }: Tables, handlers: readonly string[], now: number): Promise<number | null> {
  // Each kind of work has its own index, in the order it is due.
  const soonest = (kind: string): string => `
    (SELECT due_at FROM ${work} WHERE state = 'pending' AND sequence ${kind} 'any' AND handler = wanted.handler AND lease_until <= $2
     ORDER BY due_at LIMIT 1)`;
  const leased = (kind: string): string => `
    (SELECT min(greatest(due_at, lease_until)) FROM (
      SELECT due_at, lease_until FROM ${work} WHERE state = 'pending' AND sequence ${kind} 'any' AND handler = wanted.handler
      ORDER BY due_at LIMIT ${LOOKED_AT}) first)`;
  const { rows } = await client.query<{ next: string | null }>(
    `SELECT min(least(${[soonest("="), soonest("<>"), leased("="), leased("<>")].join(", ")})) AS next
     FROM unnest($1::text[]) AS wanted (handler)`,
    [handlers, now],
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
  where("e.type", filter.type);
  if (filter.settledSince !== undefined) conditions.push(`w.settled_at >= $${values.push(filter.settledSince)}`);
  where("e.account", filter.account === null ? "" : filter.account);
  where("e.livemode", filter.livemode);
  const { rows } = await client.query<ListedRow>(
    `SELECT ${WHOLE_EVENT}, w.handler, w.state, w.attempts, w.due_at, w.error, w.settled_at
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

/** Makes an event's work due again, and adds new work. Returns the number of pieces. */
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
  { work, events }: Tables,
  { now, limit, handlers, type, since, dryRun = false }: DeadLetters & { now: number; limit: number },
): Promise<number> {
  const which = `
    SELECT w.event, w.handler FROM ${work} w
    WHERE w.state = 'dead' AND w.handler = ANY($1) AND ($3::bigint IS NULL OR w.settled_at >= $3)
      AND ($4::text IS NULL OR (SELECT e.type FROM ${events} e WHERE e.number = w.event) = $4)
    ORDER BY w.event LIMIT $2`;
  const given = [handlers, limit, since ?? null, type ?? null];
  if (dryRun) {
    const { rows } = await client.query<{ count: string }>(`SELECT count(*) AS count FROM (${which}) dead`, given);
    return Number(rows[0]?.count);
  }
  const { rowCount } = await client.query(
    `UPDATE ${work} SET state = 'pending', due_at = $5, attempts = 0, settled_at = NULL
     WHERE (event, handler) IN (${which} FOR UPDATE SKIP LOCKED)`,
    [...given, now],
  );
  return rowCount ?? 0;
}

export async function depthOf(client: Queryable, { events, work }: Tables, { settled = false }: DepthRequest = {}): Promise<Depth> {
  const counted = HELD.map(
    (condition) => `SELECT handler, state, count(*) AS count, min(event) AS oldest FROM ${work} WHERE ${condition} GROUP BY handler, state`,
  );
  const { rows } = await client.query<{ handler: string; state: HeldWork["state"]; count: string; received_at: string | null }>(
    `SELECT handler, state, count, (SELECT received_at FROM ${events} WHERE number = oldest) AS received_at
     FROM (${counted.join(" UNION ALL ")}) held`,
  );
  const held = rows.map(({ handler, state, count, received_at: at }) => ({
    handler,
    state,
    count: Number(count),
    oldestAt: at === null ? null : Number(at),
  }));
  return depthFrom(held, settled ? await settledOf(client, work) : null);
}

async function settledOf(client: Queryable, work: string): Promise<[WorkState, number][]> {
  const { rows } = await client.query<{ state: WorkState; count: string }>(
    `SELECT state, count(*) AS count FROM ${work} WHERE state NOT IN ('pending', 'dead', 'quarantined') GROUP BY state`,
  );
  return rows.map(({ state, count }) => [state, Number(count)]);
}
