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

/** A lease to write at once, so that whoever stores an event can handle it without asking again. */
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
  /** It is known already. `claims`: work of it that was waiting for another try, leased, if `retry` was asked for. */
  | { outcome: "duplicate"; claims: Claim[]; waiting: number }
  /** Its account has left. It is kept, and its work is quarantined. */
  | { outcome: "quarantined" }
  /** See `tieGoesTo`. Nothing was stored. */
  | { outcome: "tied" };

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
  limit: number;
  /** Only work of these handlers: others may belong to another version of the program. */
  handlers: readonly string[];
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
  /** The transaction. It begins when this is first read, and holds the claim: nobody else can take the work over until it ends. */
  readonly tx: Tx;
  /** A note kept for a handler, read in the transaction; null when there is none. */
  note(key: string): Promise<string | null>;
  /** Changes or removes a note, in the transaction. */
  setNote(key: string, value: string | null): Promise<void>;
  /** Commits the transaction together with the settlement. False, with nothing changed, when the claim was lost. */
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

export interface WorkFilter {
  state?: WorkState;
  handler?: string;
  eventId?: string;
  account?: string | null;
  livemode?: boolean;
  limit: number;
}

/** How much there is, for gauges. */
export interface Depth {
  /** Pieces of work by state. */
  work: Record<WorkState, number>;
  /** When the oldest pending work arrived; null when nothing is pending. */
  oldestPendingAt: number | null;
}

export interface Inbox<Tx> {
  /** Names the kind, for messages: `memory`, `SQLite`, `PostgreSQL`. */
  readonly kind: string;
  /** Whether what is stored outlives the process. If not, the caller is told of a failure, so that it sends again. */
  readonly durable: boolean;
  /** How many tries it can have open in one process at the same time; null when that is no matter. */
  readonly triesAtOnce: number | null;
  /** Makes or updates the tables. Called before anything else, and may be called again. Throws `InboxUnavailable`. */
  prepare(): Promise<void>;
  /**
   * Keeps an event with what is owed for it, once. Durable when it resolves. For work of order `latest`, older work of the same object that
   * waits becomes stale. `retryDuplicate`: work of a known event that waits for another try is due at once.
   */
  store(arrival: Arrival, options?: { retryDuplicate: boolean }): Promise<Stored>;
  /** Leases due work, the longest due first. Of one handler and object, at most one piece is leased at a time unless its order is `any`. */
  claim(request: ClaimRequest): Promise<Claim[]>;
  /** Begins a try, once there is room for it. Null when the claim was lost. */
  begin(claim: Claim): Promise<Attempt<Tx> | null>;
  /** Makes a lease last longer. False when the claim was lost. */
  renew(claim: Claim, leaseUntil: number): Promise<boolean>;
  /** Ends a claim without a transaction of the handler. False when the claim was lost. */
  settle(claim: Claim, settlement: Settlement): Promise<boolean>;
  /** Gives claims back that were not begun: they are due as before, and no try is counted. */
  release(claims: readonly Claim[]): Promise<void>;
  /** When work of these handlers falls due, or its lease runs out, next; null when none is pending. */
  nextDueAt(handlers: readonly string[]): Promise<number | null>;
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
  replayDead(request: { now: number; limit: number; handlers: readonly string[] }): Promise<number>;
  /** Removes events that arrived earlier and of which nothing is pending, dead or quarantined. At most `limit`; returns how many. */
  prune(request: { receivedBefore: number; limit: number }): Promise<number>;
  /** Notes that an account is connected since `at`: what was quarantined since then is due. Returns how many pieces. */
  authorize(key: AccountKey, at: number): Promise<{ applied: boolean; released: number }>;
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
