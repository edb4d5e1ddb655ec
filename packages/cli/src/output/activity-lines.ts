import type { Activity } from "@carabiner/server";
import { formatDuration } from "./duration.ts";
import { explained } from "./explanation.ts";
import { EVENT_CHARS, inColumn, lineColumns, type Piece, shortened, TOOK_CHARS, wrapped } from "./fit-line.ts";
import { printable } from "./printable.ts";
import type { Colours } from "./terminal.ts";

/** The widths of the other columns. */
const WORD_CHARS = 9;
const STATUS_CHARS = 3;
const GAP = "  ";
/** The indentation of the text below a line. */
const INDENT = " ".repeat(WORD_CHARS + GAP.length);

/** Explanations that are remembered, so that each is printed once. */
const EXPLAINED = 50;

type Attempt = Extract<Activity, { kind: "attempt" }>;

/** What all lines of activities have in common. */
export interface ActivityLines {
  colours: Colours;
  /** The current width of a line in characters; null for unlimited. */
  width(): number | null;
}

/**
 * A function that describes activities for people, one after the other, aligned and within the width. Failures are red.
 * On a terminal the reason for a failure is below its line. The explanation of a reason is printed only once.
 */
export function activityLines({ colours, width }: ActivityLines): (activity: Activity) => string {
  const { bold, cyan, dim, green, red, yellow } = colours;
  const given = new Set<string>();

  /** The reason for a failure, without what other columns show, and without an explanation that was given before. */
  function reasonOf(reason: string, status: number | null): string {
    const { what, explanation, mark } = explained(reason);
    const words = what.replace(new RegExp(`^${status} `), "");
    if (explanation === null || given.has(explanation)) return `${words}.`;
    if (given.size < EXPLAINED) given.add(explanation);
    return `${words}${mark} ${explanation}`;
  }

  return (activity) => {
    if (activity.kind === "omitted") {
      const attempts = activity.count === 1 ? "1 attempt is" : `${activity.count} attempts are`;
      return dim(`${attempts} not shown: there were too many at once`);
    }
    const within = width();
    const columns = lineColumns(within, WORD_CHARS + GAP.length + STATUS_CHARS + GAP.length);
    const { type, account, event, livemode } = activity;
    const about = [
      inColumn(livemode ? `${type} (live)` : type, columns.type, within !== null),
      ...(columns.account === null ? [] : [dim(inColumn(account, columns.account, within !== null))]),
      activity.kind === "event" ? printable(event) : inColumn(event, EVENT_CHARS, false),
    ];
    const line = (word: string, dress: (text: string) => string, rest: readonly string[] = [], details: readonly Piece[] = []): string => {
      const first = [dress(word.padEnd(WORD_CHARS)), ...about, ...rest].join(GAP);
      if (details.length === 0) return first;
      if (within === null) return [first, details.map(({ text, dress: paint }) => paint(text)).join(" ")].join(GAP);
      return [first, ...wrapped(details, within - INDENT.length).map((text) => INDENT + text)].join("\n");
    };
    if (activity.kind === "event") return line("event", cyan);

    const url = printable(activity.url);
    const bare = url.replace(/^http:\/\//, "");
    const inLine = columns.place === null ? [] : [within === null ? url : shortened(bare, columns.place)];
    const below = columns.place === null ? [{ text: `${shortened(bare, (within ?? 0) - INDENT.length - 1)}:`, dress: dim }] : [];
    if (activity.kind === "cancelled") {
      const room = " ".repeat(STATUS_CHARS + (columns.took === null ? 0 : GAP.length + TOOK_CHARS));
      const rest = inLine.length === 0 || within === null ? inLine : [room, ...inLine];
      return line("cancelled", yellow, rest, [...below, { text: "The endpoint is disabled or deleted.", dress: yellow }]);
    }
    const { status, durationMs, outcome, state, reason } = activity;
    const answered = [
      (status === null ? "-" : String(status)).padStart(STATUS_CHARS),
      ...(columns.took === null ? [] : [dim(`${Math.round(durationMs)} ms`.padStart(columns.took))]),
      ...inLine,
    ];
    if (outcome === "succeeded") return line("delivered", green, answered);
    const details = (brief: boolean): Piece[] => [
      ...below,
      { text: why, dress: red },
      { text: whatFollows(activity, brief), dress: yellow },
    ];
    const why = printable(reasonOf(reason, status));
    const room = (within ?? Number.POSITIVE_INFINITY) - INDENT.length;
    const fits = details(false).reduce((sum, { text }) => sum + [...text].length + 1, -1) <= room;
    return line(state === "exhausted" ? "exhausted" : "failed", (text) => bold(red(text)), answered, details(!fits));
  };
}

/** When a failed delivery will be retried, in words; `brief` omits the exact time. */
function whatFollows({ at, durationMs, number, nextAttemptAt, deliveryKind }: Attempt, brief: boolean): string {
  if (nextAttemptAt === null) return deliveryKind === "manual" ? "Sent by hand, so not tried again." : "Not tried again.";
  const seconds = (nextAttemptAt - at - durationMs) / 1_000;
  const next = `Try ${number + 1} in ${formatDuration(seconds)}`;
  if (brief) return `${next}.`;
  const sameDay = new Date(at).toISOString().slice(0, 10) === new Date(nextAttemptAt).toISOString().slice(0, 10);
  const moment = new Date(nextAttemptAt)
    .toISOString()
    .slice(sameDay ? 11 : 0, 19)
    .replace("T", " ");
  return `${next}, at ${moment} UTC.`;
}

/** Whether an activity reports a failure. */
export function isFailure(activity: Activity): boolean {
  return (activity.kind === "attempt" && activity.outcome !== "succeeded") || activity.kind === "cancelled";
}
