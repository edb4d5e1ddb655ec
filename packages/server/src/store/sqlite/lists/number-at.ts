import { CLOCK_SLACK_MS } from "../../clock-slack.ts";
import type { TimeRange } from "../../contract/transaction.ts";
import type { WorkScope } from "../database/scope.ts";

const BOUNDS = "SELECT (SELECT min(n) FROM deliveries) AS first, (SELECT max(n) FROM deliveries) AS last";
const FROM = "SELECT n, created FROM deliveries WHERE n >= ? ORDER BY n LIMIT 1";

/**
 * The bounds on the numbers of deliveries that follow from a range of times, so that a list does not examine deliveries
 * outside. Deliveries are numbered in the order in which they are made, which is nearly the order of their times. The
 * bounds leave room for a clock that was set back by `CLOCK_SLACK_MS`, so also check the time of each row.
 */
export function numbersWithin(scope: Pick<WorkScope, "get">, range: TimeRange = {}): [sign: ">=" | "<", n: number][] {
  const from = Math.max(range.gt ?? Number.NEGATIVE_INFINITY, range.gte ?? Number.NEGATIVE_INFINITY);
  const to = Math.min(range.lt ?? Number.POSITIVE_INFINITY, range.lte ?? Number.POSITIVE_INFINITY);
  const bounds: [">=" | "<", number][] = [];
  if (from > Number.NEGATIVE_INFINITY) bounds.push([">=", numberAt(scope, from - CLOCK_SLACK_MS)]);
  if (to < Number.POSITIVE_INFINITY) bounds.push(["<", numberAt(scope, to + CLOCK_SLACK_MS + 1)]);
  return bounds;
}

/**
 * The number of the first delivery made at a time or later, found by halving; one more than the last when there is
 * none.
 */
export function numberAt(scope: Pick<WorkScope, "get">, at: number): number {
  const { first, last } = scope.get(BOUNDS) as { first: number | null; last: number | null };
  if (first === null || last === null) return 0;
  let low = first;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = scope.get(FROM, middle) as { n: number; created: number } | undefined;
    if (row !== undefined && row.created < at) low = row.n + 1;
    else high = middle;
  }
  return low;
}
