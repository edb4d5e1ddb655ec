import { closeSync, openSync, readSync, statSync } from "node:fs";

/** How often a file is looked at for changes, at most. */
const LOOKED_AT_EVERY = 1_000;

/** A small file of the system whose content is read again when it has changed. */
export class WatchedFile<Content> {
  private readonly path: string;
  private readonly largestBytes: number;
  private readonly parse: (text: string) => Content;
  private readonly now: () => number;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private version = "";
  private content: Content;

  /**
   * `parse` makes the content of the text, at most `largestBytes` of it, to whole lines. A file that is not there or
   * cannot be read is an empty one. `now` is in milliseconds.
   */
  constructor(path: string, largestBytes: number, parse: (text: string) => Content, now: () => number) {
    this.path = path;
    this.largestBytes = largestBytes;
    this.parse = parse;
    this.now = now;
    this.content = parse("");
  }

  /** The content, as it was at most a second ago. The same object for as long as the file has not changed. */
  read(): Content {
    const now = this.now();
    if (now - this.lookedAt < LOOKED_AT_EVERY) return this.content;
    this.lookedAt = now;
    const version = this.currentVersion();
    if (version === this.version) return this.content;
    this.version = version;
    this.content = this.parse(version === "" ? "" : this.text());
    return this.content;
  }

  /** Synchronous: that takes microseconds, and holds none of the threads that others may be waiting for. */
  private currentVersion(): string {
    const stat = statSync(this.path, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? "" : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
  }

  private text(): string {
    let file: number | null = null;
    try {
      file = openSync(this.path, "r");
      const bytes = Buffer.alloc(this.largestBytes);
      const length = readSync(file, bytes, 0, bytes.length, 0);
      const text = bytes.toString("utf8", 0, length);
      return length < bytes.length ? text : text.slice(0, text.lastIndexOf("\n") + 1);
    } catch (error) {
      // A file that may not be read counts as empty; anything else than the system's refusal is a bug.
      if (!(error instanceof Error && "syscall" in error)) throw error;
      return "";
    } finally {
      if (file !== null) closeSync(file);
    }
  }
}
