import { statSync } from "node:fs";

/**
 * Checks whether the names of an open database and its log still lead to the open files. If another program has removed
 * or replaced them, everything written is lost when the process ends. A check takes two to three microseconds for each
 * file.
 */
export class FileInPlace {
  readonly #files: { name: string; opened: string | null }[];

  constructor(path: string) {
    this.#files = [path, `${path}-wal`].map((name) => ({ name, opened: markOf(name) }));
  }

  /** The name that leads to another file, or null. */
  look(): string | null {
    for (const file of this.#files) {
      const mark = markOf(file.name);
      // SQLite creates the log at the first change.
      file.opened ??= mark;
      if (mark !== file.opened) return file.name;
    }
    return null;
  }
}

/** The file that a name leads to; null when there is none. */
function markOf(name: string): string | null {
  const found = statSync(name, { throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}
