import { statSync } from "node:fs";
import type { Storage } from "../contract/storage.ts";
import type { WorkScope } from "./scope.ts";

const PAGES = `
  SELECT (SELECT page_count FROM pragma_page_count()) AS pages, (SELECT freelist_count FROM pragma_freelist_count()) AS free,
    (SELECT page_size FROM pragma_page_size()) AS size, sqlite_version() AS version,
    (SELECT user_version FROM pragma_user_version()) AS schema,
    (SELECT file FROM pragma_database_list WHERE name = 'main') AS file`;

/** What the file has. SQLite does not tell the size of each table without reading all of it. */
export function storage(scope: Pick<WorkScope, "get">): Storage {
  const row = scope.get(PAGES) as { pages: number; free: number; size: number; version: string; schema: number; file: string | null };
  return {
    engine: "sqlite",
    version: row.version,
    schema: row.schema,
    bytes: row.pages * row.size,
    freeBytes: row.free * row.size,
    logBytes: row.file === null || row.file === "" ? null : (statSync(`${row.file}-wal`, { throwIfNoEntry: false })?.size ?? 0),
    tables: null,
    nodes: [],
  };
}
