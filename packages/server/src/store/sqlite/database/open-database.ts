import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import type { DatabaseSync as Database } from "node:sqlite";
import { StoreUnavailable } from "../../store.ts";
import { assertUsableFile } from "./assert-usable-file.ts";
import { DatabaseSync } from "./node-sqlite.ts";
import { losesCommits } from "./sqlite-version.ts";
import { resultCode } from "./store-failure.ts";
import { syncSettings } from "./sync-settings.ts";

const SQLITE_BUSY = 5;

/** How many pages the log has when SQLite merges it into the file. */
export const WAL_PAGES = 4_000;

/** A database in this process's memory. */
export const MEMORY = ":memory:";

/**
 * Opens a database file, or `MEMORY`, so that a commit is durable when it returns and no other process can open it.
 * Throws `StoreUnavailable` when another process has it open or it cannot be opened, `UnusableFile` when this process
 * may not use it, and an `Error` when SQLite would not make commits durable.
 */
export function openDatabase(location: string): Database {
  if (location !== MEMORY) assertUsableFile(location);
  let database: Database;
  try {
    if (location !== MEMORY) makePrivateFile(location);
    database = new DatabaseSync(location, { timeout: 0, enableForeignKeyConstraints: false, enableDoubleQuotedStringLiterals: false });
  } catch (error) {
    throw new StoreUnavailable(`The database ${location} cannot be opened: ${(error as Error).message}.`, { cause: error });
  }
  try {
    configure(database, location);
    return database;
  } catch (error) {
    database.close();
    if (resultCode(error) === SQLITE_BUSY)
      throw new StoreUnavailable(`The database ${location} is in use by another process.`, { cause: error });
    throw error;
  }
}

/** Only its owner may read and write it. */
const PRIVATE = 0o600;

/** Makes a missing file, which only its owner can access. SQLite gives the log the file's permissions. */
function makePrivateFile(location: string): void {
  if (process.platform === "win32") return;
  // An existing file is never opened here: closing it would end the locks that this process holds on it.
  // Source: https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
  if (!existsSync(location)) closeSync(openSync(location, "wx", PRIVATE));
}

/**
 * Removes everyone's permissions but the owner's from a database file and its log, whatever the folder's and the
 * process's defaults are. Call it once the file is known to be ours. Windows does not have such permissions: there the
 * folder's permissions apply.
 */
export function keepPrivate(location: string): void {
  if (process.platform === "win32") return;
  for (const file of [location, `${location}-wal`, `${location}-shm`, `${location}-journal`]) if (existsSync(file)) makePrivate(file);
}

function makePrivate(file: string): void {
  try {
    chmodSync(file, PRIVATE);
  } catch (error) {
    // The file belongs to another user, so we cannot change it: the server warns about that when it starts.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
  }
}

/** The settings were chosen by measuring; `sqlite-store.ts` has the figures. */
function configure(database: Database, location: string): void {
  const version = String(database.prepare("SELECT sqlite_version() AS version").get()?.version);
  if (losesCommits(version)) throw new Error(`SQLite ${version} can lose committed changes. Run a Node.js with SQLite 3.51.3 or newer.`);
  database.exec(`
    PRAGMA page_size = 8192;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    ${syncSettings(process.platform)}
    PRAGMA cache_size = -65536;
    PRAGMA wal_autocheckpoint = ${WAL_PAGES};
    PRAGMA temp_store = MEMORY;
    PRAGMA foreign_keys = OFF;
  `);
  // Takes the lock now instead of at the first change, and keeps it while the database is open.
  database.exec("BEGIN EXCLUSIVE; COMMIT");
  const wanted: Record<string, string | number> = { synchronous: 2 };
  if (location !== MEMORY) {
    wanted.journal_mode = "wal";
    wanted.locking_mode = "exclusive";
  }
  for (const [name, value] of Object.entries(wanted)) {
    const actual = database.prepare(`PRAGMA ${name}`).get()?.[name];
    if (actual !== value)
      throw new Error(`SQLite keeps ${name} at ${actual}, but ${value} is needed. Is ${location} on a network file system?`);
  }
}
