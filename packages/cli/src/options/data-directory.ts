import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
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
    throw new CommandFailure(`Cannot make the data directory ${directory}: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`, {
      advice: "Give another with --data.",
      cause: error,
    });
  }
}

/**
 * `mkdir` with `recursive` never ends where a directory cannot be made although its parent exists, as below `/proc`.
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
