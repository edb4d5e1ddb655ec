import type { Report } from "./report.ts";
import { logLine } from "./report.ts";

/** Where lines go: a function, the logger of your program (pino, winston, console), or nowhere. */
export type Log = ((line: string) => void) | { warn(line: string): void } | false;

/** The period over which lines of one kind are counted together. */
const WINDOW_MS = 60_000;

/**
 * Logs reports that need attention. Anyone can send requests that are refused, so each reason gets at most
 * `linesPerMinute` lines; the next line says how many were left out. Throws a TypeError for a log that cannot take
 * lines.
 */
export function createLog(
  log: Log | undefined,
  { linesPerMinute, now }: { linesPerMinute: number; now(): number },
): { report(report: Report): void; line(text: string): void } {
  const write = writerOf(log);
  const windows = new Map<string, { since: number; lines: number; left: number }>();

  /** Whether a line of this kind may be written now, with a note about omitted ones. */
  function admit(kind: string): { admitted: boolean; left: number } {
    const known = windows.get(kind);
    if (known === undefined || now() - known.since >= WINDOW_MS || now() < known.since) {
      windows.set(kind, { since: now(), lines: 1, left: 0 });
      return { admitted: true, left: known?.left ?? 0 };
    }
    if (known.lines < linesPerMinute) {
      known.lines++;
      return { admitted: true, left: 0 };
    }
    known.left++;
    return { admitted: false, left: 0 };
  }

  return {
    line: write,
    report(report) {
      const line = logLine(report);
      if (line === null) return;
      if (report.kind !== "refused") return write(line);
      const { admitted, left } = admit(report.reason);
      if (!admitted) return;
      write(left === 0 ? line : `${line} (${left} earlier requests were refused for the same reason and not logged)`);
    },
  };
}

function writerOf(log: Log | undefined): (line: string) => void {
  if (log === false) return () => undefined;
  if (log === undefined) return (line) => console.warn(`[receiver] ${line}`);
  if (typeof log === "function") return log;
  const { warn } = (log ?? {}) as { warn?: unknown };
  if (typeof warn === "function") return (line) => log.warn(line);
  throw new TypeError(
    "createReceiver's log must be a function that takes a line, a logger with a warn method, or false to turn logging off.",
  );
}
