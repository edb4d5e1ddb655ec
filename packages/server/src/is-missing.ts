import { statSync } from "node:fs";

/**
 * Whether a file of this name certainly does not exist. False also when this process may not look; reading the file
 * then reports that.
 */
export function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOTDIR";
  }
}
