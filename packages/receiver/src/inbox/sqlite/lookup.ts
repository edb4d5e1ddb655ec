import { depthFrom } from "../held-work.ts";
import type { DeadLetters, Depth, DepthRequest, EventKey, InboxEvent, NewWork, WorkFilter, WorkRow, WorkState } from "../inbox.ts";
import { EVENT_COLUMNS, eventOf } from "./rows.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Arrivals } from "./store-arrival.ts";

/** How much of a handler's work is scanned for the next expiring lease: leased work comes first. */
const LOOKED_AT = 100;
/**
 * How much work of a state or an account is sorted to list it. If there is more, all work is looked through, the newest
 * first.
 */
const SORTED = 5_000;
/** The states that have a separate index. */
const INDEXES: ReadonlyMap<WorkState | undefined, string> = new Map([
  ["pending", "carabiner_work_ready"],
  ["dead", "carabiner_work_dead"],
  ["quarantined", "carabiner_work_quarantined"],
]);

/** An event by its key; null when it is unknown. */
export function findEvent(db: SqlDatabase, { source, livemode, account, id }: EventKey): InboxEvent | null {
  const row = db
    .prepare(`SELECT ${EVENT_COLUMNS} FROM carabiner_events e WHERE e.source = ? AND e.livemode = ? AND e.account = ? AND e.id = ?`)
    .get(source, Number(livemode), account ?? "", id);
  return row === undefined ? null : eventOf(row);
}

/** Events with this id, in any mode and account. */
export function findEventsById(db: SqlDatabase, id: string): InboxEvent[] {
  return db.prepare(`SELECT ${EVENT_COLUMNS} FROM carabiner_events e WHERE e.id = ? ORDER BY e.number`).all(id).map(eventOf);
}

/** Work, the newest event first. */
export function workRows(
  db: SqlDatabase,
  { state, handler, eventId, type, settledSince, account, livemode, limit }: WorkFilter,
): WorkRow[] {
  const conditions: string[] = ["true"];
  const values: (string | number)[] = [];
  const where = (condition: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  where("w.state = ?", state);
  where("w.handler = ?", handler);
  where("e.id = ?", eventId);
  where("e.type = ?", type);
  where("w.settled_at >= ?", settledSince);
  where("e.account = ?", account === null ? "" : account);
  where("e.livemode = ?", livemode === undefined ? undefined : Number(livemode));
  // The order of the tables is explicit: otherwise SQLite sorts all work together with its events to list the newest.
  let tables: string;
  const index = INDEXES.get(state);
  if (eventId !== undefined) tables = "carabiner_events e CROSS JOIN carabiner_work w";
  else if (account !== undefined && isSmall(db, `carabiner_events e WHERE ${OF_ACCOUNT}`, account ?? "")) {
    tables = "carabiner_events e CROSS JOIN carabiner_work w";
    conditions.push(OF_ACCOUNT);
    values.push(account ?? "");
  } else if (index === undefined || !isSmall(db, `carabiner_work INDEXED BY ${index} WHERE state = '${state}'`))
    tables = "carabiner_work w NOT INDEXED CROSS JOIN carabiner_events e";
  else {
    // A literal, because the index is only for this state.
    tables = `carabiner_work w INDEXED BY ${index} CROSS JOIN carabiner_events e`;
    conditions.push(`w.state = '${state}'`);
  }
  const rows = db
    .prepare(
      `SELECT ${EVENT_COLUMNS}, w.handler, w.state, w.attempts, w.due_at, w.error, w.settled_at
       FROM ${tables} WHERE e.number = w.event AND ${conditions.join(" AND ")} ORDER BY w.event DESC, w.handler LIMIT ?`,
    )
    .all(...values, limit);
  return rows.map((row) => {
    const { source, livemode: mode, account: of, id, type, endpoint, created, receivedAt } = eventOf(row);
    return {
      event: { source, livemode: mode, account: of, id, type, endpoint, created, receivedAt },
      handler: String(row.handler),
      state: row.state as WorkState,
      attempts: Number(row.attempts),
      dueAt: Number(row.due_at),
      error: row.error === null ? null : String(row.error),
      settledAt: row.settled_at === null ? null : Number(row.settled_at),
    };
  });
}

/** An account's events by the index of their keys, which begin with the source: there are few. */
const OF_ACCOUNT = `e.livemode IN (0, 1) AND e.source IN (
  WITH RECURSIVE sources (source) AS (
    SELECT min(source) FROM carabiner_events
    UNION ALL SELECT (SELECT min(source) FROM carabiner_events WHERE source > sources.source) FROM sources WHERE sources.source IS NOT NULL)
  SELECT source FROM sources) AND e.account = ?`;

/** `rows`: a table and which of its rows, in an index. */
function isSmall(db: SqlDatabase, rows: string, ...values: string[]): boolean {
  return db.prepare(`SELECT 1 AS found FROM ${rows} LIMIT 1 OFFSET ${SORTED}`).get(...values) === undefined;
}

/** Makes an event's work due again, and adds new work. Returns the number of pieces. */
export function replayWork(db: SqlDatabase, arrivals: Arrivals, key: EventKey, work: readonly NewWork[]): number {
  const row = db
    .prepare(`SELECT ${EVENT_COLUMNS} FROM carabiner_events e WHERE e.source = ? AND e.livemode = ? AND e.account = ? AND e.id = ?`)
    .get(key.source, Number(key.livemode), key.account ?? "", key.id);
  if (row === undefined) return 0;
  const number = Number(row.number);
  const known = db.prepare("SELECT state, lease_until FROM carabiner_work WHERE event = ? AND handler = ?");
  const again = db.prepare(`
    UPDATE carabiner_work SET state = 'pending', sequence = ?, order_key = ?, due_at = ?, attempts = 0, lease_until = 0, fence = fence + 1, forced = 1,
      error = NULL, settled_at = NULL
    WHERE event = ? AND handler = ?`);
  let replayed = 0;
  for (const one of work) {
    const before = known.get(number, one.handler);
    if (before?.state === "pending" && Number(before.lease_until) > one.dueAt) continue;
    if (before === undefined) arrivals.addWork(number, eventOf(row), one, "pending");
    again.run(one.order, one.orderKey, one.dueAt, number, one.handler);
    replayed++;
  }
  return replayed;
}

/** Makes dead letters due again, the oldest first. */
export function replayDeadWork(
  db: SqlDatabase,
  { now, limit, handlers, type, since, dryRun = false }: DeadLetters & { now: number; limit: number },
): number {
  const which = `
    SELECT w.event, w.handler FROM carabiner_work w
    WHERE w.state = 'dead' AND w.handler IN (SELECT value FROM json_each(:handlers)) AND (:since IS NULL OR w.settled_at >= :since)
      AND (:type IS NULL OR (SELECT e.type FROM carabiner_events e WHERE e.number = w.event) = :type)
    ORDER BY w.event LIMIT :limit`;
  const given = { handlers: JSON.stringify(handlers), since: since ?? null, type: type ?? null, limit };
  if (dryRun) return Number(db.prepare(`SELECT count(*) AS count FROM (${which})`).get(given)?.count);
  const { changes } = db
    .prepare(
      `UPDATE carabiner_work SET state = 'pending', due_at = :now, attempts = 0, settled_at = NULL WHERE (event, handler) IN (${which})`,
    )
    .run({ ...given, now });
  return Number(changes);
}

/** When work of these handlers next falls due, or its lease expires. */
export function nextDueAt(db: SqlDatabase, handlers: readonly string[], now: number): number | null {
  const free = db.prepare(`
    SELECT due_at AS next FROM carabiner_work INDEXED BY carabiner_work_ready
    WHERE state = 'pending' AND handler = :handler AND lease_until <= :now ORDER BY due_at LIMIT 1`);
  const leased = db.prepare(`
    SELECT min(max(due_at, lease_until)) AS next FROM (
      SELECT due_at, lease_until FROM carabiner_work INDEXED BY carabiner_work_ready
      WHERE state = 'pending' AND handler = :handler ORDER BY due_at LIMIT ${LOOKED_AT})`);
  let next: number | null = null;
  for (const handler of handlers) {
    const soonest = free.get({ handler, now })?.next ?? leased.get({ handler })?.next ?? null;
    const running = soonest === null || Number(soonest) > now ? (leased.get({ handler })?.next ?? null) : null;
    for (const at of [soonest, running]) if (at !== null) next = Math.min(next ?? Number.POSITIVE_INFINITY, Number(at));
  }
  return next;
}

export function depthOf(db: SqlDatabase, { settled = false }: DepthRequest = {}): Depth {
  const held = (["pending", "dead", "quarantined"] as const).flatMap((state) =>
    // The state is a literal, so that SQLite finds its partial index.
    db
      .prepare(
        `SELECT handler, count, (SELECT received_at FROM carabiner_events WHERE number = oldest) AS received_at FROM (
           SELECT handler, count(*) AS count, min(event) AS oldest FROM carabiner_work WHERE state = '${state}' GROUP BY handler)`,
      )
      .all()
      .map(({ handler, count, received_at: at }) => ({
        handler: String(handler),
        state,
        count: Number(count),
        oldestAt: at === null ? null : Number(at),
      })),
  );
  return depthFrom(held, settled ? settledOf(db) : null);
}

function settledOf(db: SqlDatabase): [WorkState, number][] {
  const rows = db
    .prepare("SELECT state, count(*) AS count FROM carabiner_work WHERE state NOT IN ('pending', 'dead', 'quarantined') GROUP BY state")
    .all();
  return rows.map(({ state, count }) => [state as WorkState, Number(count)]);
}
