import { statSync } from "node:fs";

/** Whether there is surely no file of this name. False also when nobody may look, which reading it tells. */
export function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOTDIR";
  }
}
