import { apiError } from "@carabiner/protocol";
import type { TimeRange } from "../store/contract/transaction.ts";
import { hash, optional, text } from "./parameters.ts";

const BOUNDS = ["gt", "gte", "lt", "lte"] as const;

/** Bounds of a time in the v2 API: text with a date and a time, or Unix seconds, which the official SDKs use. */
export const v2TimeFilter = () =>
  hash({ gt: optional(text(40)), gte: optional(text(40)), lt: optional(text(40)), lte: optional(text(40)) });

/** A date and a time with its offset. Source: RFC 3339 */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Converts a time of the v2 API, or Unix seconds, to Unix milliseconds. Throws `timestamp_invalid` for anything else.
 */
export function v2Time(given: string, param: string): number {
  const at = /^\d{1,12}$/.test(given) ? Number(given) * 1000 : DATE_TIME.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(at)) throw apiError("timestamp_invalid", { param });
  return at;
}

/** The milliseconds that a filter covers. Throws `timestamp_invalid` for a bound that is not a time. */
export function v2TimeRange(param: string, filter: Partial<Record<(typeof BOUNDS)[number], string | undefined>>): TimeRange {
  const range: TimeRange = {};
  for (const bound of BOUNDS) {
    const given = filter[bound];
    if (given !== undefined) range[bound] = v2Time(given, `${param}[${bound}]`);
  }
  return range;
}
