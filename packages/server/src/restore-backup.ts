import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileFault } from "./file-fault.ts";
import { isMissing } from "./is-missing.ts";
import { UnusableKeys } from "./key-file.ts";
import { syncFolder } from "./make-backup.ts";
import type { BackupContents } from "./operations/operator-call.ts";
import { keyFileBeside, keysFor, type SecretKeys } from "./secret-keys.ts";
import { checkKeys } from "./store/key-marker.ts";
import { type KeySource, SecretBox } from "./store/secret-box.ts";
import { underWayFileOf } from "./store/sqlite/deliveries/under-way-file.ts";
import { inspectCopy } from "./store/sqlite/schema/inspect-copy.ts";
import { UnfitDatabase } from "./store/store.ts";

/** The backup cannot be restored. Nothing changed; the message says why. */
export class RestoreRefused extends Error {
  override readonly name = "RestoreRefused";
}

/** Only the owner has access: to a file, and to a folder. */
const PRIVATE = 0o600;
const FOLDER = 0o700;

/**
 * Puts a backup in the place of a database, after checking that it is intact and that the keys open its secrets.
 * Returns what it contains. Throws `RestoreRefused` when a database already exists or the file is not one of our
 * backups, and `UnusableKeys` when the keys are missing or wrong.
 */
export function restoreBackup({ from, to, secretKeys }: { from: string; to: string; secretKeys?: SecretKeys }): BackupContents {
  if (isMissing(from)) throw new RestoreRefused(`There is no file ${from}.`);
  for (const file of [to, `${to}-wal`, `${to}-journal`, underWayFileOf(to)])
    if (existsSync(file)) throw new RestoreRefused(`${file} already exists. Restore into a folder that has no database.`);
  const { marker, ...contents } = inspected(from);
  const keys = Object.keys(marker.checks);
  const box = new SecretBox(keysThatAreThere(to, secretKeys, keys), randomBytes);
  try {
    checkKeys(marker, box);
  } catch (error) {
    if (!(error instanceof UnfitDatabase)) throw error;
    throw new UnusableKeys(`The backup's secrets cannot be opened: ${error.message}`, { cause: error });
  }
  try {
    place(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new RestoreRefused(
      code === "EEXIST" ? `${to} already exists. Restore into a folder that has no database.` : `Cannot write ${to}: ${fileFault(error)}.`,
      { cause: error },
    );
  }
  return { ...contents, keys };
}

function inspected(from: string): ReturnType<typeof inspectCopy> {
  try {
    return inspectCopy(from);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UnfitDatabase) throw new RestoreRefused(`Cannot restore ${from}: ${error.message}.`, { cause: error });
    if (code === undefined) throw error;
    throw new RestoreRefused(`Cannot read ${from}: ${fileFault(error)}.`, { cause: error });
  }
}

/** The given keys, or those beside the database. Never makes new ones. */
function keysThatAreThere(to: string, given: SecretKeys | undefined, needed: readonly string[]): KeySource {
  const file = given === undefined ? keyFileBeside(to) : "file" in given ? given.file : null;
  if (file !== null && isMissing(file))
    throw new UnusableKeys(`There is no key file ${file}. The backup needs key ${needed.join(", ")}.`, {
      remedy: "Copy the key file there, or name it with --key-file.",
    });
  return keysFor({ file: to }, given, { dev: false }) as KeySource;
}

/**
 * Makes a folder and its parents. Returns those that were missing, the outermost first. The option `recursive` of
 * Node.js never returns where a folder cannot be made although its parent exists, as in `/proc`.
 */
function makeFolder(folder: string): string[] {
  try {
    mkdirSync(folder, { mode: FOLDER });
    return [folder];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return [];
    if (code !== "ENOENT" || dirname(folder) === folder) throw error;
  }
  const above = makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: FOLDER });
  } catch (error) {
    removeEmpty(above);
    throw error;
  }
  return [...above, folder];
}

/** Removes folders from the innermost outwards, until one is not empty. */
function removeEmpty(folders: readonly string[]): void {
  for (const folder of folders.toReversed())
    try {
      rmdirSync(folder);
    } catch {
      // Someone put something there meanwhile.
      return;
    }
}

/** Copies a file to a new one, completely or not at all. If that fails, removes the folders that were made for it. */
function place(from: string, to: string): void {
  const made = makeFolder(dirname(to));
  try {
    copyWhole(from, to);
  } catch (error) {
    removeEmpty(made);
    throw error;
  }
}

function copyWhole(from: string, to: string): void {
  // A copied file may be read by whoever may read the one it is copied from; in a folder of its own nobody gets at it.
  const folder = mkdtempSync(`${to}.`);
  const copy = join(folder, "copy.part");
  try {
    copyFileSync(from, copy, constants.COPYFILE_FICLONE);
    chmodSync(copy, PRIVATE);
    const opened = openSync(copy, "r+");
    try {
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    linkSync(copy, to);
    try {
      syncFolder(dirname(to));
    } catch (error) {
      rmSync(to);
      throw error;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
