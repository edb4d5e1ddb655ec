/**
 * Copies everything into a database file while reads and writes continue. The copy shows the store as it was at one
 * moment after this call, before any of it was copied, so it contains whatever was committed before the call. `file`
 * must exist and be empty. Rejects with `BackupInProgress` when another copy is being made, with `BackupInterrupted`
 * when the store is closed meanwhile, with `StoreUnavailable` when the database cannot be used, and with the error of
 * the file system when the file cannot be written. After a failure the file is not a backup.
 */
export type BackUp = (file: string) => Promise<void>;

/** Another backup is in progress. */
export class BackupInProgress extends Error {
  override readonly name = "BackupInProgress";
}

/** The store was closed before the copy was complete. */
export class BackupInterrupted extends Error {
  override readonly name = "BackupInterrupted";
}
