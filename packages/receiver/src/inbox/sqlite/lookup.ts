import type { DatabaseSync } from "node:sqlite";
import type { Depth, EventKey, NewWork, WorkFilter, WorkRow, WorkState } from "../inbox.ts";
import { eventOf, type Statements } from "./statements.ts";

/** Work, the newest event first. */
export function workRows(db: DatabaseSync, { state, handler, eventId, account, livemode, limit }: WorkFilter): WorkRow[] {
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
  where("e.account = ?", account === null ? "" : account);
  where("e.livemode = ?", livemode === undefined ? undefined : Number(livemode));
  const rows = db
    .prepare(
      `SELECT e.*, w.handler, w.state, w.attempts, w.due_at, w.error, w.settled_at
       FROM carabiner_work w JOIN carabiner_events e ON e.number = w.event
       WHERE ${conditions.join(" AND ")} ORDER BY e.number DESC, w.handler LIMIT ?`,
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

/** Makes work of an event due again, and adds what is new. Returns how many pieces. */
export function replayWork(db: DatabaseSync, statements: Statements, key: EventKey, work: readonly NewWork[]): number {
  const row = db
    .prepare("SELECT * FROM carabiner_events WHERE source = ? AND livemode = ? AND account = ? AND id = ?")
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
    if (before === undefined) statements.addWork(number, eventOf(row), one, "pending");
    again.run(one.order, one.orderKey, one.dueAt, number, one.handler);
    replayed++;
  }
  return replayed;
}

/** Makes dead letters due again, the oldest first. */
export function replayDeadWork(
  db: DatabaseSync,
  { now, limit, handlers }: { now: number; limit: number; handlers: readonly string[] },
): number {
  const { changes } = db
    .prepare(
      `UPDATE carabiner_work SET state = 'pending', due_at = ?, attempts = 0, settled_at = NULL WHERE (event, handler) IN (
         SELECT event, handler FROM carabiner_work
         WHERE state = 'dead' AND handler IN (SELECT value FROM json_each(?)) ORDER BY event LIMIT ?)`,
    )
    .run(now, JSON.stringify(handlers), limit);
  return Number(changes);
}

/** Removes settled events with their work, the oldest first. */
export function pruneEvents(db: DatabaseSync, { receivedBefore, limit }: { receivedBefore: number; limit: number }): number {
  const numbers = db
    .prepare(
      `SELECT number FROM carabiner_events e WHERE received_at < ? AND NOT EXISTS (
         SELECT 1 FROM carabiner_work w WHERE w.event = e.number AND w.state IN ('pending', 'dead', 'quarantined'))
       ORDER BY received_at LIMIT ?`,
    )
    .all(receivedBefore, limit);
  const removeWork = db.prepare("DELETE FROM carabiner_work WHERE event = ?");
  const removeEvent = db.prepare("DELETE FROM carabiner_events WHERE number = ?");
  for (const { number } of numbers) {
    removeWork.run(Number(number));
    removeEvent.run(Number(number));
  }
  return numbers.length;
}

export function depthOf(db: DatabaseSync): Depth {
  const depth: Depth = {
    work: { pending: 0, done: 0, dead: 0, discarded: 0, stale: 0, cancelled: 0, quarantined: 0 },
    oldestPendingAt: null,
  };
  for (const { state, count } of db.prepare("SELECT state, count(*) AS count FROM carabiner_work GROUP BY state").all()) {
    depth.work[state as WorkState] = Number(count);
  }
  const oldest = db
    .prepare(
      "SELECT min(e.received_at) AS at FROM carabiner_work w JOIN carabiner_events e ON e.number = w.event WHERE w.state = 'pending'",
    )
    .get()?.at;
  if (oldest !== null && oldest !== undefined) depth.oldestPendingAt = Number(oldest);
  return depth;
}
