import pino, { type Logger } from "pino";
import pretty from "pino-pretty";
import type { LogLevel } from "./listen-options.ts";
import type { Terminal } from "./terminal.ts";

/** The log of a server that a person watches: one plain line an entry, on stderr. */
export function createReadableLog(level: LogLevel, terminal: Terminal): Logger {
  const lines = pretty({
    colorize: terminal.colours.err.isColorSupported,
    translateTime: "HH:MM:ss",
    ignore: "pid,hostname",
    singleLine: true,
    destination: 2,
    sync: true,
  });
  return pino({ level }, lines);
}
