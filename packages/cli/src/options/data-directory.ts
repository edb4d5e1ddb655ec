import { accessSync, constants, lstatSync, statSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileFault } from "@carabiner/server/file-fault";
import { CommandFailure } from "../command-failure.ts";

/** The database within a data directory. */
const DATABASE = "carabiner.db";

/** The control socket in a data directory, for the operator's commands. */
export function controlSocketOf(directory: string): string {
  return join(resolve(directory), "control.sock");
}

/** The database file of a data directory. */
export function databaseOf(directory: string): string {
  return join(resolve(directory), DATABASE);
}

/** Makes the directory if it does not exist. Only its owner has access, because the database holds signing secrets. */
export async function makeDataDirectory(directory: string): Promise<void> {
  try {
    await makeWithParents(resolve(directory));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw notDirectory(directory, error);
    const why = whyUnwritable(directory) ?? fileFault(error);
    throw new CommandFailure(`Cannot make the data directory ${directory}: ${why}.`, {
      advice: "Give another with --data.",
      cause: error,
    });
  }
}

/** That a path leads to a file. */
export function notDirectory(path: string, cause?: unknown): CommandFailure {
  return new CommandFailure(`${path} is not a directory.`, { advice: "Give the data directory with --data.", cause });
}

/** Why this user cannot make a database in a directory, which may not exist; null when nothing is known to be wrong. */
export function whyUnwritable(directory: string): string | null {
  let folder = resolve(directory);
  let missing: string | null = null;
  try {
    while (statSync(folder, { throwIfNoEntry: false }) === undefined && dirname(folder) !== folder) {
      missing = folder;
      folder = dirname(folder);
    }
    if (!statSync(folder).isDirectory()) return `${folder} is not a directory`;
    if (missing !== null && lstatSync(missing, { throwIfNoEntry: false }) !== undefined) return `${missing} is a link that leads nowhere`;
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return `${folder} cannot be written: ${fileFault(error)}`;
  }
}

/**
 * `mkdir` with `recursive` never returns where a directory cannot be made although its parent exists, as below `/proc`.
 */
async function makeWithParents(directory: string): Promise<void> {
  const make = () => mkdir(directory, { mode: 0o700 });
  try {
    await make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(directory)).isDirectory()) return;
    if (code !== "ENOENT" || dirname(directory) === directory) throw error;
    await makeWithParents(dirname(directory));
    await make();
  }
}
