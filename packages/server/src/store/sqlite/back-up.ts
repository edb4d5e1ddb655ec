import { closeSync, openSync, read, statSync, write } from "node:fs";
import { open } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { BackupInProgress, BackupInterrupted } from "../contract/back-up.ts";
import { StoreUnavailable } from "../store.ts";
import type { GroupCommit } from "./database/group-commit.ts";
import { WAL_PAGES } from "./database/open-database.ts";
import { storeFailure } from "./database/store-failure.ts";

/** How many bytes are copied at a time, so that other reads and writes get their turn. */
const CHUNK = 1_024 * 1_024;

const readAt = promisify(read);
const writeAt = promisify(write);

/** Copies of a database that is in use. */
export interface LiveCopies {
  /** See `BackUp`. */
  make(file: string): Promise<void>;
  /** Runs work that changes the file itself, when no transaction is open. See `Store.purge` about backups. */
  notMeanwhile(work: () => void): Promise<void>;
  /** Interrupts a copy in progress, and resolves when it has stopped. */
  end(): Promise<void>;
  /** Closes the database's file. Call it after the database is closed. */
  release(): void;
}

/**
 * Copies a database in WAL mode that only this process uses. A checkpoint first merges the log into the file, between
 * two commits. Until the next checkpoint the file does not change, because commits go to the log, so it is copied with
 * checkpoints turned off. Commits continue, and the log grows until the copy is complete. `sqlite3_backup` would block
 * commits during each of its steps, and Node's form of it fails when a step meets an open transaction. Source:
 * https://www.sqlite.org/wal.html#checkpointing
 */
export function createLiveCopies(database: DatabaseSync, location: string, commits: GroupCommit): LiveCopies {
  // Opened once, and closed only after the database, because closing it ends the locks that this process holds on the
  // file.
  // Source: https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
  let source: number | null = null;
  let making: Promise<void> | null = null;
  const ending = new AbortController();

  async function copy(file: string): Promise<void> {
    await commits.between(() => {
      try {
        // TRUNCATE also frees the space of an earlier log, which may have grown during a copy.
        const busy = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy;
        if (busy !== 0) throw new StoreUnavailable("The database cannot be checkpointed at the moment.");
        database.exec("PRAGMA wal_autocheckpoint = 0");
      } catch (error) {
        throw storeFailure(error);
      }
    });
    try {
      source ??= openSync(location, "r");
      await copyBytes(source, file, statSync(location).size, ending.signal);
    } finally {
      await commits.between(() => database.exec(`PRAGMA wal_autocheckpoint = ${WAL_PAGES}`));
    }
  }

  return {
    async make(file) {
      if (making !== null) throw new BackupInProgress("Another backup is in progress.");
      making = copy(file);
      try {
        await making;
      } finally {
        making = null;
      }
    },
    async notMeanwhile(work) {
      if (making !== null) throw new BackupInProgress("A backup is in progress.");
      await commits.between(work);
    },
    async end() {
      ending.abort();
      await making?.catch(() => undefined);
    },
    release() {
      if (source !== null) closeSync(source);
      source = null;
    },
  };
}

/** Copies the first bytes of an open file to a new one, and syncs it. */
async function copyBytes(source: number, file: string, bytes: number, signal: AbortSignal): Promise<void> {
  const target = await open(file, "w", 0o600);
  try {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, bytes));
    for (let at = 0; at < bytes; ) {
      if (signal.aborted) throw new BackupInterrupted("The store was closed before the backup was complete.");
      const { bytesRead } = await readAt(source, chunk, 0, Math.min(chunk.length, bytes - at), at);
      if (bytesRead === 0) throw new Error(`The database ended at byte ${at} of ${bytes}.`);
      for (let done = 0; done < bytesRead; ) done += (await writeAt(target.fd, chunk, done, bytesRead - done, at + done)).bytesWritten;
      at += bytesRead;
    }
    await target.sync();
  } finally {
    await target.close();
  }
}
