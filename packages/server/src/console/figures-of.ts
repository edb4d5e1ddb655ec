import { seconds } from "../operations/time-range.ts";
import type { RecentOutcome } from "../store/contract/figure-reads.ts";
import type { JsonObject } from "../store/contract/rows.ts";

const HOUR_MS = 3_600_000;

/** Counts of deliveries by result, and how long their last attempts took. */
interface Figures {
  deliveries: number;
  delivered: number;
  failed: number;
  waiting: number;
  success_rate: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
}

/** The figures of deliveries: in total, and for each hour in which some were made, the newest first. Pure. */
export function figuresOf(outcomes: readonly RecentOutcome[]): Figures & { since: number | null; hours: JsonObject[] } {
  const oldest = outcomes.reduce((least, { created }) => Math.min(least, created), Number.POSITIVE_INFINITY);
  const byHour = Map.groupBy(outcomes, ({ created }) => Math.floor(created / HOUR_MS) * HOUR_MS);
  return {
    since: outcomes.length === 0 ? null : seconds(oldest),
    ...countsOf(outcomes),
    hours: [...byHour].sort(([one], [other]) => other - one).map(([hour, those]) => ({ hour: seconds(hour), ...countsOf(those) })),
  };
}

/**
 * Cancelled deliveries say nothing about how endpoints answer, and waiting deliveries have not ended. So the rate is
 * the share of delivered ones among those that were delivered, were given up, or failed in their last attempt.
 */
function countsOf(outcomes: readonly RecentOutcome[]): Figures {
  const delivered = outcomes.filter(({ state }) => state === "succeeded").length;
  const failed = outcomes.filter(({ state, last }) => state !== "succeeded" && state !== "cancelled" && last?.succeeded === false).length;
  const waiting = outcomes.filter(({ state }) => state === "pending").length;
  const times = outcomes.flatMap(({ last }) => (last === null ? [] : [last.durationMs])).sort((one, other) => one - other);
  return {
    deliveries: outcomes.length,
    delivered,
    failed,
    waiting,
    success_rate: delivered + failed === 0 ? null : delivered / (delivered + failed),
    p50_ms: quantile(times, 0.5),
    p95_ms: quantile(times, 0.95),
  };
}

/** The smallest of these sorted values that a given share of them does not exceed; null for an empty list. */
function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
