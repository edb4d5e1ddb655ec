import { Conflict, StoreUnavailable } from "../../store.ts";

/**
 * Primary result codes of a database that cannot be written or read now. Source: https://www.sqlite.org/rescode.html
 */
const UNAVAILABLE: ReadonlyMap<number, string> = new Map([
  [3, "permission denied"],
  [5, "the database is in use"],
  [7, "out of memory"],
  [8, "the database cannot be written"],
  [10, "the disk failed"],
  [11, "the database is damaged"],
  [13, "the disk is full"],
  [14, "the database file cannot be opened"],
  [22, "the file would become too large"],
  [26, "the file is not a database"],
]);

/** The disk failed. Source: https://www.sqlite.org/rescode.html#ioerr */
const SQLITE_IOERR = 10;

const UNCERTAIN = "It is not known whether this was stored: the disk failed while it was written.";

/** Extended result codes for an id, or another value that must be unique, that already exists. */
const CONFLICTS: ReadonlySet<number> = new Set([1555, 2067, 2579]);

/** The primary result code of an error SQLite reported, or null when it came from elsewhere. */
export function resultCode(error: unknown): number | null {
  const code = extendedCode(error);
  return code === null ? null : code & 0xff;
}

/**
 * What a failed commit means. If the disk failed, the log may contain the commit, and a restart would find it there.
 */
export function commitFailure(failure: StoreUnavailable): StoreUnavailable {
  const { cause } = failure;
  return resultCode(cause) === SQLITE_IOERR ? new StoreUnavailable(UNCERTAIN, { cause, uncertain: true }) : failure;
}

/** What an error of SQLite means to the store's callers. One of our own errors is returned unchanged. */
export function storeFailure(error: unknown): unknown {
  const code = extendedCode(error);
  if (code === null) return error;
  if (CONFLICTS.has(code)) return new Conflict((error as Error).message, { cause: error });
  const reason = UNAVAILABLE.get(code & 0xff);
  return reason === undefined ? error : new StoreUnavailable(`Nothing can be stored: ${reason}.`, { cause: error });
}

function extendedCode(error: unknown): number | null {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : null;
}
