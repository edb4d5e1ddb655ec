import { closeSync, openSync, readSync } from "node:fs";
import { KEY_MARKER, type KeyMarker } from "../../key-marker.ts";
import { UnfitDatabase } from "../../store.ts";
import { DatabaseSync } from "../database/node-sqlite.ts";
import { APPLICATION_ID } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";

/** What a copy of a database contains. */
export interface CopyContents {
  schema: number;
  accounts: number;
  events: number;
  deliveries: number;
  pending: number;
  /** The keys that seal its secrets. */
  marker: KeyMarker;
}

/**
 * The first bytes of a database file, and the byte that shows whether it has a log. Source:
 * https://www.sqlite.org/fileformat.html
 */
const MAGIC = "SQLite format 3\0";
const WRITE_VERSION = 18;
const WITHOUT_LOG = 1;

/** Merges the log of a fresh copy into its file, so that one file contains everything. */
export function settleCopy(file: string): void {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL");
    const mode = database.prepare("PRAGMA journal_mode = DELETE").get()?.journal_mode;
    if (mode !== "delete") throw new UnfitDatabase(`its log cannot be merged into it: journal_mode is ${String(mode)}`);
  } finally {
    database.close();
  }
}

/**
 * Checks a copy that is one file, without changing it: it must be one of our databases, of a version that we know, and
 * intact. Throws `UnfitDatabase`, whose message says what is wrong with it.
 */
export function inspectCopy(file: string): CopyContents {
  checkHead(file);
  const database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  try {
    const number = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
    if (number("PRAGMA application_id") !== APPLICATION_ID) throw new UnfitDatabase("it is not one of Carabiner's");
    const schema = number("PRAGMA user_version");
    if (schema > MIGRATIONS.length)
      throw new UnfitDatabase(`a newer Carabiner wrote it (schema ${schema}; this one knows ${MIGRATIONS.length})`);
    const [found] = database.prepare("PRAGMA integrity_check(1)").all();
    if (found?.integrity_check !== "ok") throw new UnfitDatabase(`it is damaged: ${String(found?.integrity_check)}`);
    const marker = database.prepare("SELECT value FROM settings WHERE name = ?").get(KEY_MARKER)?.value;
    if (typeof marker !== "string") throw new UnfitDatabase("it does not name the keys of its secrets");
    return {
      schema,
      accounts: number("SELECT count(*) FROM accounts WHERE deleted = 0"),
      events: number("SELECT count(*) FROM events"),
      deliveries: number("SELECT count(*) FROM deliveries"),
      pending: number("SELECT count(*) FROM deliveries WHERE state = 0"),
      marker: JSON.parse(marker) as KeyMarker,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SQLITE_ERROR") throw error;
    throw new UnfitDatabase(`it cannot be read: ${(error as Error).message}`, { cause: error });
  } finally {
    database.close();
  }
}

function checkHead(file: string): void {
  const head = Buffer.alloc(WRITE_VERSION + 1);
  const opened = openSync(file, "r");
  try {
    readSync(opened, head, 0, head.length, 0);
  } finally {
    closeSync(opened);
  }
  if (head.toString("latin1", 0, MAGIC.length) !== MAGIC) throw new UnfitDatabase("it is not a database");
  if (head[WRITE_VERSION] !== WITHOUT_LOG)
    throw new UnfitDatabase("it was copied from a database in use, without its log, so parts are missing");
}
