import type { Delivery, DeliveryFigures, FiguresOfHour } from "../api/answers.ts";

/** The results of an endpoint's deliveries, from those that are known. */
interface Figures {
  /** Deliveries that were attempted. */
  attempted: number;
  delivered: number;
  failing: number;
  waiting: number;
  /** Milliseconds of the last attempts that were answered with success; null without any. */
  p50Ms: number | null;
  p95Ms: number | null;
  /** Unix seconds of the next attempt; null when none is due. */
  nextTryAt: number | null;
}

/** Figures of deliveries. */
function figuresOf(deliveries: readonly Delivery[]): Figures {
  const took = deliveries
    .flatMap(({ last_attempt: last }) => (last?.outcome === "succeeded" ? [last.duration_ms] : []))
    .sort((one, other) => one - other);
  const due = deliveries.flatMap(({ state, next_attempt_at: at }) => (state === "pending" && at !== null ? [at] : []));
  return {
    attempted: deliveries.filter(({ attempt_count: attempts }) => attempts > 0).length,
    delivered: deliveries.filter(({ state }) => state === "succeeded").length,
    failing: deliveries.filter(({ state, attempt_count: attempts }) => (state === "pending" && attempts > 0) || state === "exhausted")
      .length,
    waiting: deliveries.filter(({ state }) => state === "pending").length,
    p50Ms: percentile(took, 0.5),
    p95Ms: percentile(took, 0.95),
    nextTryAt: due.length === 0 ? null : Math.min(...due),
  };
}

function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? null;
}

/** Deliveries of one span of time. */
export interface Span {
  /** When it begins: Unix seconds. */
  at: number;
  delivered: number;
  failing: number;
  waiting: number;
  p50Ms: number | null;
  p95Ms: number | null;
}

/** The spans that charts use, in seconds. */
const SPANS = [60, 300, 900, 3_600, 21_600, 86_400, 604_800];
/** The most spans in one chart. */
const MOST_SPANS = 32;

/**
 * Deliveries by when they were made, in spans short enough to be informative and few enough to draw; empty spans
 * included.
 */
export function spansOf(deliveries: readonly Delivery[]): Span[] {
  const times = deliveries.map(({ created }) => created);
  if (times.length === 0) return [];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const length = SPANS.find((seconds) => (last - first) / seconds < MOST_SPANS) ?? Math.ceil((last - first) / MOST_SPANS);
  const begin = Math.floor(first / length) * length;
  const count = Math.floor((last - begin) / length) + 1;
  return Array.from({ length: count }, (_, index) => {
    const at = begin + index * length;
    const { delivered, failing, waiting, p50Ms, p95Ms } = figuresOf(
      deliveries.filter(({ created }) => created >= at && created < at + length),
    );
    return { at, delivered, failing, waiting: Math.max(waiting - failing, 0), p50Ms, p95Ms };
  });
}

/** The results of the last 24 hours' deliveries for one of the listed endpoints. */
export interface EndpointDay extends DeliveryFigures {
  webhook_endpoint: string;
  /** Whether these are all; otherwise the newest. */
  complete: boolean;
  /** What waits now. */
  pending: number;
  pending_complete: boolean;
  next_attempt_at: number | null;
}

const HOUR = 3_600;

/**
 * The 24 hours up to a given one, the oldest first, empty ones included: how many deliveries of each succeeded, and how
 * many did not.
 */
export function lastHours(hours: readonly FiguresOfHour[], now: number): { good: number; bad: number }[] {
  const last = Math.floor(now / HOUR) * HOUR;
  return Array.from({ length: 24 }, (_, index) => {
    const found = hours.find(({ hour }) => hour === last - (23 - index) * HOUR);
    return { good: found?.delivered ?? 0, bad: found?.failed ?? 0 };
  });
}

/** A day's deliveries of an endpoint, in a few words; null if there were none. */
export function dayInWords({ deliveries, complete, delivered, failed }: EndpointDay): string | null {
  if (deliveries === 0) return null;
  const count = `${deliveries.toLocaleString("en")}${complete ? "" : "+"} in 24 h`;
  if (failed === 0) return count;
  const share = (failed / (delivered + failed)) * 100;
  return `${count}, ${share < 1 ? "<1" : Math.round(share)} % failed`;
}
