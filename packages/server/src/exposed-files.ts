import { statSync } from "node:fs";
import { dirname } from "node:path";
import { keyFileBeside, type SecretKeys, type StoreLocation } from "./secret-keys.ts";

/** The permissions of a file's group and of others. */
const OF_OTHERS = 0o077;

/** A file or folder that users other than its owner can read or write. */
export interface ExposedFile {
  path: string;
  /** What it is, for a message. */
  what: string;
}

/**
 * The server's files that other users of this machine can read or write: data folder, database file, key file. Empty
 * for a store in memory, and on Windows, where file modes do not say who has access.
 */
export function exposedFiles(store: StoreLocation, secretKeys: SecretKeys | undefined): ExposedFile[] {
  if (process.platform === "win32") return [];
  const found: ExposedFile[] = [];
  const inFile = store !== "memory" && "file" in store ? store.file : null;
  if (inFile !== null)
    found.push({ path: dirname(inFile), what: "the data folder; fix it with chmod 700" }, { path: inFile, what: "the database" });
  if (secretKeys === undefined ? inFile !== null : "file" in secretKeys) {
    const path = secretKeys !== undefined && "file" in secretKeys ? secretKeys.file : keyFileBeside(inFile ?? "");
    found.push({ path, what: "the key file; fix it with chmod 600" });
  }
  return found.filter(({ path }) => (modeOf(path) & OF_OTHERS) !== 0);
}

/** 0 for a file that does not exist, or that this process may not look at: opening it reports the error. */
function modeOf(path: string): number {
  try {
    return statSync(path).mode;
  } catch {
    return 0;
  }
}
