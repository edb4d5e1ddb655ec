import type { DatabaseSync } from "node:sqlite";
import { MAY_NOT_END } from "../ends-transaction.ts";
import { isLastingPragma, MAY_NOT_LAST } from "./outlives-transaction.ts";
import { PART } from "./shared-transaction.ts";

/** Result and action codes. Source: https://www.sqlite.org/c3ref/c_alter_table.html */
const OK = 0;
const DENY = 1;
const INSERT = 18;
const PRAGMA = 19;
const TRANSACTION = 22;
const ATTACH = 24;
const DETACH = 25;
const SAVEPOINT = 32;

/** Runs a handler's call on the database. Throws an Error when SQLite meets a statement that it may not run. */
export type StatementGuard = <T>(call: () => T) => T;

/**
 * Makes SQLite itself refuse statements that would end the handler's transaction or outlast it. This also catches one
 * that follows another statement in the same text. Without an authorizer, as in Node.js before 24.10, calls run
 * unchecked.
 *
 * Call this before statements are prepared, because a new authorizer makes SQLite prepare all of them again.
 */
export function statementGuard(db: Pick<DatabaseSync, "setAuthorizer"> | object): StatementGuard {
  if (!("setAuthorizer" in db)) return (call) => call();
  let calls = 0;
  let denied: string | null = null;
  db.setAuthorizer((action, first, second, schema) => {
    const says = calls === 0 ? null : refusalOf(action, first, second, schema);
    if (says === null) return OK;
    denied = says;
    return DENY;
  });
  return (call) => {
    calls++;
    denied = null;
    try {
      return call();
    } catch (error) {
      throw denied === null ? error : new Error(denied, { cause: error });
    } finally {
      calls--;
    }
  };
}

/** The error for a handler that does this; null for what a handler may do. */
function refusalOf(action: number, first: string | null, second: string | null, schema: string | null): string | null {
  switch (action) {
    case TRANSACTION:
      return MAY_NOT_END;
    case SAVEPOINT:
      return second?.toLowerCase() === PART ? MAY_NOT_END : null;
    case ATTACH:
    case DETACH:
      return MAY_NOT_LAST;
    case PRAGMA:
      return second !== null && isLastingPragma(first ?? "") ? MAY_NOT_LAST : null;
    case INSERT:
      // Anything temporary enters the temporary schema, however it is made.
      return schema === "temp" ? MAY_NOT_LAST : null;
    default:
      return null;
  }
}
