import type { DatabaseSync } from "node:sqlite";
import { deferred } from "../../deferred.ts";
import { systemClock } from "../../system-clock.ts";
import { type Attempt, type Claim, InboxUnavailable, type Settlement } from "../inbox.ts";
import { revocableDatabase } from "./revocable-database.ts";
import { prepareSettlements, type Settlements } from "./settle-work.ts";
import { available, beginIfFree, openConnection } from "./writer.ts";

/** How long a try waits for the transaction before it is postponed. */
const TURN_MS = 60_000;
/** The interval between two checks whether another process has finished writing. */
const BUSY_PAUSE_MS = 5;

/**
 * Handler tries on a separate connection. SQLite has one writer, so one try at a time has its transaction; the others
 * run beside it.
 */
export interface SqliteAttempts {
  begin(claim: Claim, holding: boolean, outside: Outside): Promise<Attempt<DatabaseSync> | null>;
  /** Resolves when the open transaction has ended; null when none is open. */
  released(): Promise<void> | null;
  close(): void;
}

/** What a claim needs from the inbox's other connection. */
interface Outside {
  holds(): boolean;
  /** Settles it when the handler never read its transaction. */
  settle(settlement: Settlement): Promise<boolean>;
}

interface Connection {
  db: DatabaseSync;
  settlements: Settlements;
}

/** Another handler or process is writing. The handler is called again once it has finished. */
class TransactionTaken extends InboxUnavailable {}

export function createAttempts(file: string): SqliteAttempts {
  let connection: Connection | null = null;
  /** The open transaction. */
  let writing: { ended: Promise<void>; end(): void } | null = null;
  /** Tries that wait for the transaction get it one after another. */
  let turn: Promise<void> = Promise.resolve();

  function connected(): Connection {
    if (connection === null) {
      const db = openConnection(file);
      connection = { db, settlements: prepareSettlements(db) };
    }
    return connection;
  }

  /** Begins the transaction, if there is no other writer. */
  function tryToWrite({ db }: Connection): boolean {
    if (writing !== null || !beginIfFree(db)) return false;
    const { promise, resolve } = deferred<void>();
    writing = {
      ended: promise,
      end() {
        writing = null;
        resolve();
      },
    };
    return true;
  }

  /** Waits for the transaction and begins it, after those that already wait. */
  async function write(on: Connection): Promise<void> {
    const before = turn;
    const { promise, resolve } = deferred<void>();
    turn = promise;
    const over = new AbortController();
    try {
      await before;
      const until = systemClock.now() + TURN_MS;
      while (!tryToWrite(on)) {
        if (systemClock.now() >= until) throw new InboxUnavailable("SQLite: another handler or process has been writing for too long.");
        const pause = systemClock.sleep(writing === null ? BUSY_PAUSE_MS : until - systemClock.now(), over.signal);
        await (writing === null ? pause : Promise.race([writing.ended, pause]));
      }
    } finally {
      over.abort();
      resolve();
    }
  }

  return {
    released: () => writing?.ended ?? null,
    close() {
      connection?.db.close();
      connection = null;
    },
    async begin(claim, holding, outside) {
      if (!outside.holds()) return null;
      const on = connected();
      if (holding) await write(on);
      return attempt(claim, on, holding, outside);
    },
  };

  function attempt(claim: Claim, on: Connection, holding: boolean, outside: Outside): Attempt<DatabaseSync> {
    const { db, settlements } = on;
    let begun = holding;
    let over = false;
    let contended = false;

    /** From here on the transaction has the lock, so no process can take the claim over until it ends. */
    function mustHold(): void {
      if (settlements.holds(claim)) return;
      throw new InboxUnavailable("The claim was lost: another process has taken the work over.");
    }

    function mayUse(): void {
      if (over) throw new Error("The handler has ended, or its time is over: its transaction has ended, too.");
    }

    let handedOut: DatabaseSync | null = null;
    function transaction(): DatabaseSync {
      mayUse();
      if (!begun) {
        if (contended || !available(() => tryToWrite(on))) {
          contended = true;
          throw new TransactionTaken("SQLite: another handler is writing. This one is called again once that has ended.");
        }
        begun = true;
      }
      if (handedOut === null) {
        mustHold();
        handedOut = revocableDatabase(db, mayUse);
      }
      return handedOut;
    }

    function undo(): void {
      if (over) return;
      over = true;
      if (!begun) return;
      try {
        if (db.isTransaction) db.exec("ROLLBACK");
      } finally {
        writing?.end();
      }
    }

    return {
      get tx() {
        return transaction();
      },
      get contended() {
        return contended;
      },
      get untouched() {
        return !begun && !contended;
      },
      async note(key) {
        transaction();
        return available(() => settlements.note(key));
      },
      async setNote(key, value) {
        transaction();
        available(() => settlements.setNote(key, value));
      },
      async commit(settlement: Settlement) {
        if (over || contended) return false;
        try {
          if (begun && !db.isTransaction) {
            throw new Error("The handler ended the inbox's transaction by itself: leave COMMIT and ROLLBACK to the receiver.");
          }
          if (!begun) {
            over = true;
            return await outside.settle(settlement);
          }
          const kept = available(() => settlements.settle(claim, settlement));
          available(() => db.exec(kept ? "COMMIT" : "ROLLBACK"));
          return kept;
        } finally {
          undo();
        }
      },
      async rollback() {
        undo();
      },
      async abandon() {
        undo();
      },
    };
  }
}
