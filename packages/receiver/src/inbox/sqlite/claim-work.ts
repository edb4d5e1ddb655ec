import type { Claim, InboxEvent, NewWork, Wanted } from "../inbox.ts";
import { claimOf, EVENT_COLUMNS, type Row } from "./rows.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** How many blocked pieces of work are passed over before their objects are checked one by one. */
const PASSED_OVER = 200;
/** How many objects one claim then checks. */
const OBJECTS = 1_000;

export interface ClaimingRequest {
  now: number;
  leaseUntil: number;
  limit: number;
  handlers: readonly Wanted[];
}

/** Leases work, within the caller's transaction. */
export interface Claims {
  claim(request: ClaimingRequest): Claim[];
  /** Leases the given pieces of an event's work that are due and not blocked. */
  claimOfEvent(event: number, handlers: readonly string[], lease: { now: number; leaseUntil: number }): Claim[];
  /**
   * Whether work with an order that is about to be written may be written as leased, and what its claim then says. Null
   * when another piece must come first. `event` is the event's number.
   */
  standing(work: NewWork, event: Pick<InboxEvent, "created" | "rank"> & { number: number }, now: number): Standing | null;
}

/** What a claim of new work says about its object. */
export type Standing = Pick<Claim, "mark" | "newerWaits">;

interface Candidate {
  event: number;
  handler: string;
  ordered: boolean;
  row: Row;
}

/**
 * Reads each handler's due work in index order, and takes what is not blocked. A claim's cost depends on how much it
 * takes, not on how much waits. If much work waits behind one object, it steps from object to object.
 */
export function prepareClaims(db: SqlDatabase): Claims {
  const ready = db.prepare(`
    SELECT event, handler, sequence, order_key, created, rank, due_at FROM carabiner_work INDEXED BY carabiner_work_ready
    WHERE state = 'pending' AND handler = :handler AND due_at <= :now AND lease_until <= :now
    ORDER BY due_at, created, rank, event`);
  const one = db.prepare(`
    SELECT event, handler, sequence, order_key, created, rank, due_at FROM carabiner_work
    WHERE event = :event AND handler = :handler AND state = 'pending' AND due_at <= :now AND lease_until <= :now`);
  const leased = db.prepare(`
    SELECT 1 AS found FROM carabiner_work INDEXED BY carabiner_work_leased
    WHERE state = 'pending' AND sequence <> 'any' AND lease_until > 0
      AND handler = :handler AND order_key = :orderKey AND lease_until > :now AND event <> :event LIMIT 1`);
  const before = db.prepare(`
    SELECT 1 AS found FROM carabiner_work INDEXED BY carabiner_work_object
    WHERE state = 'pending' AND sequence <> 'any' AND handler = :handler AND order_key = :orderKey
      AND (created, rank, event) < (:created, :rank, :event) AND (:serial OR due_at <= :now) LIMIT 1`);
  const nextObject = db.prepare(`
    SELECT order_key FROM carabiner_work INDEXED BY carabiner_work_object
    WHERE state = 'pending' AND sequence <> 'any' AND handler = :handler AND order_key > :after ORDER BY order_key LIMIT 1`);
  const firstOfObject = db.prepare(`
    SELECT event, handler, sequence, order_key, created, rank, due_at, lease_until FROM carabiner_work INDEXED BY carabiner_work_object
    WHERE state = 'pending' AND sequence <> 'any' AND handler = :handler AND order_key = :orderKey ORDER BY created, rank, event LIMIT 1`);
  const readMark = db.prepare("SELECT created, ended FROM carabiner_marks WHERE handler = ? AND order_key = ?");
  const newer = db.prepare(`
    SELECT 1 AS found FROM carabiner_work INDEXED BY carabiner_work_object
    WHERE state = 'pending' AND sequence <> 'any' AND handler = ? AND order_key = ? AND created > ? LIMIT 1`);
  const lease = db.prepare(`
    UPDATE carabiner_work SET lease_until = ?, fence = fence + 1, attempts = attempts + 1 WHERE event = ? AND handler = ?`);
  const readClaim = db.prepare(`
    SELECT ${EVENT_COLUMNS}, w.handler, w.fence, w.lease_until, w.attempts, w.sequence, w.order_key, w.forced, w.endpoint AS copied,
      m.created AS mark_created, m.ended AS mark_ended,
      w.sequence = 'latest' AND EXISTS (SELECT 1 FROM carabiner_work s
        WHERE s.state = 'pending' AND s.sequence <> 'any' AND s.handler = w.handler AND s.order_key = w.order_key AND s.created > w.created) AS newer_waits,
      (SELECT since FROM carabiner_accounts a
        WHERE a.source = e.source AND a.livemode = e.livemode AND a.account = e.account AND a.status = 'deauthorized') AS left_at
    FROM carabiner_work w JOIN carabiner_events e ON e.number = w.event
      LEFT JOIN carabiner_marks m ON w.sequence = 'latest' AND m.handler = w.handler AND m.order_key = w.order_key
    WHERE w.event = ? AND w.handler = ?`);
  const readCopy = db.prepare("SELECT endpoint, api_version, body, received_at FROM carabiner_copies WHERE event = ? AND endpoint = ?");
  /** Where the last scan of a handler's objects ended. */
  const lookedAt = new Map<string, string>();

  /** Whether another piece of the same object is leased, or must come first. */
  function isBlocked({ event, handler, ordered, row }: Candidate, now: number): boolean {
    if (!ordered) return false;
    const { order_key: orderKey, created, rank, sequence } = row;
    return standsBehind({ handler, orderKey: String(orderKey), event, now }, Number(created), Number(rank), sequence === "serial");
  }

  function standsBehind(
    key: { handler: string; orderKey: string; event: number; now: number },
    created: number,
    rank: number,
    serial: boolean,
  ): boolean {
    return leased.get(key) !== undefined || before.get({ ...key, created, rank, serial: Number(serial) }) !== undefined;
  }

  function candidateOf(row: Row): Candidate {
    return { event: Number(row.event), handler: String(row.handler), ordered: row.sequence !== "any", row };
  }

  function candidatesOf({ handler, limit }: Wanted, now: number): Candidate[] {
    const found: Candidate[] = [];
    let passed = 0;
    for (const row of ready.iterate({ handler, now })) {
      const candidate = candidateOf(row as Row);
      if (!isBlocked(candidate, now)) found.push(candidate);
      else if (++passed === PASSED_OVER) return [...found, ...objectsOf(handler, limit - found.length, now, found)];
      if (found.length >= limit) break;
    }
    return found;
  }

  /** The first of each object, from where the last scan ended. */
  function objectsOf(handler: string, limit: number, now: number, known: readonly Candidate[]): Candidate[] {
    const found: Candidate[] = [];
    const began = lookedAt.get(handler) ?? "";
    let after = began;
    let wrapped = false;
    for (let looks = 0; looks < OBJECTS && found.length < limit; looks++) {
      const next = nextObject.get({ handler, after })?.order_key as string | undefined;
      if (next === undefined) {
        if (wrapped || began === "") break;
        wrapped = true;
        after = "";
        continue;
      }
      if (wrapped && next > began) break;
      after = next;
      const row = firstOfObject.get({ handler, orderKey: next }) as Row | undefined;
      if (row === undefined || Number(row.due_at) > now || Number(row.lease_until) > now) continue;
      const candidate = candidateOf(row);
      if (known.some(({ event }) => event === candidate.event) || isBlocked(candidate, now)) continue;
      found.push(candidate);
    }
    lookedAt.set(handler, after);
    return found;
  }

  function take(candidates: readonly Candidate[], { now, leaseUntil, limit }: Omit<ClaimingRequest, "handlers">): Claim[] {
    const claims: Claim[] = [];
    for (const candidate of candidates) {
      if (claims.length === limit) break;
      // Another piece of the same object may have been taken just now.
      if (isBlocked(candidate, now)) continue;
      const { event, handler } = candidate;
      lease.run(leaseUntil, event, handler);
      const row = readClaim.get(event, handler) ?? {};
      claims.push(claimOf(row.copied === "" ? row : { ...row, ...readCopy.get(event, String(row.copied)) }));
    }
    return claims;
  }

  return {
    claim(request) {
      const candidates = request.handlers.flatMap((wanted) => candidatesOf(wanted, request.now));
      if (request.handlers.length > 1) candidates.sort((one, other) => whenDue(one.row, other.row));
      return take(candidates, request);
    },
    claimOfEvent(event, handlers, { now, leaseUntil }) {
      const rows = handlers.flatMap((handler) => {
        const row = one.get({ event, handler, now });
        return row === undefined ? [] : [candidateOf(row as Row)];
      });
      return take(rows, { now, leaseUntil, limit: rows.length });
    },
    standing({ handler, order, orderKey }, { number, created, rank }, now) {
      if (standsBehind({ handler, orderKey, event: number, now }, created, rank, order === "serial")) return null;
      if (order !== "latest") return { mark: null, newerWaits: false };
      const row = readMark.get(handler, orderKey);
      const mark = row === undefined ? null : { created: Number(row.created), ended: row.ended === 1 };
      return { mark, newerWaits: newer.get(handler, orderKey, created) !== undefined };
    },
  };
}

function whenDue(one: Row, other: Row): number {
  for (const column of ["due_at", "created", "rank", "event"]) {
    const difference = Number(one[column]) - Number(other[column]);
    if (difference !== 0) return difference;
  }
  return 0;
}
