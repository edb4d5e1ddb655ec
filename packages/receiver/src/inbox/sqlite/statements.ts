import type { DatabaseSync } from "node:sqlite";
import { type ConnectionState, changeConnection } from "../connection-state.ts";
import type { AccountKey, Arrival, Claim, InboxEvent, Mark, NewWork, Order, Settlement, Stored, WorkState } from "../inbox.ts";

type Row = Record<string, unknown>;

/** What of a claim names its work. */
export type ClaimedWork = Pick<Claim, "number" | "handler" | "fence">;

/** A row of `carabiner_events` as the contract has it. */
export function eventOf(row: Row): InboxEvent {
  return {
    source: String(row.source),
    livemode: row.livemode === 1,
    account: row.account === "" ? null : String(row.account),
    id: String(row.id),
    type: String(row.type),
    objectId: String(row.object_id),
    created: Number(row.event_created ?? row.created),
    rank: Number(row.event_rank ?? row.rank),
    endpoint: String(row.endpoint),
    apiVersion: row.api_version === null ? null : String(row.api_version),
    body: row.body as Uint8Array,
    receivedAt: Number(row.received_at),
  };
}

/** The statements on one connection. All of them run within a transaction of the caller's. */
export function prepareStatements(db: DatabaseSync) {
  const insertEvent = db.prepare(`
    INSERT INTO carabiner_events (source, livemode, account, id, type, object_id, created, rank, endpoint, api_version, body, received_at, tells_connection)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING number`);
  const findEvent = db.prepare("SELECT * FROM carabiner_events WHERE source = ? AND livemode = ? AND account = ? AND id = ?");
  const insertWork = db.prepare(`
    INSERT INTO carabiner_work (event, handler, sequence, order_key, created, rank, state, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  const countPending = db.prepare("SELECT count(*) AS waiting FROM carabiner_work WHERE event = ? AND state = 'pending'");
  const coalesce = db.prepare(`
    UPDATE carabiner_work SET state = 'stale', settled_at = :at, fence = fence + 1
    WHERE state = 'pending' AND handler = :handler AND order_key = :orderKey AND created < :created AND lease_until <= :at AND forced = 0`);
  const claimable = db.prepare(`
    SELECT w.event, w.handler FROM carabiner_work w
    WHERE w.state = 'pending' AND w.due_at <= :now AND w.lease_until <= :now AND (:event IS NULL OR w.event = :event)
      AND w.handler IN (SELECT value FROM json_each(:handlers))
      AND (w.sequence = 'any' OR NOT EXISTS (
        SELECT 1 FROM carabiner_work s
        WHERE s.state = 'pending' AND s.handler = w.handler AND s.order_key = w.order_key AND s.event <> w.event
          AND (s.lease_until > :now
            OR ((s.created, s.rank, s.event) < (w.created, w.rank, w.event) AND (w.sequence = 'serial' OR s.due_at <= :now)))))
    ORDER BY w.due_at, w.created, w.rank, w.event LIMIT :limit`);
  const lease = db.prepare(`
    UPDATE carabiner_work SET lease_until = ?, fence = fence + 1, attempts = attempts + 1 WHERE event = ? AND handler = ?`);
  const readClaim = db.prepare(`
    SELECT e.*, e.created AS event_created, e.rank AS event_rank, w.handler, w.fence, w.lease_until, w.attempts, w.sequence, w.order_key, w.forced,
      m.created AS mark_created, m.ended AS mark_ended,
      EXISTS (SELECT 1 FROM carabiner_work s WHERE s.state = 'pending' AND s.handler = w.handler AND s.order_key = w.order_key AND s.created > w.created) AS newer_waits,
      (SELECT since FROM carabiner_accounts a
        WHERE a.source = e.source AND a.livemode = e.livemode AND a.account = e.account AND a.status = 'deauthorized') AS left_at
    FROM carabiner_work w JOIN carabiner_events e ON e.number = w.event
      LEFT JOIN carabiner_marks m ON m.handler = w.handler AND m.order_key = w.order_key
    WHERE w.event = ? AND w.handler = ?`);
  const holds = db.prepare("SELECT 1 AS held FROM carabiner_work WHERE event = ? AND handler = ? AND fence = ? AND state = 'pending'");
  const settle = db.prepare(`
    UPDATE carabiner_work SET state = :state, due_at = coalesce(:dueAt, due_at), settled_at = :settledAt, error = :error,
      attempts = attempts - :uncounted, lease_until = 0, fence = fence + 1, forced = CASE WHEN :state = 'pending' THEN forced ELSE 0 END
    WHERE event = :event AND handler = :handler AND fence = :fence AND state = 'pending'`);
  const raiseMark = db.prepare(`
    INSERT INTO carabiner_marks (handler, order_key, created, ended) VALUES (?, ?, ?, ?)
    ON CONFLICT (handler, order_key) DO UPDATE SET created = max(created, excluded.created), ended = max(ended, excluded.ended)`);
  const renew = db.prepare("UPDATE carabiner_work SET lease_until = ? WHERE event = ? AND handler = ? AND fence = ? AND state = 'pending'");
  const release = db.prepare(`
    UPDATE carabiner_work SET lease_until = 0, attempts = attempts - 1, fence = fence + 1
    WHERE event = ? AND handler = ? AND fence = ? AND state = 'pending'`);
  const connection = db.prepare("SELECT status, since FROM carabiner_accounts WHERE source = ? AND livemode = ? AND account = ?");
  const saveConnection = db.prepare(`
    INSERT INTO carabiner_accounts (source, livemode, account, status, since) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET status = excluded.status, since = excluded.since`);
  const cancel = db.prepare(`
    UPDATE carabiner_work SET state = CASE WHEN created <= :leftAt THEN 'cancelled' ELSE 'quarantined' END,
      settled_at = CASE WHEN created <= :leftAt THEN :at END, lease_until = 0, fence = fence + 1
    WHERE state = 'pending' AND lease_until <= :at AND forced = 0 AND event IN (
      SELECT number FROM carabiner_events WHERE source = :source AND livemode = :livemode AND account = :account AND tells_connection = 0)`);
  const free = db.prepare(`
    UPDATE carabiner_work SET state = 'pending', due_at = :at WHERE state = 'quarantined' AND created >= :since AND event IN (
      SELECT number FROM carabiner_events WHERE source = :source AND livemode = :livemode AND account = :account)`);
  const hurry = db.prepare(
    "UPDATE carabiner_work SET due_at = min(due_at, :at) WHERE event = :event AND state = 'pending' AND lease_until <= :at",
  );
  const readNote = db.prepare("SELECT value FROM carabiner_notes WHERE key = ?");
  const writeNote = db.prepare("INSERT INTO carabiner_notes (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
  const removeNote = db.prepare("DELETE FROM carabiner_notes WHERE key = ?");

  function connectionOf({ source, livemode, account }: AccountKey): ConnectionState | null {
    const row = connection.get(source, Number(livemode), account);
    return row === undefined ? null : { status: row.status as ConnectionState["status"], since: Number(row.since) };
  }

  function claim(request: { now: number; leaseUntil: number; limit: number; handlers: readonly string[]; event: number | null }): Claim[] {
    const { now, leaseUntil, limit, handlers, event } = request;
    const found = claimable.all({ now, limit, handlers: JSON.stringify(handlers), event });
    return found.map((row) => {
      lease.run(leaseUntil, Number(row.event), String(row.handler));
      return claimOf(readClaim.get(Number(row.event), String(row.handler)) ?? {});
    });
  }

  function addWork(event: number, of: InboxEvent, { handler, order, orderKey, dueAt }: NewWork, state: WorkState): void {
    insertWork.run(event, handler, order, orderKey, of.created, of.rank, state, dueAt);
  }

  return {
    claim,
    addWork,

    store({ event, work, connection: change, tieGoesTo, lease: asked }: Arrival, retryDuplicate: boolean): Stored {
      const at = asked?.now ?? event.receivedAt;
      const { source, livemode } = event;
      const leaseAll = (number: number): Claim[] =>
        asked === null
          ? []
          : claim({ ...asked, limit: Math.max(1, work.length), handlers: work.map(({ handler }) => handler), event: number });

      const key = change === null ? null : { source, livemode, account: change.account };
      const effect = change === null || key === null ? null : changeConnection(connectionOf(key), change.to, event.created, tieGoesTo);
      const inserted = insertEvent.get(
        source,
        Number(livemode),
        event.account ?? "",
        event.id,
        event.type,
        event.objectId,
        event.created,
        event.rank,
        event.endpoint,
        event.apiVersion,
        event.body,
        event.receivedAt,
        Number(change !== null),
      );
      if (inserted === undefined) {
        const known = Number(findEvent.get(source, Number(livemode), event.account ?? "", event.id)?.number);
        if (retryDuplicate) hurry.run({ at, event: known });
        const claims = retryDuplicate ? leaseAll(known) : [];
        return { outcome: "duplicate", claims, waiting: Number(countPending.get(known)?.waiting) };
      }
      // The caller undoes the insertion.
      if (effect === "tied") return { outcome: "tied" };
      const number = Number(inserted.number);
      let cancelled = 0;
      let released = 0;
      if (change !== null && key !== null && effect === "applies") {
        saveConnection.run(source, Number(livemode), change.account, change.to, event.created);
        const scope = { source, livemode: Number(livemode), account: change.account };
        if (change.to === "deauthorized") cancelled = Number(cancel.run({ ...scope, leftAt: event.created, at }).changes);
        else released = Number(free.run({ ...scope, since: event.created, at }).changes);
      }
      const gone =
        change === null && event.account !== null && connectionOf({ source, livemode, account: event.account })?.status === "deauthorized";
      for (const one of work) {
        addWork(number, event, one, gone ? "quarantined" : "pending");
        if (!gone && one.order === "latest") coalesce.run({ at, handler: one.handler, orderKey: one.orderKey, created: event.created });
      }
      if (gone) return { outcome: "quarantined" };
      const claims = work.length === 0 ? [] : leaseAll(number);
      const connected = effect === null ? null : effect === "applies";
      return { outcome: "stored", claims, waiting: work.length - claims.length, connected, cancelled, released };
    },

    holds: ({ number, handler, fence }: ClaimedWork): boolean => holds.get(number, handler, fence) !== undefined,

    settle(
      { number, handler, fence, orderKey }: ClaimedWork & { orderKey: string },
      { at, next, error, counts, mark }: Settlement,
    ): boolean {
      const { changes } = settle.run({
        state: next.state,
        dueAt: next.state === "pending" ? next.dueAt : null,
        settledAt: next.state === "pending" || next.state === "quarantined" ? null : at,
        error,
        uncounted: Number(!counts),
        event: number,
        handler,
        fence,
      });
      if (changes === 0) return false;
      if (mark !== null) raiseMark.run(handler, orderKey, mark.created, Number(mark.ended));
      return true;
    },

    renew: ({ number, handler, fence }: ClaimedWork, leaseUntil: number): boolean =>
      renew.run(leaseUntil, number, handler, fence).changes > 0,

    release({ number, handler, fence }: ClaimedWork): void {
      release.run(number, handler, fence);
    },

    authorize(key: AccountKey, at: number): { applied: boolean; released: number } {
      if (changeConnection(connectionOf(key), "authorized", at, "authorized") !== "applies") return { applied: false, released: 0 };
      saveConnection.run(key.source, Number(key.livemode), key.account, "authorized", at);
      const { changes } = free.run({ source: key.source, livemode: Number(key.livemode), account: key.account, since: at, at });
      return { applied: true, released: Number(changes) };
    },

    note: (key: string): string | null => {
      const row = readNote.get(key);
      return row === undefined ? null : String(row.value);
    },
    setNote(key: string, value: string | null): void {
      if (value === null) removeNote.run(key);
      else writeNote.run(key, value);
    },
  };
}

/** The statements of a connection. */
export type Statements = ReturnType<typeof prepareStatements>;

function claimOf(row: Row): Claim {
  const mark: Mark | null = row.mark_created === null ? null : { created: Number(row.mark_created), ended: row.mark_ended === 1 };
  return {
    number: Number(row.number),
    handler: String(row.handler),
    fence: Number(row.fence),
    leaseUntil: Number(row.lease_until),
    attempt: Number(row.attempts),
    order: row.sequence as Order,
    orderKey: String(row.order_key),
    forced: row.forced === 1,
    event: eventOf(row),
    mark,
    newerWaits: row.newer_waits === 1,
    accountLeftAt: row.left_at === null ? null : Number(row.left_at),
  };
}
