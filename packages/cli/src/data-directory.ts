import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CommandFailure } from "./command-failure.ts";

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
    await mkdir(resolve(directory), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CommandFailure(`Cannot make the data directory ${directory}: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`, {
      advice: "Give another with --data.",
      cause: error,
    });
  }
}
