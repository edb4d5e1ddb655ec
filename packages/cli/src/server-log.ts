import { Writable } from "node:stream";
import pino, { type Logger } from "pino";
import pretty from "pino-pretty";
import type { LogLevel } from "./listen-options.ts";
import { printable } from "./printable.ts";
import type { Colours, Terminal } from "./terminal.ts";

/** Fields of a request's entry that its line says in its own way. */
const SAID_OF_REQUESTS = ["requestId", "method", "path", "status", "ms", "account", "error"];

/** The log of a server that a person watches: one plain line an entry, on stderr. */
export function createReadableLog(level: LogLevel, terminal: Terminal): Logger {
  const { err } = terminal.colours;
  const lines = new Writable({
    write(line: Buffer, _, done) {
      terminal.tell(line.toString("utf8").trimEnd());
      done();
    },
  });
  const entries = pretty({
    colorize: err.isColorSupported,
    translateTime: "HH:MM:ss",
    ignore: ["pid", "hostname", ...SAID_OF_REQUESTS].join(","),
    messageFormat: (entry, messageKey) => entryText(entry, messageKey, err),
    singleLine: true,
    destination: lines,
  });
  return pino({ level }, entries);
}

/** What an entry says: of a request, who asked for what and how it was answered; of anything else, its message. */
function entryText(entry: Readonly<Record<string, unknown>>, messageKey: string, colours: Colours): string {
  const { method, path, status, ms, requestId, account, error } = entry;
  if (typeof method !== "string" || typeof path !== "string" || typeof status !== "number") {
    const message = printable(String(entry[messageKey] ?? ""), { lines: true });
    return requestId === undefined ? message : `${message} ${printable(String(requestId))}`;
  }
  const dress = status < 400 ? colours.green : status < 500 ? colours.yellow : colours.red;
  const rest = [`${ms} ms`, requestId, account].filter((part) => part !== undefined).map((part) => printable(String(part)));
  const reason = error === undefined ? "" : ` ${dress(printable(String(error)))}`;
  return `${dress(String(status))} ${method.padEnd(6)} ${printable(path)}${reason}  ${colours.dim(rest.join("  "))}`;
}
