import type { DatabaseSync } from "node:sqlite";
import { isLastingPragma, MAY_NOT_LAST } from "./outlives-transaction.ts";

/** Result and action codes. Source: https://www.sqlite.org/c3ref/c_alter_table.html */
const OK = 0;
const DENY = 1;
const PRAGMA = 19;
const ATTACH = 24;
const DETACH = 25;

/** Runs a handler's call on the database. Throws an Error when SQLite meets a statement that would outlast it. */
export type StatementGuard = <T>(call: () => T) => T;

/**
 * Has SQLite itself refuse such statements, which also finds those behind another statement of the same text. Without
 * an authorizer, as in Node.js before 24.10, calls run as they are.
 *
 * To be called before statements are prepared: a new authorizer has SQLite prepare all of them again.
 */
export function statementGuard(db: Pick<DatabaseSync, "setAuthorizer"> | object): StatementGuard {
  if (!("setAuthorizer" in db)) return (call) => call();
  let calls = 0;
  let denied = false;
  db.setAuthorizer((action, name, value) => {
    if (calls === 0) return OK;
    const lasts = action === ATTACH || action === DETACH || (action === PRAGMA && value !== null && isLastingPragma(name ?? ""));
    if (!lasts) return OK;
    denied = true;
    return DENY;
  });
  return (call) => {
    calls++;
    denied = false;
    try {
      return call();
    } catch (error) {
      throw denied ? new Error(MAY_NOT_LAST, { cause: error }) : error;
    } finally {
      calls--;
    }
  };
}
