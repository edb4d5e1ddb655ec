import { lstatSync, type statSync } from "node:fs";
import { dirname } from "node:path";
import { fileFault } from "@carabiner/server/file-fault";
import { CommandFailure } from "./command-failure.ts";

/**
 * Whether a file exists, including a link that leads nowhere, unless `look` follows links. Throws a `CommandFailure` if
 * this process may not look.
 */
export function isThere(file: string, look: typeof lstatSync | typeof statSync = lstatSync): boolean {
  try {
    return look(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return false;
    if (code === "EACCES")
      throw new CommandFailure(`Not allowed to look into ${dirname(file)}.`, {
        advice: `Run this as the user that owns it, or let this one own all of it: chown -R USER ${dirname(file)}`,
        cause: error,
      });
    throw new CommandFailure(`Cannot look at ${file}: ${fileFault(error)}.`, { cause: error });
  }
}
