import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { InboxUnavailable } from "../inbox.ts";

/**
 * Whether the names of an open database, its log and the log's index still lead to the open files. SQLite continues to
 * write to files that another program has removed or replaced, and everything it writes there is lost when the process
 * ends. With another index, the next process does not see its locks. A check takes a microsecond for each file.
 */
export class FileInPlace {
  readonly #path: string;
  #files: { name: string; opened: string | null }[] = [];

  constructor(path: string) {
    // The process may change its folder.
    this.#path = resolve(path);
  }

  /** Call this when the database has been opened, before anything is written. */
  remember(): void {
    // The log and its index are beside the file that a link leads to.
    const file = realpathSync(this.#path);
    this.#files = [this.#path, `${file}-wal`, `${file}-shm`].map((name) => ({ name, opened: markOf(name) }));
  }

  /** Call this before each transaction. Throws `InboxUnavailable` when another file, or no file, is in its place. */
  mustBe(): void {
    for (const file of this.#files) {
      const mark = markOf(file.name);
      // The log and its index are made when they are first needed.
      file.opened ??= mark;
      if (mark !== file.opened) {
        throw new InboxUnavailable(
          `SQLite: ${file.name} was removed or replaced while this process has it open, so nothing can be stored: put it back, or restart the process`,
        );
      }
    }
  }
}

/** The file that a name leads to; null when there is none. */
function markOf(name: string): string | null {
  try {
    const found = statSync(name, { throwIfNoEntry: false });
    return found === undefined ? null : `${found.dev}:${found.ino}`;
  } catch (error) {
    throw new InboxUnavailable(`SQLite: ${(error as Error).message}`, { cause: error });
  }
}
