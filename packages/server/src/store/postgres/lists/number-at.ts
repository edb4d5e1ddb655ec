import { CLOCK_SLACK_MS } from "../../clock-slack.ts";
import type { TimeRange } from "../../contract/transaction.ts";
import type { Session } from "../database/session.ts";

/**
 * The number of the first delivery made at a time or later, found by halving; one more than the last when there is
 * none.
 */
const NUMBER_AT = `
  WITH RECURSIVE search (low, high) AS (
    SELECT (SELECT n FROM deliveries ORDER BY n LIMIT 1), (SELECT n + 1 FROM deliveries ORDER BY n DESC LIMIT 1)
    UNION ALL
    SELECT
      CASE WHEN found.created < $1 THEN found.n + 1 ELSE search.low END,
      CASE WHEN found.created < $1 THEN search.high ELSE (search.low + search.high) / 2 END
    FROM search LEFT JOIN LATERAL (
      SELECT n, created FROM deliveries WHERE n >= (search.low + search.high) / 2 ORDER BY n LIMIT 1
    ) AS found ON true
    WHERE search.low < search.high
  )
  SELECT coalesce(max(low), 0) AS n FROM search WHERE low >= high`;

/**
 * The bounds on the numbers of deliveries that follow from a range of times, so that a list does not examine deliveries
 * outside. Deliveries are numbered nearly in the order of their times. The bounds leave room for transactions that
 * overlap, and for a clock that was set back by `CLOCK_SLACK_MS`, so also check the time of each row.
 */
export async function numbersWithin(session: Session, range: TimeRange = {}): Promise<[sign: ">=" | "<", n: number][]> {
  const from = Math.max(range.gt ?? Number.NEGATIVE_INFINITY, range.gte ?? Number.NEGATIVE_INFINITY);
  const to = Math.min(range.lt ?? Number.POSITIVE_INFINITY, range.lte ?? Number.POSITIVE_INFINITY);
  const bounds: [">=" | "<", number][] = [];
  if (from > Number.NEGATIVE_INFINITY) bounds.push([">=", await numberAt(session, from - CLOCK_SLACK_MS)]);
  if (to < Number.POSITIVE_INFINITY) bounds.push(["<", await numberAt(session, to + CLOCK_SLACK_MS + 1)]);
  return bounds;
}

/** The number of the first delivery made at a time or later; one more than the last when there is none. */
export async function numberAt(session: Session, at: number): Promise<number> {
  return (await session.get(NUMBER_AT, at))?.n as number;
}
