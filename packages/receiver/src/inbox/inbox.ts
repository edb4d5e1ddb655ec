import { isNamed } from "../is-named.ts";

/**
 * What a receiver remembers of events: one contract, one conformance suite, an implementation for each database.
 *
 * Times are Unix milliseconds and always arguments. An event is known by its source, mode, account and id together; what is owed for it
 * are pieces of work, one for each handler, which succeed and fail by themselves.
 */

/** How the events of one object are given to one handler. */
export type Order =
  /** An event that is older than one already handled is skipped, as is one that is not yet handled when a newer one is there. */
  | "latest"
  /** One after another, by the time they were created. */
  | "serial"
  /** As they come, also at the same time. */
  | "any";

/** An event as it is kept. */
export interface InboxEvent {
  /** Who sends it: `stripe`, unless the endpoint says otherwise. */
  source: string;
  livemode: boolean;
  /** The connected account; null for the platform's own events. */
  account: string | null;
  /** `evt_…` */
  id: string;
  type: string;
  /** The id of the object it is about, or the object's type where it has no id. */
  objectId: string;
  /** When it happened. Stripe's times are whole seconds. */
  created: number;
  /** Orders types within the same second: made before changed before ended. */
  rank: number;
  /** The endpoint whose secret verified it. */
  endpoint: string;
  apiVersion: string | null;
  /** The exact bytes. */
  body: Uint8Array;
  receivedAt: number;
}

/** What names an event. */
export type EventKey = Pick<InboxEvent, "source" | "livemode" | "account" | "id">;

/** An account in one mode. */
export interface AccountKey {
  source: string;
  livemode: boolean;
  account: string;
}

/** A handler's part in an event, when it is first written. */
export interface NewWork {
  handler: string;
  order: Order;
  /** Events with the same key wait for each other, within one handler. */
  orderKey: string;
  dueAt: number;
}

/**
 * `pending` is tried until it is one of the others. `dead`: given up, waits for `replayDead`. `quarantined`: waits for the account to come
 * back. `stale`: a newer event made it needless. `cancelled`: the account left.
 */
export type WorkState = "pending" | "done" | "dead" | "discarded" | "stale" | "cancelled" | "quarantined";

/** A lease to write at once, so that the process that stores an event can handle it without a second query. */
export interface Lease {
  now: number;
  leaseUntil: number;
}

/** What an event says of the connection to its account. */
export interface ConnectionChange {
  account: string;
  to: "authorized" | "deauthorized";
}

/** An event with what is owed for it. */
export interface Arrival {
  event: InboxEvent;
  /** Empty when nobody handles it. */
  work: readonly NewWork[];
  connection: ConnectionChange | null;
  /**
   * What holds when a connection's change has the same second as the opposite one that is already known. Null: it is not decided, and the
   * answer to `store` is `tied`.
   */
  tieGoesTo: "authorized" | "deauthorized" | null;
  /** Null: the work waits until it is claimed. */
  lease: Lease | null;
}

export type Stored =
  | {
      outcome: "stored";
      /** The work that could be leased at once. */
      claims: Claim[];
      /** Work that waits behind other work, or for a later time. */
      waiting: number;
      /** Whether a change of the connection took effect; false when a newer one is known. Null when the event is none. */
      connected: boolean | null;
      cancelled: number;
      released: number;
    }
  | Known
  /** Its account has left. It is kept, and its work is quarantined. */
  | { outcome: "quarantined" }
  /** See `tieGoesTo`. Nothing was stored. */
  | { outcome: "tied" }
  /** It is kept beside the inbox, because somebody else is writing there. `later` tells what became of it once it is in; it rejects when it has to wait longer. */
  | { outcome: "spooled"; later: Promise<Exclude<Stored, { outcome: "spooled" }>> };

/** An event that is known already. */
export interface Known {
  outcome: "duplicate";
  /** Work that was leased: of handlers that were added, or, if `retryDuplicate` was asked for, work that waited for another try. */
  claims: Claim[];
  waiting: number;
  /** Pieces of work for handlers that had no part in the event yet, because it came to another endpoint before. */
  added: number;
  /** The type it was first kept with. */
  knownType: string;
}

/** What is known of an object from the newest event that a handler with order `latest` has handled. */
export interface Mark {
  created: number;
  /** It has ended: deleted, closed. */
  ended: boolean;
}

/** Work that is leased. The fence is what the inbox compares: once another has claimed the work, this claim changes nothing any more. */
export interface Claim {
  /** The event's number in this inbox. */
  number: number;
  handler: string;
  fence: number;
  leaseUntil: number;
  /** 1 for the first. */
  attempt: number;
  order: Order;
  orderKey: string;
  /** It was replayed by hand: neither order nor age makes it needless. */
  forced: boolean;
  event: InboxEvent;
  mark: Mark | null;
  /** A newer event waits for the same handler and object. */
  newerWaits: boolean;
  /** When the account left, if it is gone. */
  accountLeftAt: number | null;
}

export interface ClaimRequest {
  now: number;
  leaseUntil: number;
  /** How many in all. */
  limit: number;
  /** Only work of these handlers, and so many of each: others may belong to another version of the program. */
  handlers: readonly Wanted[];
}

/** A handler whose work is wanted. */
export interface Wanted {
  handler: string;
  limit: number;
}

/** How a claim ends. */
export interface Settlement {
  at: number;
  next: { state: Exclude<WorkState, "pending"> } | { state: "pending"; dueAt: number };
  /** What went wrong, for people; null when nothing did. */
  error: string | null;
  /** False for a try that is not held against the work. */
  counts: boolean;
  /** Raises the object's mark for this handler. */
  mark: Mark | null;
}

/** A try of a handler, with a transaction that its effect and its success share. */
export interface Attempt<Tx> {
  /**
   * The transaction. It begins when this is first read, and holds the claim: nobody else can take the work over until it ends. Throws once the
   * try is over, and when another handler has the only transaction there can be: then `contended` is true.
   */
  readonly tx: Tx;
  /** The transaction was read and could not be had. Nothing was kept; the handler has to be called again, on a try that begins with it. */
  readonly contended: boolean;
  /** The transaction was never read: nobody waits for what this try holds, and its commit may share a write with others. */
  readonly untouched: boolean;
  /** A note kept for a handler, read in the transaction; null when there is none. */
  note(key: string): Promise<string | null>;
  /** Changes or removes a note, in the transaction. */
  setNote(key: string, value: string | null): Promise<void>;
  /** Commits the transaction together with the settlement. False, with nothing changed, when the claim was lost. What is done with `tx` from now on fails. */
  commit(settlement: Settlement): Promise<boolean>;
  /** Undoes the transaction. The claim stays. */
  rollback(): Promise<void>;
  /** Undoes it although the handler still runs: what it does with `tx` from now on fails. */
  abandon(): Promise<void>;
}

/** A piece of work, as people look at it. */
export interface WorkRow {
  event: EventKey & Pick<InboxEvent, "type" | "endpoint" | "created" | "receivedAt">;
  handler: string;
  state: WorkState;
  attempts: number;
  dueAt: number;
  error: string | null;
  settledAt: number | null;
}

/** Which work: of events with this id, and of those only what the rest says. */
export interface WorkOfEvent {
  eventId: string;
  handler?: string;
  account?: string | null;
  livemode?: boolean;
}

export interface WorkFilter {
  state?: WorkState;
  handler?: string;
  eventId?: string;
  /** The event's type. */
  type?: string;
  /** Only what was settled at this time or later, Unix milliseconds. */
  settledSince?: number;
  account?: string | null;
  livemode?: boolean;
  limit: number;
}

/** What is not settled for good, of one handler. */
export interface HandlerDepth {
  handler: string;
  pending: number;
  dead: number;
  quarantined: number;
  /** When its oldest pending work arrived; null when nothing is pending. */
  oldestPendingAt: number | null;
}

/** How much there is, for gauges. */
export interface Depth {
  /** Pieces of work by state. */
  work: Record<WorkState, number>;
  /** When the oldest pending work arrived; null when nothing is pending. */
  oldestPendingAt: number | null;
  /** Every handler that has pending, dead or quarantined work, by name; also those that no program registers any more. */
  handlers: HandlerDepth[];
}

/** What to remove. Each time is in Unix milliseconds: what is older goes. */
export interface Pruning {
  now: number;
  /** Events that arrived before, and of which nothing is pending, dead or quarantined. */
  receivedBefore: number;
  /** Dead letters that were given up before are discarded. Null: none. */
  deadBefore: number | null;
  /** Quarantined work of events that arrived before is discarded. Null: none. */
  quarantinedBefore: number | null;
  /** Pending work of handlers that are not among `handlers`, due before, is discarded. Null: none. */
  orphanedBefore: number | null;
  handlers: readonly string[];
  /** Marks of objects whose newest event happened before. Null: none. */
  markedBefore: number | null;
  /** How many of each at most. */
  limit: number;
}

/** What was removed: events, marks, and work that was given up for good. */
export interface Pruned {
  events: number;
  dead: number;
  quarantined: number;
  orphaned: number;
  marks: number;
}

/** Which dead letters. */
export interface DeadLetters {
  handlers: readonly string[];
  /** Only of events of this type. */
  type?: string;
  /** Only those that were given up at this time or later, Unix milliseconds. */
  since?: number;
  /** Counts them, and changes nothing. */
  dryRun?: boolean;
}

export interface Inbox<Tx> {
  /** Names the kind, for messages: `memory`, `SQLite`, `PostgreSQL`. */
  readonly kind: string;
  /** Whether what is stored outlives the process. If not, a failure is answered to the sender, so that it sends again. */
  readonly durable: boolean;
  /** How many handlers it can serve in one process at the same time, and why, for people; null when it sets no limit. */
  readonly most: { handlers: number; says: string } | null;
  /** Makes or updates the tables. Called before anything else, and may be called again. Throws `InboxUnavailable`. */
  prepare(): Promise<void>;
  /** The time of the database, Unix milliseconds, where several machines may share it; null where there is one clock anyway. */
  time(): Promise<number | null>;
  /**
   * Keeps an event with what is owed for it, once. Durable when it resolves. For work of order `latest`, older work of the same object that
   * waits becomes stale. A known event that comes to another endpoint is added for handlers that have no part in it yet, with the bytes that
   * came there. `retryDuplicate`: work of a known event that waits for another try is due at once.
   */
  store(arrival: Arrival, options?: { retryDuplicate: boolean }): Promise<Stored>;
  /** Leases due work, the longest due first. Of one handler and object, at most one piece is leased at a time unless its order is `any`. */
  claim(request: ClaimRequest): Promise<Claim[]>;
  /**
   * Begins a try of a claim whose lease has not run out. Null when the claim is known to be lost; if that is not known yet, the try's commit
   * tells. `holding`: waits until the transaction can be had, and begins it.
   */
  begin(claim: Claim, holding?: boolean): Promise<Attempt<Tx> | null>;
  /** Makes a lease last longer. False when the claim was lost. */
  renew(claim: Claim, leaseUntil: number): Promise<boolean>;
  /** Ends a claim without a transaction of the handler. False when the claim was lost. */
  settle(claim: Claim, settlement: Settlement): Promise<boolean>;
  /** Gives claims back that were not begun: they are due as before, and no try is counted. */
  release(claims: readonly Claim[]): Promise<void>;
  /** When work of these handlers falls due, or its lease runs out, next; null when none is pending. `now` or earlier: some is due. */
  nextDueAt(handlers: readonly string[], now: number): Promise<number | null>;
  /** An event by its key; null when it is not known. */
  event(key: EventKey): Promise<InboxEvent | null>;
  /** Events with this id, in any mode and account. */
  eventsById(id: string): Promise<InboxEvent[]>;
  /** Work, the newest first. */
  work(filter: WorkFilter): Promise<WorkRow[]>;
  /**
   * Makes work of an event due again from its beginning, whatever became of it, and adds work of handlers that are new. Work that is leased
   * is left alone. Returns how many pieces.
   */
  replay(key: EventKey, work: readonly NewWork[]): Promise<number>;
  /** Makes at most `limit` dead pieces of work due again. Returns how many. */
  replayDead(request: DeadLetters & { now: number; limit: number }): Promise<number>;
  /**
   * Makes dead work due again from its beginning, and work that waits for another try due now. What is leased, settled or quarantined stays.
   * Returns how many pieces.
   */
  retry(which: WorkOfEvent, now: number): Promise<number>;
  /** Gives up work that is pending, dead or quarantined; what is leased stays. Returns how many pieces. */
  discard(which: WorkOfEvent, now: number): Promise<number>;
  /** Gives work, dead letters and marks of one handler to another, at most `limit` pieces of work; what is leased stays. Returns how many pieces. */
  adopt(request: { from: string; to: string; now: number; limit: number }): Promise<number>;
  /** Removes what is settled and old. */
  prune(request: Pruning): Promise<Pruned>;
  /**
   * Notes that an account is connected since `at`: what was quarantined since then is due. Returns how many pieces. `insists`: it is connected
   * now, whatever the clocks say; `at` only counts when nothing is known of the connection, or something older.
   */
  authorize(key: AccountKey, at: number, insists?: boolean): Promise<{ applied: boolean; released: number }>;
  depth(): Promise<Depth>;
  close(): Promise<void>;
}

/** Nothing can be stored or read at the moment: the database is away, full or locked. Nothing was changed. */
export class InboxUnavailable extends Error {
  override readonly name = "InboxUnavailable";
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isNamed(value, "InboxUnavailable");
  }
}
