import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { programForTests } from "../../../../scripts/program-for-tests.ts";
import type { CarabinerOptions } from "../../src/index.ts";

const FATAL_ANSWERS = new URL("./fatal-answers.ts", import.meta.url).href;

/** A line of a server's log. */
export interface LogLine {
  level: number;
  msg: string;
  deliveries?: string[];
  quarantined?: number;
  underWay?: number;
}

/** A server in a separate process, which some answers end. */
export interface ServerProcess {
  url: string;
  /** What it has logged so far, from warnings on. */
  log: LogLine[];
  /** Resolves with the first line that it has logged, or will log, of which this holds. */
  said(holds: (line: LogLine) => boolean): Promise<LogLine>;
  /** Resolves once it has ended, however. */
  ended: Promise<void>;
  kill(): Promise<void>;
  /** Stops it as a service is stopped. */
  close(): Promise<void>;
}

/** Starts one. Resolves when it listens, or with null when it ended before. */
export async function startServerProcess(options: CarabinerOptions): Promise<ServerProcess | null> {
  const child: ChildProcess = fork(programForTests("packages/server/test/unclean-ends/server-program.ts"), [JSON.stringify(options)], {
    execArgv: ["--import", FATAL_ANSWERS],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const log: LogLine[] = [];
  const listeners = new Set<() => void>();
  // What is not of the log is Node's last word.
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (!line.startsWith("{")) return;
      log.push(JSON.parse(line) as LogLine);
      for (const look of listeners) look();
    });
  const ended = once(child, "close").then(() => undefined);
  const ready = await Promise.race([once(child, "message"), ended]);
  if (ready === undefined) return null;
  return {
    url: (ready[0] as { url: string }).url,
    log,
    said: (holds) =>
      new Promise((resolve) => {
        const look = () => {
          const line = log.find(holds);
          if (line !== undefined) resolve(line);
        };
        listeners.add(look);
        look();
      }),
    ended,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async close() {
      child.send("close");
      await ended;
    },
  };
}
