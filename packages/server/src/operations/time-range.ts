import type { TimeRange } from "../store/contract/transaction.ts";

/** A filter on `created` as given, in Unix seconds. */
export type TimeFilter = number | { gt?: number; gte?: number; lt?: number; lte?: number };

/**
 * The milliseconds that a filter in seconds covers. Times are stored in milliseconds and shown in seconds, so "after
 * second 5" begins with the first millisecond of second 6. Undefined, for a list without the filter, stays undefined.
 */
export function timeRange(filter: TimeFilter): TimeRange;
export function timeRange(filter: TimeFilter | undefined): TimeRange | undefined;
export function timeRange(filter: TimeFilter | undefined): TimeRange | undefined {
  if (filter === undefined) return undefined;
  if (typeof filter === "number") return { gte: filter * 1000, lt: (filter + 1) * 1000 };
  return {
    ...(filter.gt === undefined ? {} : { gt: filter.gt * 1000 + 999 }),
    ...(filter.gte === undefined ? {} : { gte: filter.gte * 1000 }),
    ...(filter.lt === undefined ? {} : { lt: filter.lt * 1000 }),
    ...(filter.lte === undefined ? {} : { lte: filter.lte * 1000 + 999 }),
  };
}

/** A time in Unix seconds, as in answers. */
export function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
