import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { apiError } from "@carabiner/protocol";
import type { CopyVerdict } from "./backup-thread.ts";
import { fileFault } from "./file-fault.ts";
import type { BackupContents } from "./operations/operator-call.ts";
import { startThread } from "./start-thread.ts";
import { BackupInProgress, BackupInterrupted } from "./store/contract/back-up.ts";
import type { Store } from "./store/store.ts";

/** Only the owner has access. */
const PRIVATE = 0o600;

/** The copy, and the files SQLite may leave beside it. */
const BESIDE = ["", "-wal", "-shm", "-journal"];

/**
 * Writes a backup of a store to a new file and verifies it. The copy has a temporary name beside the file until it has
 * passed the check. Throws an `ApiError` when it fails, and leaves no file.
 */
export async function makeBackup(store: Store, file: string): Promise<BackupContents & { bytes: number }> {
  if (store.backUp === null) throw apiError("backup_by_database");
  if (existsSync(file)) throw apiError("file_exists", { path: file, param: "file" });
  const copy = `${file}.${randomBytes(6).toString("hex")}.part`;
  makeCopy(copy, file);
  try {
    await store.backUp(copy);
    const verdict = await verify(copy);
    if ("fault" in verdict) throw apiError("backup_failed_check", { reason: verdict.fault });
    linkSync(copy, file);
    syncFolder(dirname(file));
    const { marker, ...contents } = verdict.contents;
    return { ...contents, keys: Object.keys(marker.checks), bytes: statSync(file).size };
  } catch (error) {
    throw asRefusal(error, file);
  } finally {
    for (const beside of BESIDE) rmSync(`${copy}${beside}`, { force: true });
  }
}

/** Makes the empty file of a copy. Where it cannot be made there is nothing to remove. */
function makeCopy(copy: string, file: string): void {
  try {
    closeSync(openSync(copy, "wx", PRIVATE));
  } catch (error) {
    throw asRefusal(error, file);
  }
}

async function verify(file: string): Promise<CopyVerdict> {
  const worker = startThread("backup-thread", { file });
  const [verdict] = (await once(worker, "message")) as [CopyVerdict];
  await worker.terminate();
  return verdict;
}

function asRefusal(error: unknown, file: string): unknown {
  if (error instanceof BackupInProgress) return apiError("backup_in_progress");
  if (error instanceof BackupInterrupted) return apiError("backup_interrupted");
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === "EEXIST") return apiError("file_exists", { path: file, param: "file" });
  return code === undefined || syscall === undefined
    ? error
    : apiError("file_not_written", { path: file, reason: fileFault(error), param: "file" });
}

/** Makes a new name in a folder durable. */
export function syncFolder(folder: string): void {
  // Windows cannot open folders.
  if (process.platform === "win32") return;
  const opened = openSync(folder, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
