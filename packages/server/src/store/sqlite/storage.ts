import { statSync } from "node:fs";
import type { Storage } from "../contract/storage.ts";
import type { SqlRow } from "./database/connection.ts";
import type { WorkScope } from "./database/scope.ts";

const PAGES = `
  SELECT (SELECT page_count FROM pragma_page_count()) AS pages, (SELECT freelist_count FROM pragma_freelist_count()) AS free,
    (SELECT page_size FROM pragma_page_size()) AS size, sqlite_version() AS version,
    (SELECT user_version FROM pragma_user_version()) AS schema,
    (SELECT journal_mode FROM pragma_journal_mode()) AS journal_mode, (SELECT synchronous FROM pragma_synchronous()) AS synchronous,
    (SELECT fullfsync FROM pragma_fullfsync()) AS fullfsync, (SELECT cache_size FROM pragma_cache_size()) AS cache_size,
    (SELECT file FROM pragma_database_list WHERE name = 'main') AS file`;

/** The settings of a connection that are shown. Source: https://www.sqlite.org/pragma.html */
const SETTINGS = ["journal_mode", "synchronous", "fullfsync", "cache_size"] as const;

/** The levels of `PRAGMA synchronous`. */
const SYNCHRONOUS = ["off", "normal", "full", "extra"];

/** The settings and sizes that the file has. SQLite cannot report the size of each table without reading all of it. */
export function storage(scope: Pick<WorkScope, "get">): Storage {
  const row = scope.get(PAGES) as SqlRow;
  const { pages, free, size, file } = row as { pages: number; free: number; size: number; file: string | null };
  return {
    engine: "sqlite",
    version: row.version as string,
    schema: row.schema as number,
    bytes: pages * size,
    freeBytes: free * size,
    logBytes: file === null || file === "" ? null : (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0),
    tables: null,
    settings: {
      ...Object.fromEntries(SETTINGS.map((name) => [name, String(row[name])])),
      synchronous: SYNCHRONOUS[row.synchronous as number] ?? String(row.synchronous),
      page_size: String(size),
    },
    nodes: [],
  };
}
