import type { DatabaseSync } from "node:sqlite";
import { deferred } from "../../deferred.ts";
import type { Soon } from "../../soon.ts";
import { systemClock } from "../../system-clock.ts";
import { type Attempt, type Claim, InboxUnavailable, type Settlement } from "../inbox.ts";
import type { FileInPlace } from "./file-in-place.ts";
import { type RevocableDatabase, revocableDatabase } from "./revocable-database.ts";
import { prepareSettlements, type Settlements } from "./settle-work.ts";
import { ENDED, type SharedTransaction, sharedTransaction } from "./shared-transaction.ts";
import { type StatementGuard, statementGuard } from "./statement-guard.ts";
import { available, openConnection, type WritingConnection } from "./writer.ts";

/** How long a try waits for the transaction before it is postponed. */
const TURN_MS = 60_000;
/** The interval between two checks whether another process has finished writing. */
const BUSY_PAUSE_MS = 5;

/**
 * Handler tries on a separate connection. SQLite has one writer, so one try at a time has its transaction; the others
 * run concurrently.
 */
export interface SqliteAttempts {
  begin(claim: Claim, holding: boolean, outside: Outside): Soon<Attempt<DatabaseSync> | null>;
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

interface Connection extends WritingConnection {
  settlements: Settlements;
  shared: SharedTransaction;
  guard: StatementGuard;
}

/** `inPlace` belongs to the inbox that has opened the file. */
export function createAttempts(file: string, inPlace: FileInPlace): SqliteAttempts {
  let connection: Connection | null = null;
  /** Tries that wait for the transaction get it one after another. */
  let turn: Promise<void> = Promise.resolve();
  let inLine = 0;
  /**
   * Handlers whose last try read `tx` and returned within one turn of the event loop. They get the transaction before
   * they are called, which delays nobody for longer, and share its commit.
   */
  const quick = new Set<string>();
  let turnsOfLoop = 0;
  let countsTurn = false;

  function connected(): Connection {
    if (connection === null) {
      // Opening the file when it is missing would create another one.
      inPlace.mustBe();
      const db = openConnection(file);
      const guard = statementGuard(db);
      connection = { db, inPlace, guard, settlements: prepareSettlements(db), shared: sharedTransaction({ db, inPlace }) };
    }
    return connection;
  }

  /** The number of the event loop's turn. */
  function turnOfLoop(): number {
    if (!countsTurn) {
      countsTurn = true;
      setImmediate(() => {
        countsTurn = false;
        turnsOfLoop++;
      });
    }
    return turnsOfLoop;
  }

  /** Waits for the transaction and begins it, after those that already wait. */
  async function write({ shared }: Connection, shares: boolean): Promise<void> {
    const before = turn;
    const { promise, resolve } = deferred<void>();
    turn = promise;
    inLine++;
    let over: AbortController | null = null;
    try {
      await before;
      const until = systemClock.now() + TURN_MS;
      while (!shared.take(shares)) {
        if (systemClock.now() >= until) throw new InboxUnavailable("SQLite: another handler or process has been writing for too long.");
        const ended = shared.partEnded();
        over ??= new AbortController();
        const pause = systemClock.sleep(ended === null ? BUSY_PAUSE_MS : until - systemClock.now(), over.signal);
        await (ended === null ? pause : Promise.race([ended, pause]));
      }
    } finally {
      over?.abort("taken");
      inLine--;
      resolve();
    }
  }

  return {
    released: () => connection?.shared.ended() ?? null,
    close() {
      connection?.db.close();
      connection = null;
    },
    begin(claim, holding, outside) {
      if (!outside.holds()) return null;
      const on = connected();
      const shares = quick.has(claim.handler);
      if (!holding && !shares) return attempt(claim, on, false, outside);
      if (inLine === 0 && on.shared.take(shares)) return attempt(claim, on, true, outside);
      return write(on, shares).then(() => attempt(claim, on, true, outside));
    },
  };

  function attempt(claim: Claim, on: Connection, holding: boolean, outside: Outside): Attempt<DatabaseSync> {
    const { db, settlements, shared, guard } = on;
    const begunIn = turnOfLoop();
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
      // What it wrote from here on would be kept at once.
      if (begun && !db.isTransaction) throw new Error(ENDED);
    }

    let handedOut: RevocableDatabase | null = null;
    function transaction(): DatabaseSync {
      mayUse();
      if (!begun) {
        if (contended || !available(() => shared.take(quick.has(claim.handler)))) {
          contended = true;
          throw new InboxUnavailable("SQLite: another handler is writing. This one is called again once that has ended.");
        }
        begun = true;
      }
      if (handedOut === null) {
        mustHold();
        handedOut = revocableDatabase(db, mayUse, guard);
      }
      return handedOut.database;
    }

    function end(): void {
      over = true;
      handedOut?.endReads();
      if (begun && handedOut !== null && turnsOfLoop === begunIn) quick.add(claim.handler);
      else quick.delete(claim.handler);
    }

    function undo(): void {
      if (over) return;
      end();
      if (begun) shared.undo();
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
        if (!begun) {
          end();
          return outside.settle(settlement);
        }
        try {
          // If the handler ended the transaction, `keep` says so.
          if (db.isTransaction && !available(() => settlements.settle(claim, settlement))) return false;
          end();
          await shared.keep();
          return true;
        } finally {
          undo();
        }
      },
      rollback: undo,
      abandon: undo,
    };
  }
}
