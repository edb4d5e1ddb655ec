import { existsSync } from "node:fs";
import type { DatabaseSync as Database } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { KEY_MARKER, type KeyMarker } from "../../key-marker.ts";
import { StoreUnavailable, UnfitDatabase } from "../../store.ts";
import { assertUsableFile } from "../database/assert-usable-file.ts";
import { DatabaseSync } from "../database/node-sqlite.ts";
import { losesCommits } from "../database/sqlite-version.ts";
import { resultCode } from "../database/store-failure.ts";
import { APPLICATION_ID } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";

const SQLITE_BUSY = 5;

/** The marks that a file has. */
export interface FileMarks {
  engine: string;
  schema: number | null;
  knownSchema: number;
  marker: KeyMarker | null;
}

/**
 * Reads which schema and which keys a database file has, without changing it. Throws `StoreUnavailable` when another
 * process has it open or it cannot be read, `UnusableFile` when a server of this user could not use it, and
 * `UnfitDatabase` when it is not Carabiner's or is newer.
 */
export function readMarks(file: string): FileMarks {
  assertUsableFile(file);
  let database: Database | null = null;
  try {
    database = new DatabaseSync(placeOf(file), { readOnly: true, timeout: 0 });
    return marksIn(database);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SQLITE_ERROR") throw error;
    if (resultCode(error) === SQLITE_BUSY)
      throw new StoreUnavailable(`The database ${file} is in use by another process.`, { cause: error });
    throw new StoreUnavailable(`The database ${file} cannot be read: ${(error as Error).message}.`, { cause: error });
  } finally {
    database?.close();
  }
}

/**
 * Without a log nobody has the file open, and SQLite need not create a log to read it. Source:
 * https://www.sqlite.org/uri.html
 */
function placeOf(file: string): URL | string {
  if (existsSync(`${file}-wal`)) return file;
  const url = pathToFileURL(file);
  url.searchParams.set("immutable", "1");
  return url;
}

function marksIn(database: Database): FileMarks {
  const value = (sql: string, ...values: string[]): unknown => Object.values(database.prepare(sql).get(...values) ?? {})[0];
  const version = String(value("SELECT sqlite_version()"));
  if (losesCommits(version))
    throw new UnfitDatabase(`SQLite ${version} can lose committed changes. Run a Node.js with SQLite 3.51.3 or newer.`);
  const schema = Number(value("PRAGMA user_version"));
  const application = Number(value("PRAGMA application_id"));
  const tables = Number(value("SELECT count(*) FROM sqlite_schema"));
  if (application !== APPLICATION_ID && (application !== 0 || tables > 0)) throw new UnfitDatabase("It is not a Carabiner database.");
  if (schema > MIGRATIONS.length)
    throw new UnfitDatabase(`A newer Carabiner wrote it (schema ${schema}; this one knows ${MIGRATIONS.length}). Start that version.`);
  const hasSettings = value("SELECT count(*) FROM sqlite_schema WHERE name = 'settings'") === 1;
  const marker = hasSettings ? value("SELECT value FROM settings WHERE name = ?", KEY_MARKER) : undefined;
  return {
    engine: `SQLite ${version}`,
    schema: tables === 0 ? null : schema,
    knownSchema: MIGRATIONS.length,
    marker: typeof marker === "string" ? (JSON.parse(marker) as KeyMarker) : null,
  };
}
