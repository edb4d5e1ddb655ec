import { statSync } from "node:fs";

/**
 * Looks whether the names of an open database and its log still lead to the open files. Where somebody has removed or
 * replaced them, what is written is lost with the process. A look takes two to three microseconds for each file.
 */
export class FileInPlace {
  readonly #files: { name: string; opened: string | null }[];

  constructor(path: string) {
    this.#files = [path, `${path}-wal`].map((name) => ({ name, opened: markOf(name) }));
  }

  /** The name that leads elsewhere, or null. */
  look(): string | null {
    for (const file of this.#files) {
      const mark = markOf(file.name);
      // The log is made with the first change.
      file.opened ??= mark;
      if (mark !== file.opened) return file.name;
    }
    return null;
  }
}

/** Which file a name leads to; null when there is none. */
function markOf(name: string): string | null {
  const found = statSync(name, { throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}
