import { type ConnectionState, changeConnection } from "../connection-state.ts";
import type { AccountKey, Arrival, Claim, InboxEvent, Known, NewWork, Stored, WorkState } from "../inbox.ts";
import type { Claims, Standing } from "./claim-work.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** Stores events, within the caller's transaction. */
export interface Arrivals {
  /** Like `Inbox.store`. The caller must roll back after the outcome `tied`. */
  store(arrival: Arrival, retryDuplicate: boolean): Stored;
  addWork(event: number, of: InboxEvent, work: NewWork, state: WorkState): void;
  authorize(key: AccountKey, at: number, insists: boolean): { applied: boolean; released: number };
}

export function prepareArrivals(db: SqlDatabase, claims: Claims): Arrivals {
  const insertEvent = db.prepare(`
    INSERT INTO carabiner_events (source, livemode, account, id, type, object_id, created, rank, endpoint, api_version, body, received_at, tells_connection)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING number`);
  const findEvent = db.prepare(
    "SELECT number, type, endpoint, tells_connection FROM carabiner_events WHERE source = ? AND livemode = ? AND account = ? AND id = ?",
  );
  const insertWork = db.prepare(`
    INSERT INTO carabiner_work (event, handler, sequence, order_key, created, rank, state, due_at, lease_until, fence, attempts, endpoint)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertCopy = db.prepare(
    "INSERT INTO carabiner_copies (event, endpoint, api_version, body, received_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const hasWork = db.prepare("SELECT 1 AS found FROM carabiner_work WHERE event = ? AND handler = ?");
  const countPending = db.prepare("SELECT count(*) AS waiting FROM carabiner_work WHERE event = ? AND state = 'pending'");
  const coalesce = db.prepare(`
    UPDATE carabiner_work INDEXED BY carabiner_work_object SET state = 'stale', settled_at = :at, fence = fence + 1
    WHERE state = 'pending' AND sequence <> 'any' AND handler = :handler AND order_key = :orderKey AND created < :created
      AND lease_until <= :at AND forced = 0`);
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

  function connectionOf({ source, livemode, account }: AccountKey): ConnectionState | null {
    const row = connection.get(source, Number(livemode), account);
    return row === undefined ? null : { status: row.status as ConnectionState["status"], since: Number(row.since) };
  }

  function hasLeft({ source, livemode, account }: InboxEvent): boolean {
    return account !== null && connectionOf({ source, livemode, account })?.status === "deauthorized";
  }

  /** Writes an event's work, leased at once if nothing can precede it. */
  function owe(number: number, work: readonly NewWork[], endpoint: string, gone: boolean, arrival: Arrival): Claim[] {
    const { event, lease, connection: change } = arrival;
    const { created, rank } = event;
    const at = lease?.now ?? event.receivedAt;
    const state = gone ? "quarantined" : "pending";
    const held: Claim[] = [];
    /** Their claims contain when the account left. */
    const later: string[] = [];
    for (const one of work) {
      const { handler, order, orderKey, dueAt } = one;
      if (!gone && order === "latest") coalesce.run({ at, handler, orderKey, created });
      const due = !gone && lease !== null && dueAt <= lease.now;
      let standing: Standing | null = null;
      if (due && order === "any") standing = FREE;
      else if (due && change === null) standing = claims.standing(one, { number, created, rank }, lease.now);
      else if (due) later.push(handler);
      const tries = standing === null ? 0 : 1;
      const leaseUntil = standing === null || lease === null ? 0 : lease.leaseUntil;
      insertWork.run(number, handler, order, orderKey, created, rank, state, dueAt, leaseUntil, tries, tries, endpoint);
      // The account was checked just now.
      if (standing !== null) held.push(firstClaim(number, one, event, leaseUntil, standing));
    }
    return lease === null || later.length === 0 ? held : [...held, ...claims.claimOfEvent(number, later, lease)];
  }

  /** A known event: adds work for handlers of a further endpoint, and retries. */
  function duplicate(arrival: Arrival, retry: boolean): Known {
    const { event, work, lease } = arrival;
    const at = lease?.now ?? event.receivedAt;
    const row = findEvent.get(event.source, Number(event.livemode), event.account ?? "", event.id);
    const number = Number(row?.number);
    const missing = row?.endpoint === event.endpoint ? [] : work.filter(({ handler }) => hasWork.get(number, handler) === undefined);
    let held: Claim[] = [];
    if (missing.length > 0) {
      const { changes } = insertCopy.run(number, event.endpoint, event.apiVersion, event.body, event.receivedAt);
      // The event came there before these handlers existed, so they do not get it.
      if (changes === 0) missing.length = 0;
      held = owe(number, missing, event.endpoint, row?.tells_connection === 0 && hasLeft(event), arrival);
    }
    if (retry) {
      hurry.run({ at, event: number });
      const handlers = work.map(({ handler }) => handler).filter((handler) => !held.some((claim) => claim.handler === handler));
      if (lease !== null) held = [...held, ...claims.claimOfEvent(number, handlers, lease)];
    }
    return {
      outcome: "duplicate",
      claims: held,
      waiting: Number(countPending.get(number)?.waiting),
      added: missing.length,
      knownType: String(row?.type),
    };
  }

  return {
    addWork(event, of, { handler, order, orderKey, dueAt }, state) {
      insertWork.run(event, handler, order, orderKey, of.created, of.rank, state, dueAt, 0, 0, 0, "");
    },

    store(arrival, retryDuplicate) {
      const { event, work, connection: change, tieGoesTo, lease } = arrival;
      const at = lease?.now ?? event.receivedAt;
      const { source, livemode } = event;
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
      if (inserted === undefined) return duplicate(arrival, retryDuplicate);
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
      const gone = change === null && hasLeft(event);
      const held = owe(number, work, "", gone, arrival);
      if (gone) return { outcome: "quarantined" };
      const connected = effect === null ? null : effect === "applies";
      return { outcome: "stored", claims: held, waiting: work.length - held.length, connected, cancelled, released };
    },

    authorize(key, at, insists) {
      const known = connectionOf(key);
      const since = insists ? Math.max(at, known?.since ?? at) : at;
      if (changeConnection(known, "authorized", since, "authorized") !== "applies") return { applied: false, released: 0 };
      saveConnection.run(key.source, Number(key.livemode), key.account, "authorized", since);
      const scope = { source: key.source, livemode: Number(key.livemode), account: key.account };
      const { changes } = free.run({ ...scope, since: insists ? (known?.since ?? at) : at, at });
      return { applied: true, released: Number(changes) };
    },
  };
}

/**
 * The claim of work written as leased. Events that say an account left are always handled, so the account is not
 * checked.
 */
function firstClaim(
  number: number,
  { handler, order, orderKey }: NewWork,
  event: InboxEvent,
  leaseUntil: number,
  standing: Standing,
): Claim {
  return { number, handler, fence: 1, leaseUntil, attempt: 1, order, orderKey, forced: false, event, ...standing, accountLeftAt: null };
}

/** Work without an order waits for nothing. */
const FREE: Standing = { mark: null, newerWaits: false };
