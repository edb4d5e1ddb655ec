import { endsTransaction, MAY_NOT_END } from "../ends-transaction.ts";
import { statementsOf } from "./statements-of.ts";

/** A first look, which most statements pass. */
const SUSPECT =
  /\b(?:BEGIN|START|COMMIT|END|ABORT|ROLLBACK|PREPARE|SET|RESET|LISTEN|DISCARD|DEALLOCATE|HOLD|TEMP|TEMPORARY|SET_CONFIG|PG_(?:TRY_)?ADVISORY_LOCK(?:_SHARED)?)\b/i;

/** What stays with the connection when its transaction has ended. */
const LASTING = [
  /^\s*SET\s+(?!(?:LOCAL|TRANSACTION|CONSTRAINTS)\b)/i,
  /^\s*(?:RESET|LISTEN|DISCARD|DEALLOCATE|PREPARE)\b/i,
  /^\s*DECLARE\b.*\bWITH\s+HOLD\b/is,
  /^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:GLOBAL|LOCAL)\s+)?TEMP(?:ORARY)?\b(?!.*\bON\s+COMMIT\s+DROP\b)/is,
  /\bINTO\s+TEMP(?:ORARY)?\b/i,
  /\bpg_(?:try_)?advisory_lock(?:_shared)?\s*\(/i,
  /\bset_config\s*\([^()]*,\s*false\s*\)/i,
];

/**
 * What a handler is told whose statement would end the inbox's transaction, or stay on the client of the pool for those
 * who get it next; null for what it may run. Text of several statements is read as a whole.
 */
export function refusalOf(statement: unknown): string | null {
  const text = typeof statement === "object" && statement !== null && "text" in statement ? statement.text : statement;
  if (typeof text !== "string" || !SUSPECT.test(text)) return null;
  for (const one of statementsOf(text)) {
    if (endsTransaction(one)) return MAY_NOT_END;
    if (LASTING.some((pattern) => pattern.test(one))) return MAY_NOT_STAY;
  }
  return null;
}

const MAY_NOT_STAY =
  "The client of tx goes back to the pool, and this would stay on it for others: SET, RESET, LISTEN, PREPARE, temporary tables, cursors WITH HOLD and locks of the session. Use SET LOCAL, set_config(…, true), pg_advisory_xact_lock or ON COMMIT DROP, or a client of your own.";
