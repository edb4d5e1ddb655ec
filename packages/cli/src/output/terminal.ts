import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import pc from "picocolors";

/** The colours of text. */
export type Colours = ReturnType<typeof pc.createColors>;

/** Everything a command may use in addition to its arguments and the network. Tests pass their own. */
export interface Terminal {
  /** Prints data to stdout: one line, or several. */
  print(text: string): void;
  /** Resolves once stdout has room for more. Endless output waits for it, so that nothing piles up. */
  printed(): Promise<void>;
  /** Prints a message for people to stderr. */
  tell(text: string): void;
  /** The colours of stdout and of stderr; plain when colours are off. */
  colours: { out: Colours; err: Colours };
  /** The width of a line of stdout in characters; null when it is not a terminal. */
  width(): number | null;
  /** The same for stderr. */
  errWidth(): number | null;
  env: Readonly<Record<string, string | undefined>>;
  /** The configuration file, and the variables of `env` that it sets; null when there is none. */
  configFile: { path: string; names: ReadonlySet<string> } | null;
  /** Unix milliseconds. */
  now(): number;
  /** Resolves after `ms` milliseconds. */
  pause(ms: number): Promise<void>;
  /** Calls `stop` at each request to stop the process. Returns a function that removes this handler. */
  onStopRequest(stop: () => void): () => void;
  /**
   * Calls `hungUp` at each `SIGHUP`, which would otherwise end the process. `gone` says whether it came because the
   * terminal was closed. Returns a function that removes this handler.
   */
  onHangup(hungUp: (gone: boolean) => void): () => void;
  /** Ends the process immediately. */
  exitNow(code: number): void;
  /** All of stdin as text, for `--object-file -`. */
  readInput(): Promise<string>;
}

/** Runs work until the process is asked to stop. The work may then finish; a second request ends the process. */
export async function untilStopped(terminal: Terminal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const noLonger = terminal.onStopRequest(() => {
    if (stopping.signal.aborted) terminal.exitNow(0);
    stopping.abort();
  });
  try {
    await work(stopping.signal);
  } finally {
    noLonger();
  }
}

/**
 * Whether a stream shows colours: only on a terminal that supports them, and never with `NO_COLOR`
 * (https://no-color.org).
 */
export function showsColours(stream: { isTTY?: boolean }, env: Terminal["env"]): boolean {
  return stream.isTTY === true && env.TERM !== "dumb" && (env.NO_COLOR === undefined || env.NO_COLOR === "");
}

/** The width of a line of a stream in characters; null when it is not a terminal. */
const widthOf = ({ isTTY, columns }: { isTTY?: boolean; columns?: number }): number | null => (isTTY === true ? (columns ?? null) : null);

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin } = process;
  const env = { ...process.env };
  // Threads and reports of Node.js must not get the key.
  delete process.env.CARABINER_KEY;
  return {
    print: (text) => stdout.write(`${text}\n`),
    async printed() {
      if (stdout.writableNeedDrain) await once(stdout, "drain");
    },
    tell: (text) => stderr.write(`${text}\n`),
    colours: { out: pc.createColors(showsColours(stdout, env)), err: pc.createColors(showsColours(stderr, env)) },
    width: () => widthOf(stdout),
    errWidth: () => widthOf(stderr),
    env,
    configFile: null,
    now: () => Date.now(),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onStopRequest(stop) {
      process.on("SIGINT", stop);
      process.on("SIGTERM", stop);
      return () => {
        process.off("SIGINT", stop);
        process.off("SIGTERM", stop);
      };
    },
    onHangup(hungUp) {
      const heard = (): void => {
        const gone = process.platform === "win32" || (stderr.isTTY && !hasTerminal());
        // Writing to a closed terminal fails.
        if (gone) for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
        hungUp(gone);
      };
      process.on("SIGHUP", heard);
      return () => void process.off("SIGHUP", heard);
    },
    exitNow: (code) => process.exit(code),
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}

/** Whether the process still has the terminal that started it. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
