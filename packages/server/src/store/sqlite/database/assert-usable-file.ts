import { accessSync, constants, existsSync, lstatSync, statfsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { UnusableFile } from "../../store.ts";

const { R_OK, W_OK, X_OK } = constants;

/** The files that SQLite and this server keep beside a database. */
const BESIDE = ["-wal", "-journal", "-underway"];

/**
 * Throws `UnusableFile` when this process cannot work with a database file, which need not exist yet: this process may
 * not read and write it, a file beside it or its folder, one of these has the wrong type, or the disk is full. For all
 * of these SQLite says only that it cannot open something, or fails at the first change. `access` throws as
 * `accessSync` does, and `free` returns how many blocks of a folder's disk are free.
 */
export function assertUsableFile(
  location: string,
  access: typeof accessSync = accessSync,
  free: (folder: string) => number = (folder) => statfsSync(folder).bavail,
): void {
  const folder = dirname(location);
  if (!existsSync(folder))
    throw new UnusableFile(`There is no folder ${folder} that this user can see.`, {
      remedy: "Make it, or mount the disk that it is on.",
    });
  assertMay(folder, W_OK | X_OK, "make files in", access);
  if (free(folder) === 0)
    throw new UnusableFile(`The disk that ${folder} is on is full: nothing could be stored.`, {
      remedy: "Make room on it, and try again.",
    });
  assertLinkLeads(location);
  for (const path of [location, ...BESIDE.map((ending) => location + ending)]) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) continue;
    if (found.isDirectory())
      throw new UnusableFile(`${path} is a folder, where a file belongs.`, { remedy: "Move it away, or use another folder." });
    assertMay(path, R_OK | W_OK, "read and write", access);
  }
}

function assertLinkLeads(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true || existsSync(path)) return;
  throw new UnusableFile(`${path} is a link, and there is no file where it leads.`, {
    remedy: "Mount the disk that has the file, or remove the link.",
  });
}

/** `verb` says what this process must be allowed to do with the path. */
function assertMay(path: string, mode: number, verb: string, access: typeof accessSync): void {
  try {
    access(path, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EROFS")
      throw new UnusableFile(`${path} is on a file system that is mounted read-only.`, {
        remedy: "Mount it so that it can be written.",
        cause: error,
      });
    if (code !== "EACCES" && code !== "EPERM") throw error;
    throw new UnusableFile(`This process may not ${verb} ${path}: permission denied.`, { remedy: remedyFor(path), cause: error });
  }
}

function remedyFor(path: string): string {
  const found = statSync(path);
  const { uid } = found;
  const own = process.getuid?.();
  if (own === undefined) return "Give its user the right to.";
  if (uid === own) return `Its owner needs the right to: chmod u+rwX ${path}`;
  return `Run it as the owner, user ${uid}, or let this user own all of the folder: chown -R ${nameOf(own)} ${found.isDirectory() ? path : dirname(path)}`;
}

/** A user without a name, as in a container, is identified by number. */
function nameOf(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return String(uid);
  }
}
