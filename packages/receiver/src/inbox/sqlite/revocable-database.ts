import type { DatabaseSync } from "node:sqlite";
import { endsTransaction, MAY_NOT_END } from "../ends-transaction.ts";
import { MAY_NOT_LAST, outlivesTransaction } from "./outlives-transaction.ts";
import type { StatementGuard } from "./statement-guard.ts";

/**
 * Methods that would take the connection away from later handlers. Code written for its own connection may call them.
 */
const LEFT_OUT: ReadonlySet<string | symbol> = new Set(["close", "open", Symbol.dispose]);
/** What would change the connection for the handlers that follow, or tell of what they do. */
const LASTING: ReadonlySet<string | symbol> = new Set([
  "createSession",
  "deserialize",
  "enableDefensive",
  "enableLoadExtension",
  "loadExtension",
  "setAuthorizer",
]);
/** Methods that take statements as text. */
const TAKING_STATEMENTS: ReadonlySet<string | symbol> = new Set(["exec", "prepare"]);
/** Methods whose results work on the database. */
const GIVING_ACCESS: ReadonlySet<string | symbol> = new Set(["prepare", "createTagStore"]);

/** What a handler gets as `tx`. */
export interface RevocableDatabase {
  database: DatabaseSync;
  /**
   * Ends reads that the handler has left in the middle. SQLite keeps what they read from changing, so the connection
   * could not write any more once others have.
   */
  endReads(): void;
}

/**
 * The same database, with statements prepared on it, usable until `mayUse` throws. A handler that keeps it beyond its
 * try must not write into another's transaction, end its own, or change the connection for later handlers.
 */
export function revocableDatabase(db: DatabaseSync, mayUse: () => void, guard: StatementGuard): RevocableDatabase {
  const reads: Iterator<unknown>[] = [];
  const ofStatement: Calling = (name, _given, call) => {
    const result = guard(call);
    if (name === "iterate") reads.push(result as Iterator<unknown>);
    return result;
  };
  const database = revocable(db, mayUse, (name, given, call) => {
    if (LEFT_OUT.has(name)) return undefined;
    if (LASTING.has(name)) throw new Error(MAY_NOT_LAST);
    if (TAKING_STATEMENTS.has(name)) {
      if (endsTransaction(given[0])) throw new Error(MAY_NOT_END);
      if (outlivesTransaction(given[0])) throw new Error(MAY_NOT_LAST);
    }
    const result = guard(call);
    return GIVING_ACCESS.has(name) ? revocable(result as object, mayUse, ofStatement) : result;
  });
  return {
    database,
    endReads() {
      for (const read of reads) read.return?.();
    },
  };
}

type Calling = (name: string | symbol, given: readonly unknown[], call: () => unknown) => unknown;

/** An object whose methods throw once `mayUse` does. */
function revocable<T extends object>(object: T, mayUse: () => void, calling: Calling): T {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      // The limits of the connection can be read.
      if (typeof value === "object" && value !== null) return Object.freeze({ ...value });
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        mayUse();
        return calling(name, given, () => Reflect.apply(value, target, given) as unknown);
      };
    },
  });
}
