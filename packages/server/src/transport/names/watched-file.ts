import { closeSync, openSync, readSync, statSync } from "node:fs";

/** The shortest time between two checks of a file for changes. */
const LOOKED_AT_EVERY = 1_000;

/** A small system file that is reread when it has changed. */
export class WatchedFile<Content> {
  private readonly path: string;
  private readonly largestBytes: number;
  private readonly parse: (text: string) => Content;
  private readonly now: () => number;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private version = "";
  private content: Content;

  /**
   * `parse` turns the text into the content. It gets at most `largestBytes`, in whole lines. A missing or unreadable
   * file counts as empty. `now` is in milliseconds.
   */
  constructor(path: string, largestBytes: number, parse: (text: string) => Content, now: () => number) {
    this.path = path;
    this.largestBytes = largestBytes;
    this.parse = parse;
    this.now = now;
    this.content = parse("");
  }

  /** The content, at most a second old. It is the same object as long as the file has not changed. */
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

  /** Synchronous: this takes microseconds, and does not block the shared threads. */
  private currentVersion(): string {
    const stat = statSync(this.path, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? "" : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
  }

  private text(): string {
    let file: number | null = null;
    try {
      file = openSync(this.path, "r");
      // Not filled with zeros, because most of it is never touched.
      const bytes = Buffer.allocUnsafe(this.largestBytes);
      const length = readSync(file, bytes, 0, bytes.length, 0);
      const text = bytes.toString("utf8", 0, length);
      return length < bytes.length ? text : text.slice(0, text.lastIndexOf("\n") + 1);
    } catch (error) {
      // An unreadable file counts as empty; any error but one of the system is a bug.
      if (!(error instanceof Error && "syscall" in error)) throw error;
      return "";
    } finally {
      if (file !== null) closeSync(file);
    }
  }
}
