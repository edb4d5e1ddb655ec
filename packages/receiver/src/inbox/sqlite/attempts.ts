import type { DatabaseSync } from "node:sqlite";
import { type Attempt, type Claim, InboxUnavailable, type Settlement } from "../inbox.ts";
import { prepareStatements, type Statements } from "./statements.ts";
import { available, openConnection } from "./writer.ts";

/** Tries of handlers on a connection of their own, one at a time: SQLite has one writer. */
export interface SqliteAttempts {
  begin(claim: Claim, outside: Outside): Promise<Attempt<DatabaseSync> | null>;
  /** Resolves when the transaction that is open has ended; null when none is. */
  released(): Promise<void> | null;
  close(): void;
}

/** What a claim needs of the inbox's other connection. */
interface Outside {
  holds(): boolean;
  /** Settles it when the handler never read its transaction. */
  settle(settlement: Settlement): Promise<boolean>;
}

interface Connection {
  db: DatabaseSync;
  statements: Statements;
}

export function createAttempts(file: string): SqliteAttempts {
  let connection: Connection | null = null;
  let turn: Promise<void> = Promise.resolve();
  let writing: Promise<void> | null = null;

  function connected(): Connection {
    if (connection === null) {
      const db = openConnection(file);
      connection = { db, statements: prepareStatements(db) };
    }
    return connection;
  }

  /** Waits until the tries before have ended. Returns what ends this turn. */
  async function takeTurn(): Promise<() => void> {
    const before = turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    turn = promise;
    await before;
    return resolve;
  }

  return {
    released: () => writing,
    close() {
      connection?.db.close();
      connection = null;
    },
    async begin(claim, outside) {
      const endTurn = await takeTurn();
      try {
        if (outside.holds()) return attempt(claim, connected(), outside, endTurn);
        endTurn();
        return null;
      } catch (error) {
        endTurn();
        throw error;
      }
    },
  };

  function attempt(claim: Claim, { db, statements }: Connection, outside: Outside, endTurn: () => void): Attempt<DatabaseSync> {
    let begun = false;
    let over = false;
    let endWriting = (): void => undefined;

    function begins(): void {
      begun = true;
      const { promise, resolve } = Promise.withResolvers<void>();
      writing = promise;
      endWriting = () => {
        writing = null;
        resolve();
      };
    }

    /** The transaction has the lock from here on, so nobody can take the claim over until it ends. */
    function mustHold(): void {
      if (statements.holds(claim)) return;
      throw new InboxUnavailable("The claim was lost: another process has taken the work over.");
    }

    function transaction(): DatabaseSync {
      if (over) throw new Error("The handler's time is over: its transaction has ended.");
      if (!begun) {
        available(() => db.exec("BEGIN IMMEDIATE"));
        begins();
        mustHold();
      }
      return db;
    }

    function end(): void {
      over = true;
      endWriting();
      endTurn();
    }

    function undo(): void {
      if (over) return;
      try {
        if (db.isTransaction) db.exec("ROLLBACK");
      } finally {
        end();
      }
    }

    return {
      get tx() {
        return transaction();
      },
      async note(key) {
        transaction();
        return available(() => statements.note(key));
      },
      async setNote(key, value) {
        transaction();
        available(() => statements.setNote(key, value));
      },
      async commit(settlement: Settlement) {
        if (over) return false;
        try {
          if (begun && !db.isTransaction) {
            throw new Error("The handler ended the inbox's transaction by itself: leave COMMIT and ROLLBACK to the receiver.");
          }
          if (!begun) return await outside.settle(settlement);
          const kept = available(() => statements.settle(claim, settlement));
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
        // The handler may still hold it: from now on, what it does with it fails.
        db.close();
        connection = null;
      },
    };
  }
}
