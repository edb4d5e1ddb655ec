import { statSync } from "node:fs";
import { dirname } from "node:path";
import { keyFileBeside, type SecretKeys, type StoreLocation } from "./secret-keys.ts";

/** Rights of a file's group and of all others. */
const OF_OTHERS = 0o077;

/** A file or folder that others than its owner may read or write. */
export interface ExposedFile {
  path: string;
  /** What it is, for a message. */
  what: string;
}

/**
 * What others on this machine may read or write of a server's files: the data folder, the database file, the key file.
 * None on Windows, whose files say it in another way, and none in memory.
 */
export function exposedFiles(store: StoreLocation, secretKeys: SecretKeys | undefined): ExposedFile[] {
  if (process.platform === "win32") return [];
  const found: ExposedFile[] = [];
  const inFile = store !== "memory" && "file" in store ? store.file : null;
  if (inFile !== null)
    found.push({ path: dirname(inFile), what: "the data folder: chmod 700 closes it" }, { path: inFile, what: "the database" });
  if (secretKeys === undefined ? inFile !== null : "file" in secretKeys) {
    const path = secretKeys !== undefined && "file" in secretKeys ? secretKeys.file : keyFileBeside(inFile ?? "");
    found.push({ path, what: "the key file: chmod 600 closes it" });
  }
  return found.filter(({ path }) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & OF_OTHERS) !== 0);
}
