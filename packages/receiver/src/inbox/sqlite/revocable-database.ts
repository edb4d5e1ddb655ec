import type { DatabaseSync } from "node:sqlite";
import { endsTransaction, MAY_NOT_END } from "../ends-transaction.ts";
import { MAY_NOT_LAST, outlivesTransaction } from "./outlives-transaction.ts";
import type { StatementGuard } from "./statement-guard.ts";

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
 * try must not write into another's transaction, end its own, or change the connection for those that follow.
 */
export function revocableDatabase(db: DatabaseSync, mayUse: () => void, guard: StatementGuard): DatabaseSync {
  return revocable(db, mayUse, (name, given, call) => {
    if (LEFT_OUT.has(name)) return undefined;
    if (name === "setAuthorizer") throw new Error(MAY_NOT_LAST);
    if (TAKING_STATEMENTS.has(name)) {
      if (endsTransaction(given[0])) throw new Error(MAY_NOT_END);
      if (outlivesTransaction(given[0])) throw new Error(MAY_NOT_LAST);
    }
    const result = guard(call);
    return GIVING_ACCESS.has(name) ? revocable(result as object, mayUse, (_name, _given, run) => guard(run)) : result;
  });
}

type Calling = (name: string | symbol, given: readonly unknown[], call: () => unknown) => unknown;

/** An object whose methods throw once `mayUse` does. */
function revocable<T extends object>(object: T, mayUse: () => void, calling: Calling): T {
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
