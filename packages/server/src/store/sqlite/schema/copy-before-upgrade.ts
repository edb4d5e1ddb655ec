import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailable } from "../../store.ts";

/** Only the owner has access. */
const PRIVATE = 0o600;

/**
 * Copies an open database beside its file, for an upgrade that cannot be undone, and returns the path of the copy:
 * `carabiner.db.before-upgrade-20261129T134237Z`. The copy is one file, complete and on disk when this returns. `now`
 * is in Unix milliseconds. Throws `StoreUnavailable` if it cannot be written, and leaves nothing.
 */
export function copyBeforeUpgrade(database: DatabaseSync, file: string, now: number): string {
  const copy = `${file}.before-upgrade-${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  const part = `${copy}.part`;
  try {
    rmSync(part, { force: true });
    closeSync(openSync(part, "wx", PRIVATE));
    database.prepare("VACUUM INTO ?").run(part);
    sync(part, "r+");
    renameSync(part, copy);
    // Windows cannot open folders.
    if (process.platform !== "win32") sync(dirname(copy), "r");
    return copy;
  } catch (error) {
    rmSync(part, { force: true });
    throw new StoreUnavailable(
      `Nothing was changed, because the database cannot be copied to ${copy} before its upgrade: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

function sync(path: string, flags: string): void {
  const opened = openSync(path, flags);
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
