import type { BackUp } from "./contract/back-up.ts";
import type { DeliveryStore } from "./contract/delivery-store.ts";
import type { ListenerStore, RequestStore } from "./contract/listener-store.ts";
import type { SessionStore } from "./contract/session-store.ts";
import type { StoredSecrets } from "./contract/stored-secrets.ts";
import type { TakenOver } from "./contract/taken-over.ts";
import type { Reads, Transaction } from "./contract/transaction.ts";

/**
 * What the server stores. One contract, one conformance suite, one folder for each implementation.
 *
 * Times are Unix milliseconds and always arguments: no implementation reads a clock. Ids sort as text in the order
 * they were made, so "newest first" is descending id. Publishers can choose the ids of events, so events and their
 * deliveries are in the order of their insertion instead. Rows that are handed out belong to the caller; changing one
 * does not change the store.
 */

/**
 * Why expired events stay: too many deliveries are `pending` to check in time, or others hold `locks` on the tables.
 */
export type HeldUp = "pending" | "locks";

/**
 * Which rows to delete as old. The store remembers an erased account until no earlier answer or request is needed any
 * more, because one may still wait to be written.
 */
export interface PruneRequest {
  /** The current time, Unix milliseconds. */
  now: number;
  /** Events from before this time, and everything that belongs to them, are no longer needed. */
  eventsBefore: number;
  /** Idempotent answers from before this time are no longer needed. */
  answersBefore: number;
  /** Requests answered before this time on the machine's clock are no longer needed. */
  requestsBefore: number;
  /**
   * Attempts of ended deliveries from before this time are no longer needed. Without it, they are deleted with their
   * events.
   */
  attemptsBefore?: number;
  /**
   * Of ended deliveries from before this time, the answers' heads and bodies are no longer needed. Without it, as
   * above.
   */
  attemptBodiesBefore?: number;
  /** Entries of the audit log from before this time are no longer needed. Without it, all are kept. */
  auditBefore?: number;
  /** The most rows of each kind that one call deletes. */
  limit: number;
  /** Events that have expired stay for now. */
  onHeldUp?(why: HeldUp): void;
}

/** Which events of an account to delete as old. */
export interface AccountPruneRequest {
  accountId: string;
  livemode: boolean;
  /** Events from before this time are no longer needed, Unix milliseconds. */
  before: number;
  /** Where the last call stopped; 0 at first. */
  after: number;
  /** About the most rows of each kind that one call deletes. */
  limit: number;
}

/** Everything the server stores, and all operations on it. */
export interface Store extends DeliveryStore {
  readonly secrets: StoredSecrets;
  readonly listeners: ListenerStore;
  readonly requests: RequestStore;
  readonly sessions: SessionStore;
  /** Copies everything into a file; null for a database that is backed up by its own tools. */
  readonly backUp: BackUp | null;
  /**
   * Runs `work` so that all or none of its changes are kept, as if transactions ran one after another. Resolves once
   * the change is durable. `work` may await only the transaction. The store may run it again, so it must change nothing
   * else. If it throws, nothing is changed and the error is rethrown. A change or a read that failed fails the whole
   * transaction, even if the work continued. Throws `StoreUnavailable` when nothing can be stored. `client` names the
   * client that the work is for, such as a key. When much work waits, clients take turns. Without a client the work is
   * the server's own, and the server takes turns like a client.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, client?: string): Promise<T>;
  /**
   * The same, for reading only. Work that examines many rows runs again in parts, and others may write between these.
   * Then it does not see a single moment, and `work` may be called twice.
   */
  read<T>(work: (reads: Reads) => Promise<T>, client?: string): Promise<T>;
  /** When the earliest task is due; null when there are no tasks. */
  nextTaskAt(): Promise<number | null>;
  /**
   * Calls `listener` after each commit that scheduled tasks, with the time when the earliest of them is due. Passing
   * null stops the calls.
   */
  onTask(listener: ((dueAt: number) => void) | null): void;
  /**
   * Takes over, as `beat` does, from an earlier process in this place and from nodes that announced that they are
   * ending. Call it before the engine starts.
   */
  releaseLeases(now: number): Promise<TakenOver>;
  /**
   * Reports to the other nodes of a shared database that this process is alive, and ends the leases of nodes that have
   * not reported since `goneBefore`. Does nothing if the database is not shared. Throws `UnfitDatabase` when another
   * version has changed the database so that this version cannot work with it.
   *
   * What such a node had under way is not simply due again. A delivery that was the only one under way for the second
   * time is quarantined. All others become suspects of this process: only `nextSuspect` can claim them, until
   * `releaseSuspects`.
   */
  beat(now: number, goneBefore: number): Promise<TakenOver>;
  /** The common time of the nodes that share a database, Unix milliseconds; null when the database is not shared. */
  sharedTime(): Promise<number | null>;
  /**
   * Deletes old rows, a few at once: at most `limit` of each kind. Returns how many rows it deleted, emptied or
   * skipped, and 0 when nothing more can be deleted now; the next call starts again from the beginning. An event is
   * deleted with its variants, deliveries and attempts when it is from before `eventsBefore` and no delivery of it is
   * pending. A store with partitions drops a whole partition: there an event is deleted later, together with its
   * partition. It counts as deleted once it cannot be retrieved, but may be listed a little longer. If a delivery is
   * still pending when its turn comes, its attempts stay until the event is deleted.
   */
  prune(request: PruneRequest): Promise<number>;
  /**
   * The same for the events of one account, in the order in which they were recorded. Each is deleted on its own, even
   * in a store with partitions. Those with a pending delivery stay. `next` says where to continue; null at the end.
   */
  pruneAccount(request: AccountPruneRequest): Promise<{ deleted: number; next: number | null }>;
  /**
   * Removes what deleted rows left behind. SQLite: rewrites the file, without free pages, and empties the log; nothing
   * else runs meanwhile. PostgreSQL: vacuums the tables, while others use them. Rejects with `BackupInProgress` while a
   * backup is being made.
   */
  purge(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A database that exists but must not be used: a newer server wrote it, or it could lose what it acknowledges. The
 * message says what to change.
 */
export class UnfitDatabase extends Error {
  override readonly name = "UnfitDatabase";
  /** Whether the reason is that the keys do not open its secrets: the database may be fine with other keys. */
  readonly keysDiffer: boolean;

  constructor(message: string, { keysDiffer = false, ...options }: ErrorOptions & { keysDiffer?: boolean } = {}) {
    super(message, options);
    this.keysDiffer = keysDiffer;
  }
}

/** A database file that this process cannot work with: it may not be read and written, or it is not a file. */
export class UnusableFile extends Error {
  override readonly name = "UnusableFile";
  /** How to fix it. */
  readonly remedy: string;

  constructor(message: string, { remedy, ...options }: ErrorOptions & { remedy: string }) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** Nothing can be stored at the moment: disk full, disk failing, database gone. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  /**
   * False: nothing was changed. True: unknown, because the database became unavailable before it confirmed the change.
   */
  readonly uncertain: boolean;

  constructor(message: string, { uncertain = false, ...options }: ErrorOptions & { uncertain?: boolean } = {}) {
    super(message, options);
    this.uncertain = uncertain;
  }
}

/** An id, or another value that must be unique, already exists. Nothing was changed. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}
