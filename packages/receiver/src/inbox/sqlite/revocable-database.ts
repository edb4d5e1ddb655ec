import type { DatabaseSync } from "node:sqlite";
import { endsTransaction, MAY_NOT_END } from "../ends-transaction.ts";

/**
 * What would take the connection from the handlers that follow. Code written for a connection of its own may call
 * these.
 */
const LEFT_OUT: ReadonlySet<string | symbol> = new Set(["close", "open", Symbol.dispose]);
/** Methods that take statements as text. */
const TAKING_STATEMENTS: ReadonlySet<string | symbol> = new Set(["exec", "prepare"]);
/** Methods whose results work on the database. */
const GIVING_ACCESS: ReadonlySet<string | symbol> = new Set(["prepare", "createTagStore"]);

/**
 * The same database, with statements prepared on it, usable until `mayUse` throws. A handler that keeps it beyond its
 * try must not write into another's transaction, nor end its own.
 */
export function revocableDatabase(db: DatabaseSync, mayUse: () => void): DatabaseSync {
  return revocable(db, mayUse, (name, given, call) => {
    if (LEFT_OUT.has(name)) return undefined;
    if (TAKING_STATEMENTS.has(name) && endsTransaction(given[0])) throw new Error(MAY_NOT_END);
    const result = call();
    return GIVING_ACCESS.has(name) ? revocable(result as object, mayUse) : result;
  });
}

type Calling = (name: string | symbol, given: readonly unknown[], call: () => unknown) => unknown;

/** An object whose methods throw once `mayUse` does. */
function revocable<T extends object>(object: T, mayUse: () => void, calling: Calling = (_name, _given, call) => call()): T {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        mayUse();
        return calling(name, given, () => Reflect.apply(value, target, given) as unknown);
      };
    },
  });
}
