import { type Deferred, deferred } from "../../deferred.ts";
import { InboxUnavailable } from "../inbox.ts";
import { available, beginIfFree, type WritingConnection } from "./writer.ts";

/** The savepoint of a try's part. */
export const PART = "carabiner_try";
/** The most tries in one commit, so that other writers get their turn. */
const SHARED = 100;

/**
 * The write transaction of handlers' tries. One try at a time has it. Tries that follow each other immediately share
 * it: each has its own savepoint, and one commit, which waits for the disk, covers all of them.
 */
export interface SharedTransaction {
  /**
   * Begins a try's part; false when another try or another writer has the lock. `shares`: it may join those that wait
   * for their commit. Otherwise those are committed first.
   */
  take(shares: boolean): boolean;
  /**
   * Ends the part: what it wrote is kept. Resolves once it is on disk. Throws an Error when the handler itself has
   * ended the transaction.
   */
  keep(): Promise<void>;
  /** Ends the part and undoes only this part. */
  undo(): void;
  /** Resolves when the current try's part ends; null when no try has a part. */
  partEnded(): Promise<void> | null;
  /** Resolves when the whole transaction has ended; null when there is no transaction. */
  ended(): Promise<void> | null;
}

export function sharedTransaction(connection: WritingConnection): SharedTransaction {
  const { db, inPlace } = connection;
  /** Parts that are kept and wait for the commit. */
  let kept: Deferred<void>[] = [];
  let part: Deferred<void> | null = null;
  let whole: Deferred<void> | null = null;
  let scheduled = false;
  /** The commit was due while a part was running: it follows as soon as that ends. */
  let due = false;
  const save = db.prepare(`SAVEPOINT ${PART}`);
  const keepPart = db.prepare(`RELEASE ${PART}`);
  const undoPart = db.prepare(`ROLLBACK TO ${PART}`);

  function endPart(): void {
    part?.resolve();
    part = null;
  }

  function endWhole(): void {
    due = false;
    kept = [];
    whole?.resolve();
    whole = null;
  }

  function failKept(error: unknown): void {
    const failed = kept;
    endWhole();
    for (const { reject } of failed) reject(error);
  }

  /**
   * A handler ended the transaction, so it is unknown whether the parts before it were kept. Their claims show that.
   */
  function lost(): void {
    failKept(new InboxUnavailable("SQLite: another handler ended the transaction that this one shared."));
  }

  function commit(): void {
    const committed = kept;
    try {
      // Handlers may have held it for long.
      inPlace.mustBe();
      available(() => db.exec("COMMIT"));
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      failKept(error);
      return;
    }
    endWhole();
    for (const { resolve } of committed) resolve();
  }

  function commitSoon(): void {
    if (due) {
      commit();
      return;
    }
    if (scheduled) return;
    scheduled = true;
    // Tries of the same turn of the event loop join.
    setImmediate(() => {
      scheduled = false;
      if (kept.length === 0) return;
      if (part === null) commit();
      else due = true;
    });
  }

  return {
    partEnded: () => part?.promise ?? null,
    ended: () => whole?.promise ?? null,
    take(shares) {
      if (part !== null) return false;
      if (whole !== null && (!shares || kept.length >= SHARED)) commit();
      if (whole === null) {
        if (!beginIfFree(connection)) return false;
        whole = deferred<void>();
      }
      try {
        available(() => save.run());
      } catch (error) {
        if (db.isTransaction) db.exec("ROLLBACK");
        failKept(error);
        throw error;
      }
      part = deferred<void>();
      return true;
    },
    keep() {
      endPart();
      try {
        if (!db.isTransaction) throw new Error(ENDED);
        available(() => keepPart.run());
      } catch (error) {
        if (db.isTransaction) db.exec("ROLLBACK");
        lost();
        throw error;
      }
      const one = deferred<void>();
      kept.push(one);
      commitSoon();
      return one.promise;
    },
    undo() {
      endPart();
      if (kept.length === 0) {
        if (db.isTransaction) db.exec("ROLLBACK");
        endWhole();
        return;
      }
      try {
        undoPart.run();
        keepPart.run();
        if (due) commit();
      } catch {
        // The savepoint is gone: the handler ended the transaction.
        if (db.isTransaction) db.exec("ROLLBACK");
        lost();
      }
    },
  };
}

/** What a handler is told whose transaction has ended before it. */
export const ENDED =
  "The transaction of tx ended before the handler: leave COMMIT and ROLLBACK to the receiver. A conflict with OR ROLLBACK ends it, too, and so may a full disk.";
