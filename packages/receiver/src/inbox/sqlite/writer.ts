import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../system-clock.ts";
import { InboxUnavailable } from "../inbox.ts";
import type { FileInPlace } from "./file-in-place.ts";
import { syncSettings } from "./sync-settings.ts";

/**
 * How long to wait for another writer before the inbox counts as unavailable. Arrivals meanwhile are kept beside the
 * file.
 */
const BUSY_LIMIT_MS = 60_000;
/** The interval between two checks whether another process has finished writing. */
const BUSY_PAUSE_MS = 5;
/** How long a read may block this process while another one recovers the file after a crash. */
const READ_WAIT_MS = 2_000;

/** Result codes for a fault of the database, not of the statement. Source: https://www.sqlite.org/rescode.html */
const UNAVAILABLE = new Set([5, 6, 8, 10, 11, 13, 14, 15, 23, 26]);
const BUSY = 5;
/**
 * SQLite's text for each of these codes. Deno gives only the text with an error of `exec`, and of opening. Source:
 * `sqlite3ErrStr` in https://www.sqlite.org/src/file/src/main.c
 */
const TEXTS: readonly (readonly [text: string, code: number])[] = [
  ["database is locked", BUSY],
  ["database table is locked", 6],
  ["attempt to write a readonly database", 8],
  ["disk I/O error", 10],
  ["database disk image is malformed", 11],
  ["database or disk is full", 13],
  ["unable to open database file", 14],
  ["locking protocol", 15],
  ["file is not a database", 26],
];

/** A connection that writes, and the check that it still writes to the file of its name. */
export interface WritingConnection {
  db: DatabaseSync;
  inPlace: FileInPlace;
}

/**
 * Opens a database file so that a commit is on disk when it returns. Throws `InboxUnavailable` if that is not possible.
 */
export function openConnection(file: string): DatabaseSync {
  return available(() => {
    const db = new DatabaseSync(file, { timeout: READ_WAIT_MS });
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${syncSettings(process.platform)}`);
    return db;
  });
}

/** Runs a statement. Throws faults of the database as `InboxUnavailable`. */
export function available<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (UNAVAILABLE.has(resultCode(error))) throw new InboxUnavailable(`SQLite: ${(error as Error).message}`, { cause: error });
    throw error;
  }
}

/**
 * Runs `work` in a write transaction, without blocking this process while others write. It runs synchronously, so
 * nothing else in this process runs in between. `keep` decides from its result whether to commit. If it throws, it is
 * rolled back. `released` returns something to wait on when this process itself holds the lock. Throws
 * `InboxUnavailable` if the lock is not free in time, or if the file is no longer in its place.
 */
export async function write<T>(
  connection: WritingConnection,
  released: () => Promise<void> | null,
  work: () => T,
  keep: (result: T) => boolean = () => true,
): Promise<T> {
  const over = new AbortController();
  const until = systemClock.now() + BUSY_LIMIT_MS;
  try {
    for (;;) {
      if (beginIfFree(connection)) return commit(connection.db, work, keep);
      if (systemClock.now() >= until) throw new InboxUnavailable("SQLite: another handler or process has been writing for too long.");
      const inProcess = released();
      const pause = systemClock.sleep(inProcess === null ? BUSY_PAUSE_MS : until - systemClock.now(), over.signal);
      await (inProcess === null ? pause : Promise.race([inProcess, pause]));
    }
  } finally {
    over.abort("written");
  }
}

/**
 * Begins a write transaction; false at once when there is another writer. Throws `InboxUnavailable` if the file is no
 * longer in its place.
 */
export function beginIfFree({ db, inPlace }: WritingConnection): boolean {
  inPlace.mustBe();
  try {
    db.exec("PRAGMA busy_timeout = 0");
    db.exec("BEGIN IMMEDIATE");
    return true;
  } catch (error) {
    if (resultCode(error) === BUSY) return false;
    return available(() => {
      throw error;
    });
  } finally {
    db.exec(`PRAGMA busy_timeout = ${READ_WAIT_MS}`);
  }
}

/** Ends a write transaction with what `work` does in it. */
function commit<T>(db: DatabaseSync, work: () => T, keep: (result: T) => boolean): T {
  try {
    return available(() => {
      const result = work();
      db.exec(keep(result) ? "COMMIT" : "ROLLBACK");
      return result;
    });
  } finally {
    if (db.isTransaction) db.exec("ROLLBACK");
  }
}

function resultCode(error: unknown): number {
  const { errcode, code, message } = (error ?? {}) as { errcode?: unknown; code?: unknown; message?: unknown };
  // The lower byte is the primary code.
  if (typeof errcode === "number") return errcode & 0xff;
  if (code !== "ERR_SQLITE_ERROR" || typeof message !== "string") return 0;
  return TEXTS.find(([text]) => message.startsWith(text))?.[1] ?? 0;
}
