import { write as writeInBackground, writeSync } from "node:fs";
import type { Limits } from "./limits.ts";

/** Takes the lines of a log. */
export interface LogDestination {
  write(line: string): void;
  /** Writes the waiting lines before the process ends. */
  flushSync(): void;
}

/** Writes to a file descriptor, as `write` of `node:fs` does. */
type Write = (fd: number, data: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void) => void;

/**
 * Writes a log's lines to a file descriptor, in order and in the background, so that a slow reader delays nothing.
 * Lines that cannot be written, for example to a full disk, are lost: the server continues without its log.
 */
export function createLogDestination(
  fd: number,
  { logWaitingChars }: Pick<Limits, "logWaitingChars">,
  write: Write = writeInBackground,
): LogDestination {
  let waiting = "";
  let current = Buffer.alloc(0);
  let writing = false;
  /** Whether the last write stopped in the middle of a line. */
  let torn = false;

  function next(): void {
    if (writing) return;
    if (current.length === 0) {
      if (waiting === "") return;
      current = Buffer.from(torn ? `\n${waiting}` : waiting);
      waiting = "";
    }
    writing = true;
    write(fd, current, (error, written) => {
      writing = false;
      if (error?.code === "EAGAIN") {
        // The reader accepts no more for now.
        setTimeout(next, 100).unref();
        return;
      }
      if (error === null && written > 0) torn = current[written - 1] !== 0x0a;
      current = error === null ? current.subarray(written) : Buffer.alloc(0);
      next();
    });
  }

  return {
    write(line) {
      if (waiting.length + line.length > logWaitingChars) return;
      waiting += line;
      next();
    },
    flushSync() {
      let rest = Buffer.concat([writing ? Buffer.alloc(0) : current, Buffer.from(waiting)]);
      [current, waiting] = [writing ? current : Buffer.alloc(0), ""];
      try {
        while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
      } catch {
        // Nobody is left to tell.
      }
    },
  };
}

let standardError: LogDestination | null = null;

/** The standard error of this process, with the limits of the first caller. */
export function logToStandardError(limits: Pick<Limits, "logWaitingChars">): LogDestination {
  if (standardError === null) {
    standardError = createLogDestination(2, limits);
    process.on("exit", standardError.flushSync);
  }
  return standardError;
}
