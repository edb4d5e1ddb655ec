import pc from "picocolors";
import type { Terminal } from "../src/output/terminal.ts";
import { runProgram } from "../src/program.ts";

/** A terminal that keeps what is printed, and whose user asks for a stop when told to. */
export interface CapturedTerminal extends Terminal {
  /** What went to stdout and to stderr so far. */
  lines: string[];
  told: string[];
  /** Exit codes that were demanded at once. */
  exits: number[];
  /** What Ctrl+C does. */
  askToStop(): void;
  /** What `SIGHUP` does. */
  hangUp(gone: boolean): void;
}

/** A plain terminal without a person at it; colours, environment and input as given. */
export function capturedTerminal({
  env = {},
  colours = false,
  input = "",
  width = null,
  now = Date.UTC(2026, 2, 1),
}: {
  env?: Record<string, string>;
  colours?: boolean;
  input?: string;
  width?: number | null;
  now?: number;
} = {}): CapturedTerminal {
  const lines: string[] = [];
  const told: string[] = [];
  const exits: number[] = [];
  const listeners = new Set<() => void>();
  const hangups = new Set<(gone: boolean) => void>();
  return {
    lines,
    told,
    exits,
    print: (text) => void lines.push(text),
    printed: async () => undefined,
    tell: (text) => void told.push(text),
    colours: { out: pc.createColors(colours), err: pc.createColors(colours) },
    width: () => width,
    errWidth: () => width,
    env,
    configFile: null,
    now: () => now,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    onStopRequest(stop) {
      listeners.add(stop);
      return () => void listeners.delete(stop);
    },
    onHangup(hungUp) {
      hangups.add(hungUp);
      return () => void hangups.delete(hungUp);
    },
    hangUp(gone) {
      for (const hungUp of hangups) hungUp(gone);
    },
    exitNow: (code) => void exits.push(code),
    readInput: async () => input,
    askToStop() {
      for (const stop of listeners) stop();
    },
  };
}

/** How one command line ended. */
export interface CommandRun {
  code: number;
  out: string;
  err: string;
}

/** Runs one command line in this process. */
export async function runCommand(args: readonly string[], options: Parameters<typeof capturedTerminal>[0] = {}): Promise<CommandRun> {
  const terminal = capturedTerminal(options);
  const code = await runProgram(args, terminal);
  return { code, out: terminal.lines.join("\n"), err: terminal.told.join("\n") };
}
