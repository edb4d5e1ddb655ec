import { CLOCK_SLACK_MS } from "../../clock-slack.ts";
import type { TimeRange } from "../../contract/transaction.ts";
import type { SqlValue } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { type Condition, inRange } from "./read-page.ts";

const KNOWN_FROM = "SELECT n FROM late_events_known";
const LAST = "SELECT max(n) AS n FROM events";
/** The next event, and when it arrived. */
const NEXT = `
  SELECT n, coalesce((SELECT at FROM late_events l WHERE l.n = e.n), created) AS arrived FROM events e WHERE n >= ? ORDER BY n LIMIT 1`;
const INSERT_LATE = "INSERT INTO late_events (n, created, at) VALUES (?, ?, ?)";

/**
 * Records an event whose time is long before its arrival, because it was published later. `newest` is the largest time
 * of any event so far, which is about the current time.
 */
export function noteArrival(scope: Pick<WorkScope, "run">, n: number, created: number, newest: number): void {
  if (created < newest - CLOCK_SLACK_MS) scope.run(INSERT_LATE, n, created, newest);
}

/**
 * The bounds on the numbers of events that follow from a range of times, so that a list does not examine events
 * outside. Events are numbered as they arrive, so an event that arrived late can have any larger number: if there is
 * one in the range, there is no upper bound.
 */
export function eventNumbersWithin(scope: Pick<WorkScope, "get">, range: TimeRange = {}): Condition[] {
  const from = Math.max(range.gt ?? Number.NEGATIVE_INFINITY, range.gte ?? Number.NEGATIVE_INFINITY);
  const to = Math.min(range.lt ?? Number.POSITIVE_INFINITY, range.lte ?? Number.POSITIVE_INFINITY);
  const bounds: Condition[] = [];
  if (from > Number.NEGATIVE_INFINITY) {
    const { n, known } = numberAt(scope, from - CLOCK_SLACK_MS);
    // It is not known when earlier events arrived.
    if (n > known) bounds.push(["n >= ?", n]);
  }
  if (to < Number.POSITIVE_INFINITY && !hasLate(scope, range)) bounds.push(["n < ?", numberAt(scope, to + CLOCK_SLACK_MS + 1).n]);
  return bounds;
}

/** Whether an event with a time in the range arrived long after that time. */
function hasLate(scope: Pick<WorkScope, "get">, range: TimeRange): boolean {
  const times = inRange("created", range);
  const values: SqlValue[] = times.flatMap(([, ...given]) => given);
  return scope.get(`SELECT 1 FROM late_events WHERE ${times.map(([sql]) => sql).join(" AND ")} LIMIT 1`, ...values) !== undefined;
}

/**
 * The number of the first event that arrived at a time or later, found by halving among those from `known` on, whose
 * arrival is known.
 */
function numberAt(scope: Pick<WorkScope, "get">, at: number): { n: number; known: number } {
  const known = (scope.get(KNOWN_FROM) as { n: number }).n;
  const arrived = (n: number) => scope.get(NEXT, n) as { n: number; arrived: number } | undefined;
  let low = known;
  let high = Math.max(((scope.get(LAST)?.n ?? 0) as number) + 1, known);
  const first = arrived(low);
  if (first === undefined || first.arrived >= at) return { n: low, known };
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = arrived(middle);
    if (row !== undefined && row.arrived < at) low = row.n + 1;
    else high = middle;
  }
  return { n: low, known };
}
