import { SQL_GAP } from "../sql-gap.ts";

/** The quotes that may surround a name. */
const [OPENS, CLOSES] = [String.raw`["'\x60[]?`, String.raw`["'\x60\]]?`];
const SCHEMA = String.raw`${OPENS}\w+${CLOSES}${SQL_GAP}*\.${SQL_GAP}*`;

/**
 * ATTACH, DETACH, CREATE TEMPORARY, and PRAGMA with its name and whether it gets a value, after any comments.
 */
const OF_A_CONNECTION = new RegExp(
  String.raw`^(?:${SQL_GAP}|;)*(?:(?:ATTACH|DETACH)\b|CREATE${SQL_GAP}+TEMP(?:ORARY)?\b|PRAGMA\b${SQL_GAP}*(?:${SCHEMA})?${OPENS}(?<pragma>\w+)${CLOSES}${SQL_GAP}*(?<given>[=(])?)`,
  "i",
);

/** Pragmas that may be given a value: they only read, are undone with the transaction, or do nothing within one. */
const HARMLESS: ReadonlySet<string> = new Set([
  "table_info",
  "table_xinfo",
  "table_list",
  "index_list",
  "index_info",
  "index_xinfo",
  "foreign_key_list",
  "foreign_key_check",
  "integrity_check",
  "quick_check",
  "optimize",
  "defer_foreign_keys",
  "foreign_keys",
  "user_version",
  "application_id",
]);

/** Whether a pragma with a value changes the connection beyond the transaction, and so affects later handlers. */
export function isLastingPragma(name: string): boolean {
  return !HARMLESS.has(name.toLowerCase());
}

/** Whether a handler's statement would change the connection that it shares with the inbox beyond its transaction. */
export function outlivesTransaction(statement: unknown): boolean {
  const found = typeof statement === "string" ? OF_A_CONNECTION.exec(statement) : null;
  if (found === null) return false;
  const { pragma, given } = found.groups ?? {};
  return pragma === undefined || (given !== undefined && isLastingPragma(pragma));
}

/** The error that such a handler gets. */
export const MAY_NOT_LAST =
  "The connection of tx is the inbox's: ATTACH, DETACH, a PRAGMA with a value, temporary tables and settings of the connection would last beyond the handler. Use a connection of your own for them, and WITH in place of a temporary table.";
