import type { DeliveryStore } from "./contract/delivery-store.ts";
import type { StoredSecrets } from "./contract/stored-secrets.ts";
import type { TakenOver } from "./contract/taken-over.ts";
import type { Reads, Transaction } from "./contract/transaction.ts";

/**
 * What the server remembers. One contract, one conformance suite, one folder for each implementation.
 *
 * Times are Unix milliseconds and always arguments: no implementation asks a clock. Ids sort as text in the order
 * they were made, so "newest first" is descending id; but for events, whose ids may be chosen by whoever publishes
 * them, and their deliveries: there it is the order in which they were inserted. Rows handed out are the caller's to keep; changing one
 * changes nothing in the store.
 */

/** What is old. */
export interface PruneRequest {
  /** The time it is, Unix milliseconds. */
  now: number;
  /** Events from before this time, and all that hangs on them, are no longer needed. */
  eventsBefore: number;
  /** Nor are idempotent answers from before this one. */
  answersBefore: number;
  /** Rows of each kind deleted in one call, at most. */
  limit: number;
}

/** What the server remembers, and all that is asked of it. */
export interface Store extends DeliveryStore {
  readonly secrets: StoredSecrets;
  /**
   * Runs `work` so that all of what it changes is kept or none, as if transactions ran one after another. Resolves
   * once the change is durable. `work` may await the transaction only, and may be run again when a store has to: it
   * must change nothing else. What it throws is thrown on, with nothing changed; a change or a read that failed fails
   * the whole, also when the work went on regardless.
   * Throws `StoreUnavailable` when nothing can be stored.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** The same for looking only. */
  read<T>(work: (reads: Reads) => Promise<T>): Promise<T>;
  /** The time the earliest task is due; null when there is none. */
  nextTaskAt(): Promise<number | null>;
  /** `listener` is told, after each commit that scheduled tasks, when the earliest of them is due. Null ends that. */
  onTask(listener: ((dueAt: number) => void) | null): void;
  /** Takes over, as `beat` does, from an earlier process in this place and from those that said they are ending. Call before the engine starts. */
  releaseLeases(now: number): Promise<TakenOver>;
  /**
   * Says that this process lives, to those who share its database, and ends the leases of those who have not said so
   * since `goneBefore`. A process that has its database alone says it to nobody. Throws `UnfitDatabase` when another has made
   * it one that this version cannot work with.
   *
   * What one of them had under way is not simply due again. A delivery that was alone under way, for the second time, is
   * quarantined. All others are suspects of this process: nobody can claim them but by `nextSuspect`, until `releaseSuspects`.
   */
  beat(now: number, goneBefore: number): Promise<TakenOver>;
  /** The time by which those who share a database agree, Unix milliseconds; null for a process that has its database alone. */
  sharedTime(): Promise<number | null>;
  /**
   * Deletes what is old, a little at once: at most `limit` rows of each kind. Returns how many went, and 0 when nothing more
   * can go now. An event goes with its variants, deliveries and attempts, when it is from before `eventsBefore` and none of
   * its deliveries is pending. A store that keeps events in partitions drops those whole: there an event goes later, with
   * the others of its partition. It counts as gone once it can no longer be retrieved, and may be listed a little longer.
   */
  prune(request: PruneRequest): Promise<number>;
  close(): Promise<void>;
}

/** A database that is there and must not be used: a newer server wrote it, or it would lose what it acknowledges. The message says what to change. */
export class UnfitDatabase extends Error {
  override readonly name = "UnfitDatabase";
}

/** Nothing can be stored at the moment: disk full, disk failing, database gone. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  /** False: nothing was changed. True: nobody knows, since the database went away before it said whether it kept the change. */
  readonly uncertain: boolean;

  constructor(message: string, { uncertain = false, ...options }: ErrorOptions & { uncertain?: boolean } = {}) {
    super(message, options);
    this.uncertain = uncertain;
  }
}

/** An id, or another value that must be unique, exists already. Nothing was changed. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}
