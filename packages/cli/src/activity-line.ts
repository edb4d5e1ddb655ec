import type { Activity } from "@carabiner/server";
import { formatDuration } from "./duration.ts";
import { printable } from "./printable.ts";
import type { Colours } from "./terminal.ts";

/** The widths of these lines' columns. A longer value pushes the rest of its line. */
const WIDTHS = { word: 9, type: 32, account: 21, event: 28, status: 3, took: 8 } as const;

type Attempt = Extract<Activity, { kind: "attempt" }>;

/** An activity as one line for people, aligned with the lines before. Failures are red. */
export function activityLine(activity: Activity, colours: Colours): string {
  const { bold, cyan, dim, green, red, yellow } = colours;
  if (activity.kind === "omitted") {
    const attempts = activity.count === 1 ? "1 attempt is" : `${activity.count} attempts are`;
    return dim(`${attempts} not shown: there were too many at once`);
  }
  const { type, account, event, livemode } = activity;
  const about = [
    padded(livemode ? `${type} (live)` : type, "type"),
    dim(padded(account, "account")),
    activity.kind === "event" ? event : padded(event, "event"),
  ].join("  ");
  const line = (word: string, dress: (text: string) => string, ...rest: string[]): string =>
    [dress(padded(word, "word")), about, ...rest].join("  ");
  if (activity.kind === "event") return line("event", cyan);
  const url = printable(activity.url);
  if (activity.kind === "cancelled") return line("cancelled", yellow, url, "The endpoint is disabled or deleted.");
  const { status, durationMs, outcome, state, reason } = activity;
  const answered = [
    (status === null ? "-" : String(status)).padStart(WIDTHS.status),
    dim(`${Math.round(durationMs)} ms`.padStart(WIDTHS.took)),
    url,
  ].join("  ");
  if (outcome === "succeeded") return line("delivered", green, answered);
  const word = state === "exhausted" ? "exhausted" : "failed";
  return line(word, (text) => bold(red(text)), answered, `${red(printable(reason))} ${yellow(whatFollows(activity))}`);
}

/** When a failed delivery will be retried, in words. */
function whatFollows({ at, durationMs, number, nextAttemptAt, deliveryKind }: Attempt): string {
  if (nextAttemptAt === null) return deliveryKind === "manual" ? "Sent by hand, so not tried again." : "Not tried again.";
  const seconds = (nextAttemptAt - at - durationMs) / 1_000;
  const sameDay = new Date(at).toISOString().slice(0, 10) === new Date(nextAttemptAt).toISOString().slice(0, 10);
  const moment = new Date(nextAttemptAt)
    .toISOString()
    .slice(sameDay ? 11 : 0, 19)
    .replace("T", " ");
  return `Try ${number + 1} in ${formatDuration(seconds)}, at ${moment} UTC.`;
}

function padded(text: string, column: keyof typeof WIDTHS): string {
  return printable(text).padEnd(WIDTHS[column]);
}

/** Whether an activity reports a failure. */
export function isFailure(activity: Activity): boolean {
  return (activity.kind === "attempt" && activity.outcome !== "succeeded") || activity.kind === "cancelled";
}
