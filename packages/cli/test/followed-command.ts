import { expect } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runProgram } from "../src/program.ts";
import { capturedTerminal } from "./captured-terminal.ts";

/** A command that goes on until it is stopped, with what it prints: on a terminal of that width, if one is given. */
export function followCommand({ url, width = null }: { url: string; width?: number | null }, ...args: string[]) {
  const terminal = capturedTerminal({ env: { CARABINER_URL: url }, now: Date.now(), width });
  const woken = new Set<() => void>();
  for (const name of ["print", "tell"] as const) {
    const write = terminal[name];
    terminal[name] = (text) => {
      write(text);
      for (const wake of woken) wake();
    };
  }
  const ended = runProgram(args, terminal);
  return {
    terminal,
    async line(pattern: RegExp): Promise<string> {
      for (;;) {
        const found = [...terminal.lines, ...terminal.told].find((line) => pattern.test(line));
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => void woken.add(resolve));
      }
    },
    async stop() {
      terminal.askToStop();
      expect(await ended).toBe(EXIT_CODES.ok);
    },
  };
}
