import { type InstanceTest, instanceByName } from "../instance-by-name.ts";
import type { Soon } from "../soon.ts";

/**
 * A receiver's store of events: one contract, one conformance suite, one implementation for each database.
 *
 * Methods that every webhook calls may return their result instead of a promise, because an inbox in memory has nothing
 * to wait for.
 *
 * Times are Unix milliseconds and always arguments. Source, mode, account and id together identify an event. Each event
 * has one piece of work for each handler, and each piece succeeds and fails independently.
 */

/** The order in which a handler gets the events of one object. */
export type Order =
  /** Skips an event that is older than one already handled. Also skips a waiting event when a newer one arrives. */
  | "latest"
  /** One after another, by creation time. */
  | "serial"
  /** As they arrive, possibly concurrently. */
  | "any";

/** An event as it is stored. */
export interface InboxEvent {
  /** The sender: `stripe`, unless the endpoint says otherwise. */
  source: string;
  livemode: boolean;
  /** The connected account; null for the platform's own events. */
  account: string | null;
  /** `evt_…` */
  id: string;
  type: string;
  /** The id of the object it is about, or the object's type if it has no id. */
  objectId: string;
  /** When it happened. Stripe's times are whole seconds. */
  created: number;
  /** Orders types within the same second: created before changed before ended. */
  rank: number;
  /** The endpoint whose secret verified it. */
  endpoint: string;
  apiVersion: string | null;
  /** The exact bytes. */
  body: Uint8Array;
  receivedAt: number;
}

/** An event's key. */
export type EventKey = Pick<InboxEvent, "source" | "livemode" | "account" | "id">;

/** An account in one mode. */
export interface AccountKey {
  source: string;
  livemode: boolean;
  account: string;
}

/** A handler's part in an event, as it is first written. */
export interface NewWork {
  handler: string;
  order: Order;
  /** Within one handler, events with the same key wait for each other. */
  orderKey: string;
  dueAt: number;
}

/**
 * `pending` is tried until it reaches another state. `dead`: given up, waits for `replayDead`. `quarantined`: waits for
 * the account to come back. `stale`: superseded by a newer event. `cancelled`: the account left.
 */
export type WorkState = "pending" | "done" | "dead" | "discarded" | "stale" | "cancelled" | "quarantined";

/** A lease to write at once: the process that stores an event can then handle it without a second query. */
export interface Lease {
  now: number;
  leaseUntil: number;
}

/** What an event says about the connection to its account. */
export interface ConnectionChange {
  account: string;
  to: "authorized" | "deauthorized";
}

/** An event with its work. */
export interface Arrival {
  event: InboxEvent;
  /** Empty when no handler matches. */
  work: readonly NewWork[];
  connection: ConnectionChange | null;
  /**
   * The state to assume when a connection's change has the same second as the opposite known change. Null: undecided,
   * and `store` answers `tied`.
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
      /** Whether a change of the connection took effect; false when a newer one is known. Null for other events. */
      connected: boolean | null;
      cancelled: number;
      released: number;
    }
  | Known
  /** Its account has left. The event is stored, and its work is quarantined. */
  | { outcome: "quarantined" }
  /** See `tieGoesTo`. Nothing was stored. */
  | { outcome: "tied" }
  /**
   * It is kept beside the inbox because another writer holds the lock. `later` gives the outcome once it is in, and
   * rejects if it has to wait longer.
   */
  | { outcome: "spooled"; later: Promise<Exclude<Stored, { outcome: "spooled" }>> };

/** A known event. */
export interface Known {
  outcome: "duplicate";
  /** Leased work: of added handlers, or, with `retryDuplicate`, work that waited for another try. */
  claims: Claim[];
  waiting: number;
  /**
   * The number of pieces of work for handlers with no part in the event yet, because it came to another endpoint
   * before.
   */
  added: number;
  /** The type it was first stored with. */
  knownType: string;
}

/** What the newest event that was handled with order `latest` says about an object. */
export interface Mark {
  created: number;
  /** It has ended: deleted, closed. */
  ended: boolean;
}

/** Leased work. The inbox compares the fence: once another process has claimed the work, this claim changes nothing. */
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
  /** It was replayed manually: neither order nor age makes it stale. */
  forced: boolean;
  event: InboxEvent;
  mark: Mark | null;
  /** A newer event waits for the same handler and object. */
  newerWaits: boolean;
  /** When the account left, if it has. */
  accountLeftAt: number | null;
}

export interface ClaimRequest {
  now: number;
  leaseUntil: number;
  /** The maximum in all. */
  limit: number;
  /** Only work of these handlers, with a maximum for each: others may belong to another version of the program. */
  handlers: readonly Wanted[];
}

/** A handler to claim work for. */
export interface Wanted {
  handler: string;
  limit: number;
}

/** How a claim ends. */
export interface Settlement {
  at: number;
  next: { state: Exclude<WorkState, "pending"> } | { state: "pending"; dueAt: number };
  /** The error, for people; null when there is none. */
  error: string | null;
  /** False for a try that does not count against the work. */
  counts: boolean;
  /** Raises the object's mark for this handler. */
  mark: Mark | null;
}

/** A try of a handler, with one transaction for its writes and its success. */
export interface Attempt<Tx> {
  /**
   * The transaction. It begins when first read, and holds the claim: no other process can take the work over until it
   * ends. Throws once the try is over, and when another handler has the only possible transaction: then `contended` is
   * true.
   */
  readonly tx: Tx;
  /**
   * The transaction was read but was not available. Nothing was kept; call the handler again, on a try that begins with
   * it.
   */
  readonly contended: boolean;
  /**
   * The transaction was never read: nothing waits for what this try holds, and its commit may share a write with
   * others.
   */
  readonly untouched: boolean;
  /** A handler's note, read in the transaction; null when there is none. */
  note(key: string): Promise<string | null>;
  /** Changes or removes a note, in the transaction. */
  setNote(key: string, value: string | null): Promise<void>;
  /**
   * Commits the transaction together with the settlement. False, with nothing changed, when the claim was lost. Later
   * uses of `tx` fail.
   */
  commit(settlement: Settlement): Soon<boolean>;
  /** Rolls the transaction back. The claim stays. */
  rollback(): Soon<void>;
  /** Rolls it back while the handler is still running: the handler's later uses of `tx` fail. */
  abandon(): Soon<void>;
}

/** A piece of work, for people to inspect. */
export interface WorkRow {
  event: EventKey & Pick<InboxEvent, "type" | "endpoint" | "created" | "receivedAt">;
  handler: string;
  state: WorkState;
  attempts: number;
  dueAt: number;
  error: string | null;
  settledAt: number | null;
}

/** Which work: of events with this id, narrowed down by the other fields. */
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
  /** Only work settled at this time or later, Unix milliseconds. */
  settledSince?: number;
  account?: string | null;
  livemode?: boolean;
  limit: number;
}

/** One handler's work that is not finally settled. */
export interface HandlerDepth {
  handler: string;
  pending: number;
  dead: number;
  quarantined: number;
  /** When its oldest pending work arrived; null when nothing is pending. */
  oldestPendingAt: number | null;
}

/** States of work that is settled for good. */
export type SettledState = Exclude<WorkState, "pending" | "dead" | "quarantined">;

/** A handler that takes over the work of its former name: at most `limit` pieces at once. */
export interface Adoption {
  from: string;
  to: string;
  now: number;
  limit: number;
}

/** What to count. */
export interface DepthRequest {
  /** Whether to count work that is settled for good, too. It is in no index, so all work is read. Default: false. */
  settled?: boolean;
}

/** The amount of work, for gauges. */
export interface Depth {
  /** Pieces of work by state. Finally settled work is counted only on request. */
  work: Record<Exclude<WorkState, SettledState>, number> & Partial<Record<SettledState, number>>;
  /** When the oldest pending work arrived; null when nothing is pending. */
  oldestPendingAt: number | null;
  /**
   * Every handler with pending, dead or quarantined work, by name, including handlers that no program registers any
   * more.
   */
  handlers: HandlerDepth[];
}

/** What to remove. Each time is in Unix milliseconds: older entries go. */
export interface Pruning {
  now: number;
  /** Events that arrived before, and have no pending, dead or quarantined work. */
  receivedBefore: number;
  /** Discards dead letters given up before. Null: none. */
  deadBefore: number | null;
  /** Discards quarantined work of events that arrived before. Null: none. */
  quarantinedBefore: number | null;
  /** Discards pending work, due before, of handlers that are not in `handlers`. Null: none. */
  orphanedBefore: number | null;
  handlers: readonly string[];
  /** Removes marks of objects whose newest event happened before. Null: none. */
  markedBefore: number | null;
  /** The maximum of each. */
  limit: number;
}

/** The amount removed: events, marks, and work given up permanently. */
export interface Pruned {
  events: number;
  dead: number;
  quarantined: number;
  orphaned: number;
  marks: number;
}

/** Which dead letters to take. */
export interface DeadLetters {
  handlers: readonly string[];
  /** Only those for events of this type. */
  type?: string;
  /** Only those given up at this time or later, Unix milliseconds. */
  since?: number;
  /** Counts them without changing anything. */
  dryRun?: boolean;
}

/**
 * Whether an account is connected, for a change that has the same second as the opposite one. Rejects with
 * `InboxUnavailable` if that cannot be determined now.
 */
export type DecideTie = (arrival: Arrival) => Promise<"authorized" | "deauthorized">;

export interface Inbox<Tx> {
  /** Names the kind, for messages: `memory`, `SQLite`, `PostgreSQL`. */
  readonly kind: string;
  /** Whether stored events outlive the process. If not, a failure is reported to the sender, so that it sends again. */
  readonly durable: boolean;
  /** How many handlers one process can run concurrently, and why, for people; null when there is no limit. */
  readonly most: { handlers: number; says: string } | null;
  /**
   * Creates or updates the tables. Called first, and may be called again. Throws `InboxUnavailable`. `decideTie`
   * decides what an ended process left undecided (see `Arrival.tieGoesTo`); without it, that is left to others.
   */
  prepare(decideTie?: DecideTie): Promise<void>;
  /**
   * The database's time, Unix milliseconds, if several machines may share the database; null if there is only one
   * clock.
   */
  time(): Promise<number | null>;
  /**
   * Stores an event with its work, once. Durable when it resolves. For order `latest`, older waiting work of the same
   * object becomes stale. If a known event comes to another endpoint, handlers with no part in it yet get work, with
   * the bytes that came there. `retryDuplicate`: a known event's work that waits for another try is due at once.
   */
  store(arrival: Arrival, options?: { retryDuplicate: boolean }): Soon<Stored>;
  /**
   * Leases due work, the longest due first. For one handler and object, at most one piece is leased at a time unless
   * its order is `any`.
   */
  claim(request: ClaimRequest): Promise<Claim[]>;
  /**
   * Begins a try of a claim whose lease has not expired. Null when the claim is known to be lost; otherwise the try's
   * commit detects it. `holding`: waits for the transaction and begins it.
   */
  begin(claim: Claim, holding?: boolean): Soon<Attempt<Tx> | null>;
  /** Extends a lease. False when the claim was lost. */
  renew(claim: Claim, leaseUntil: number): Soon<boolean>;
  /** Ends a claim without a transaction of the handler. False when the claim was lost. */
  settle(claim: Claim, settlement: Settlement): Soon<boolean>;
  /** Returns claims that were not begun: they are due as before, and no try is counted. */
  release(claims: readonly Claim[]): Promise<void>;
  /**
   * When work of these handlers next falls due, or its lease expires; null when none is pending. `now` or earlier: some
   * is due.
   */
  nextDueAt(handlers: readonly string[], now: number): Promise<number | null>;
  /** An event by its key; null when it is unknown. */
  event(key: EventKey): Promise<InboxEvent | null>;
  /** Events with this id, in any mode and account. */
  eventsById(id: string): Promise<InboxEvent[]>;
  /** Work, the newest first. */
  work(filter: WorkFilter): Promise<WorkRow[]>;
  /**
   * Makes an event's work due again from the beginning, whatever its state, and adds work of new handlers. Leased work
   * is left alone. Returns the number of pieces.
   */
  replay(key: EventKey, work: readonly NewWork[]): Promise<number>;
  /** Makes at most `limit` dead pieces of work due again. Returns how many. */
  replayDead(request: DeadLetters & { now: number; limit: number }): Promise<number>;
  /**
   * Makes dead work due again from the beginning, and work that waits for another try due now. Leased, settled or
   * quarantined work stays. Returns the number of pieces.
   */
  retry(which: WorkOfEvent, now: number): Promise<number>;
  /** Gives up pending, dead or quarantined work. Leased work stays. Returns the number of pieces. */
  discard(which: WorkOfEvent, now: number): Promise<number>;
  /**
   * Moves work, dead letters and marks from one handler to another, at most `limit` pieces of work; leased work stays.
   * Returns the number of pieces.
   */
  adopt(request: Adoption): Promise<number>;
  /** Removes old settled events. */
  prune(request: Pruning): Promise<Pruned>;
  /**
   * Records that an account is connected since `at`: work quarantined since then is due. Returns the number of pieces.
   * `insists`: it is connected now, whatever the clocks say; `at` only counts when nothing, or something older, is
   * known of the connection.
   */
  authorize(key: AccountKey, at: number, insists?: boolean): Promise<{ applied: boolean; released: number }>;
  depth(request?: DepthRequest): Promise<Depth>;
  close(): Promise<void>;
}

/** Nothing can be stored or read at the moment: the database is unavailable, full or locked. Nothing was changed. */
export class InboxUnavailable extends Error {
  override readonly name = "InboxUnavailable";
  static override readonly [Symbol.hasInstance]: InstanceTest = instanceByName("InboxUnavailable");
}
