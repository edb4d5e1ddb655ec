import { once } from "node:events";
import pc from "picocolors";

/** The colours text may have. */
export type Colours = ReturnType<typeof pc.createColors>;

/** All that a command may know and touch besides its arguments and the network. Tests hand in their own. */
export interface Terminal {
  /** Prints data: one line, or several, on stdout. */
  print(text: string): void;
  /** Resolves once there is room for more on stdout: whoever prints without end waits for it, so that nothing piles up. */
  printed(): Promise<void>;
  /** Prints a message for a person, on stderr. */
  tell(text: string): void;
  /** The colours of stdout and of stderr; plain ones where they are not wanted. */
  colours: { out: Colours; err: Colours };
  /** How many characters a line of stdout has room for; null where it is no terminal. */
  width(): number | null;
  env: Readonly<Record<string, string | undefined>>;
  /** Unix milliseconds. */
  now(): number;
  /** Resolves after `ms` milliseconds. */
  pause(ms: number): Promise<void>;
  /** Calls `stop` at each request to stop the process. Returns how to no longer be asked. */
  onStopRequest(stop: () => void): () => void;
  /** Ends the process where it stands. */
  exitNow(code: number): void;
  /** All of stdin, as text: what `--object-file -` reads. */
  readInput(): Promise<string>;
}

/** Runs work that goes on until somebody asks the process to stop. What it is doing then may end; a second request ends the process. */
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

/** Whether a stream shows colours: only on a terminal that knows them, and never against `NO_COLOR` (https://no-color.org). */
export function showsColours(stream: { isTTY?: boolean }, env: Terminal["env"]): boolean {
  return stream.isTTY === true && env.TERM !== "dumb" && (env.NO_COLOR === undefined || env.NO_COLOR === "");
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin } = process;
  const env = { ...process.env };
  // Neither a thread nor a report of Node's is to have the key.
  delete process.env.CARABINER_KEY;
  return {
    print: (text) => stdout.write(`${text}\n`),
    async printed() {
      if (stdout.writableNeedDrain) await once(stdout, "drain");
    },
    tell: (text) => stderr.write(`${text}\n`),
    colours: { out: pc.createColors(showsColours(stdout, env)), err: pc.createColors(showsColours(stderr, env)) },
    width: () => (stdout.isTTY === true ? (stdout.columns ?? null) : null),
    env,
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
    exitNow: (code) => process.exit(code),
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}
