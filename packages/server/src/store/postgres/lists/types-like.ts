import { COUNTED } from "../../delivery-ways.ts";
import { TYPE_LISTS } from "../../list-thresholds.ts";
import type { Session } from "../database/session.ts";
import { likeOf } from "./read-page.ts";

const { lookedAt: LOOKED_AT } = TYPE_LISTS;

// Each step finds the next type through the index, however many events have the one before.
const TYPES = `
  WITH RECURSIVE found (type) AS (
    (SELECT type FROM events WHERE type >= $1 ORDER BY type LIMIT 1)
    UNION ALL
    SELECT (SELECT e.type FROM events e WHERE e.type > found.type ORDER BY e.type LIMIT 1) FROM found
    WHERE found.type IS NOT NULL AND starts_with(found.type, $1)
  ) SELECT type, type LIKE $2 AS fits FROM (SELECT type FROM found LIMIT ${LOOKED_AT}) AS types WHERE type IS NOT NULL`;

/** The types of stored events that fit a pattern; null when there are too many types to examine. */
export async function typesLike(session: Session, pattern: string): Promise<string[] | null> {
  const rows = await session.all(TYPES, pattern.split("*", 1)[0] ?? "", likeOf(pattern));
  if (rows.length >= LOOKED_AT) return null;
  return rows.filter(({ fits }) => fits === true).map(({ type }) => type as string);
}

/**
 * A query for the numbers of events of some types, which are a list in its first value; `where` is a condition with its
 * own values. The LIMIT of each type makes the plan use an index. No more are counted than that; another way serves
 * when there are more.
 */
export const numbersOfTypes = (where = "true"): string => `
  SELECT e.n FROM unnest(?::text[]) AS t (type)
    CROSS JOIN LATERAL (SELECT n FROM events WHERE type = t.type AND ${where} ORDER BY n DESC LIMIT ${COUNTED}) e`;
