import { Writable } from "node:stream";
import type { Activity, CarabinerOptions } from "@carabiner/server";
import pino, { type Logger } from "pino";
import pretty from "pino-pretty";
import { activityLines, isFailure } from "./output/activity-lines.ts";
import { printable } from "./output/printable.ts";
import { widthOf } from "./output/table.ts";
import type { Terminal } from "./output/terminal.ts";
import type { LogLevel } from "./settings/settings.ts";

/** Fields of a request's entry that its line already shows. */
const SAID_OF_REQUESTS = ["requestId", "method", "path", "status", "ms", "account", "error"];

/** Fields of any entry that its line already shows, or that mean nothing to a person. */
const SAID = ["level", "time", "pid", "hostname", "code", "activity", "feature", ...SAID_OF_REQUESTS];

/** The width from which lines of activities begin with the time. */
const TIMED_CHARS = 100;

/** A server's log for programs: JSON lines on stderr. */
export function createJsonLog(level: LogLevel, terminal: Pick<Terminal, "tell">): Logger {
  return pino({ level }, { write: (line) => terminal.tell(line.trimEnd()) });
}

/**
 * The options of a server whose activities are logged: failures as warnings, the rest as information. It does not
 * report activities that the log leaves out, because it reads the details of each attempt from its store.
 */
export function activityOptions(log: Logger): Pick<CarabinerOptions, "onActivity" | "activities"> {
  if (!log.isLevelEnabled("warn")) return {};
  return {
    activities: log.isLevelEnabled("info") ? "all" : "failures",
    onActivity: (activity) => log[isFailure(activity) ? "warn" : "info"]({ activity }, MESSAGES[activity.kind]),
  };
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
  const textOf = entryText(terminal);
  const entries = pretty({
    colorize: err.isColorSupported,
    ignore: SAID.join(","),
    messageFormat: (entry, messageKey) => textOf(entry, messageKey),
    singleLine: true,
    destination: lines,
  });
  return pino({ level }, entries);
}

/**
 * A function that writes an entry: for an activity, its line; for a request, who asked for what, and the answer;
 * otherwise its level and its message. Each line begins with the time, in UTC, if there is room.
 */
function entryText({ colours: { err }, errWidth }: Terminal): (entry: Readonly<Record<string, unknown>>, messageKey: string) => string {
  const timed = (time: unknown): string => `[${new Date(Number(time)).toISOString().slice(11, 19)}] `;
  const leading = timed(0).length;
  const hasRoom = (): boolean => (errWidth() ?? TIMED_CHARS) >= TIMED_CHARS;
  const ofActivity = activityLines({
    colours: err,
    width() {
      const width = errWidth();
      return width === null || !hasRoom() ? width : width - leading;
    },
  });
  return (entry, messageKey) => {
    const { time, level, method, path, status, ms, requestId, account, error, activity } = entry;
    if (activity !== undefined) {
      const text = ofActivity(activity as Activity);
      return hasRoom() ? timed(time) + text.replaceAll("\n", `\n${" ".repeat(leading)}`) : text;
    }
    if (typeof method !== "string" || typeof path !== "string" || typeof status !== "number") {
      const message = printable(String(entry[messageKey] ?? ""), { lines: true });
      const label = pino.levels.labels[Number(level)]?.toUpperCase() ?? "LOG";
      const dress = Number(level) >= 50 ? err.red : Number(level) >= 40 ? err.yellow : err.green;
      return `${timed(time)}${dress(label)}: ${message}${requestId === undefined ? "" : ` ${printable(String(requestId))}`}`;
    }
    const dress = status < 400 ? err.green : status < 500 ? err.yellow : err.red;
    const reason = error === undefined ? "" : ` ${dress(printable(String(error)))}`;
    const lineWith = (parts: readonly unknown[]): string => {
      const rest = parts.filter((part) => part !== undefined).map((part) => printable(String(part)));
      return `${timed(time)}${dress(String(status))} ${method.padEnd(6)} ${printable(path)}${reason}  ${err.dim(rest.join("  "))}`;
    };
    const forms = [[`${ms} ms`, requestId, account], [`${ms} ms`, requestId], [requestId]].map(lineWith);
    return forms.find((line) => widthOf(line) <= (errWidth() ?? Number.POSITIVE_INFINITY)) ?? (forms.at(-1) as string);
  };
}
