import { statfsSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Network file systems, by the number that Linux gives their kind; other operating systems have other numbers. Source:
 * statfs(2), linux/magic.h
 */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "SMB"],
  [0x00c36400, "Ceph"],
  [0x01021997, "9p"],
  [0x5346414f, "AFS"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
]);

/**
 * The kind of network file system that a file is on, where that is known; null for a disk of this machine. Locks and
 * syncs on a network file system may not give the guarantees that SQLite relies on. `typeOf` returns the number of a
 * folder's file system.
 */
export function networkFileSystem(file: string, typeOf: (folder: string) => number = (folder) => statfsSync(folder).type): string | null {
  try {
    return REMOTE.get(typeOf(dirname(file)) >>> 0) ?? null;
  } catch {
    // Opening the file reports what is wrong with its folder.
    return null;
  }
}
