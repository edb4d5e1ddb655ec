import { quantile } from "../bench/report.ts";

/**
 * The time below which `share` of the times lie. Throws when there are no times, because these would satisfy every
 * bound.
 */
export function quantileOf(times: readonly number[], share: number): number {
  if (times.length === 0) throw new Error("No time was taken, so nothing can be said of it.");
  return quantile(times, share);
}
