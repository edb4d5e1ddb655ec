import { Writable } from "node:stream";
import type { Activity } from "@carabiner/server";
import pino, { type Logger } from "pino";
import pretty from "pino-pretty";
import { activityLine, isFailure } from "./activity-line.ts";
import { printable } from "./printable.ts";
import type { LogLevel } from "./settings/settings.ts";
import type { Colours, Terminal } from "./terminal.ts";

/** Fields of a request's entry that its line already shows. */
const SAID_OF_REQUESTS = ["requestId", "method", "path", "status", "ms", "account", "error"];

/** A server's log for programs: JSON lines on stderr. */
export function createJsonLog(level: LogLevel): Logger {
  return pino({ level }, pino.destination(2));
}

/** Logs a server's activities: failures as warnings, the rest as information. */
export function logActivity(log: Logger, activity: Activity): void {
  log[isFailure(activity) ? "warn" : "info"]({ activity }, MESSAGES[activity.kind]);
}

const MESSAGES: Readonly<Record<Activity["kind"], string>> = {
  event: "an event was recorded",
  attempt: "an attempt ended",
  cancelled: "a delivery was cancelled",
  omitted: "attempts are left out here",
};

/** A server's log for people: one plain line per entry, on stderr. */
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
    ignore: ["pid", "hostname", "activity", ...SAID_OF_REQUESTS].join(","),
    messageFormat: (entry, messageKey) => entryText(entry, messageKey, err),
    singleLine: true,
    destination: lines,
  });
  return pino({ level }, entries);
}

/**
 * An entry's text: for an activity, its line; for a request, who asked for what and the answer; otherwise its message.
 */
function entryText(entry: Readonly<Record<string, unknown>>, messageKey: string, colours: Colours): string {
  const { method, path, status, ms, requestId, account, error, activity } = entry;
  if (activity !== undefined) return activityLine(activity as Activity, colours);
  if (typeof method !== "string" || typeof path !== "string" || typeof status !== "number") {
    const message = printable(String(entry[messageKey] ?? ""), { lines: true });
    return requestId === undefined ? message : `${message} ${printable(String(requestId))}`;
  }
  const dress = status < 400 ? colours.green : status < 500 ? colours.yellow : colours.red;
  const rest = [`${ms} ms`, requestId, account].filter((part) => part !== undefined).map((part) => printable(String(part)));
  const reason = error === undefined ? "" : ` ${dress(printable(String(error)))}`;
  return `${dress(String(status))} ${method.padEnd(6)} ${printable(path)}${reason}  ${colours.dim(rest.join("  "))}`;
}
