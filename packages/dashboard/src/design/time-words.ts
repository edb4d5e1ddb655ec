const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** How long ago or ahead a time is, in the shortest words: `now`, `12 s ago`, `in 34 min`, `3 d ago`. Unix seconds. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.round(at - now);
  const length = durationWords(Math.abs(seconds));
  if (Math.abs(seconds) < 2) return "now";
  return seconds < 0 ? `${length} ago` : `in ${length}`;
}

/**
 * A duration in its largest unit, or in two units where the second one matters: `12 s`, `34 min`, `2 h 05`, `3 d`, `2
 * y`.
 */
export function durationWords(seconds: number): string {
  if (seconds < MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 10 * HOUR) return `${Math.floor(seconds / HOUR)} h ${String(Math.floor((seconds % HOUR) / MINUTE)).padStart(2, "0")}`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  if (seconds < 730 * DAY) return `${Math.floor(seconds / DAY)} d`;
  return `${Math.floor(seconds / (365 * DAY))} y`;
}

/** Milliseconds in a form to read at a glance: `41 ms`, `1.2 s`, `30 s`. */
export function millisecondWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`;
}

/** A time in full, in the reader's zone: `2026-11-29 12:04:31 UTC`. Unix seconds. */
export function exactTime(at: number): string {
  const date = new Date(at * 1_000);
  const part = (value: number): string => String(value).padStart(2, "0");
  const zone = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(date).find(({ type }) => type === "timeZoneName");
  return `${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())} ${clockTime(at)} ${zone?.value ?? ""}`.trim();
}

/** The time of day: `12:04:31`. Unix seconds. */
function clockTime(at: number): string {
  const date = new Date(at * 1_000);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => String(value).padStart(2, "0")).join(":");
}

/** A time in a list of one day's rows: the time of day, with the date before it on another day. Unix seconds. */
export function rowTime(at: number, now: number): string {
  const date = new Date(at * 1_000);
  if (date.toDateString() === new Date(now * 1_000).toDateString()) return clockTime(at);
  const day = `${date.toLocaleString("en", { month: "short" })} ${date.getDate()}`;
  return date.getFullYear() === new Date(now * 1_000).getFullYear() ? `${day} ${clockTime(at)}` : `${day} ${date.getFullYear()}`;
}
