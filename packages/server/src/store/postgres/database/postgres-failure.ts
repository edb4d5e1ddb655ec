import { Conflict, StoreUnavailable } from "../../store.ts";

/**
 * SQLSTATE classes of a database that cannot be written or read now. Source:
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const UNAVAILABLE_CLASSES: ReadonlyMap<string, string> = new Map([
  ["08", "the connection to the database was lost"],
  ["28", "the database does not let this user in"],
  ["3D", "there is no such database"],
  ["53", "the database has run out of disk, memory or connections"],
  ["57", "the database is shutting down or ended the connection"],
  ["58", "the database's disk failed"],
  ["F0", "the database cannot read its configuration"],
  ["XX", "the database is damaged"],
]);

const UNIQUE_VIOLATION = "23505";
const LOCK_NOT_AVAILABLE = "55P03";
const QUERY_CANCELED = "57014";

/** States with the same meaning, from classes whose other states are bugs of ours or have other causes. */
const STATES: ReadonlyMap<string, string> = new Map([
  [QUERY_CANCELED, "the database cancelled a statement, because of its time limit or because someone cancelled it"],
  ["25006", "the database takes no writes"],
  ["25P03", "the database ended a transaction that waited for too long"],
  ["25P04", "the database ended a transaction that took too long"],
  ["42501", "the user of the database may not read or write its tables"],
  [LOCK_NOT_AVAILABLE, "others hold locks in the database"],
]);

/** Two transactions conflict: one must be rerun. */
const AGAIN: ReadonlySet<string> = new Set(["40001", "40P01"]);

/** The errors of Node and `pg` for a lost connection. */
const LOST = /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|ENOENT|terminated|not queryable|timeout|closed/i;

/** Whether a statement's failure means that the whole transaction must be rerun. */
export function isAgain(error: unknown): boolean {
  return AGAIN.has(codeOf(error) ?? "");
}

/** Whether a statement exceeded its time limit for a lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && codeOf(error.cause ?? error) === LOCK_NOT_AVAILABLE;
}

/** Whether a statement exceeded its time limit. */
export function isEnded(error: unknown): boolean {
  return error instanceof Error && codeOf(error.cause ?? error) === QUERY_CANCELED;
}

/**
 * Whether a statement failed in a way that none of ours should: a bug, or a database that this version does not expect.
 */
export function isUnexpected(error: unknown): boolean {
  return /^(0A|22|23|42)/.test(codeOf(error) ?? "");
}

/** Whether the database did not answer in time: it is gone, paused or cut off. */
export function isSilent(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === null && /timeout/i.test(error.message);
}

/** Whether the database said that it did not do what it was asked to do, and so rolled the transaction back. */
export function isRefused(error: unknown): boolean {
  return error instanceof Error && (error as { severity?: unknown }).severity === "ERROR";
}

/** Whether the error came from the database itself. EPIPE looks like one of its codes, but has no severity. */
export function hasAnswered(error: unknown): boolean {
  return error instanceof Error && "severity" in error;
}

/** What an error of PostgreSQL means to the store's callers. One of our own errors is returned unchanged. */
export function postgresFailure(error: unknown): unknown {
  const code = codeOf(error);
  if (code === UNIQUE_VIOLATION) return new Conflict((error as Error).message, { cause: error });
  const reason = code === null ? null : (STATES.get(code) ?? UNAVAILABLE_CLASSES.get(code.slice(0, 2)) ?? ended(error));
  if (reason !== null) return new StoreUnavailable(`Nothing can be stored: ${reason}.`, { cause: error });
  if (error instanceof Error && !hasAnswered(error) && LOST.test(`${code ?? ""} ${error.message}`))
    return new StoreUnavailable("Nothing can be stored: the database cannot be reached.", { cause: error });
  return error;
}

/** The error to report when an error ends the connection, for any reason; null if it does not end it. */
function ended(error: unknown): string | null {
  const { severity } = error as { severity?: unknown };
  return severity === "FATAL" || severity === "PANIC" ? "the database ended the connection" : null;
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
