import type { Page } from "../../contract/transaction.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { WorkScope } from "../database/scope.ts";
import { type EventSet, isIn } from "./event-set.ts";
import { NEWEST_OF_EVENTS } from "./list-thresholds.ts";
import type { Condition } from "./read-page.ts";

const { eventsApart: EVENTS_APART, laterLookedAt: LATER_LOOKED_AT, passedOver: PASSED_OVER } = NEWEST_OF_EVENTS;

const madeWithEvent = (nearest: string) =>
  `SELECT event FROM (SELECT event, kind FROM deliveries WHERE ${nearest} LIMIT ${PASSED_OVER}) WHERE kind = 0 LIMIT 1`;
const MADE_UP_TO = madeWithEvent("n <= ? ORDER BY n DESC");
const MADE_FROM = madeWithEvent("n >= ? ORDER BY n");

const LATER = "d.n FROM deliveries d INDEXED BY deliveries_later";

/** What to search for to fill a page of deliveries. */
export interface NewestOfEvents {
  events: EventSet;
  /** The set's events `e`, joined to those of their deliveries `d` that an index contains. */
  from: string;
  /** The conditions of that index. */
  joined: readonly Condition[];
  owner: Condition;
  /** Bounds of the numbers `d.n`. */
  numbers: readonly Condition[];
  /** Further conditions on the wanted deliveries. */
  conditions: readonly Condition[];
}

/**
 * The condition that a delivery's number is among some that contain a page of the wanted deliveries. To find these,
 * events are read from the page's beginning on until their deliveries fill the page. Null if too many deliveries were
 * made later than their events.
 */
export function newestOfEvents(scope: Pick<WorkScope, "get" | "all">, asked: NewestOfEvents, page: Page): Condition | null {
  const { events, from, joined, owner, conditions } = asked;
  const newer = page.endingBefore !== undefined;
  const numbers = [...asked.numbers, ...beginning(scope, page)];
  const [laterSql, ...laterValues] = select(LATER, [owner, ["d.kind <> 0"], isIn(events), ...numbers]);
  const later = scope.get(`SELECT count(*) AS count FROM (${laterSql} ${BOUND_LIMIT})`, ...laterValues, LATER_LOOKED_AT)?.count as number;
  if (later >= LATER_LOOKED_AT) return null;

  const bounds = eventBounds(scope, numbers);
  const found: number[] = [];
  /** The events at which the parts have filled the page. */
  const ends: number[] = [];
  for (const part of events.parts ?? []) {
    const [sql, ...values] = select(`d.n, e.n AS event FROM ${from}`, [
      ...part,
      ...joined,
      ...bounds,
      owner,
      ["d.kind = 0"],
      ...numbers,
      ...conditions,
    ]);
    const rows = scope.all(`${sql} ORDER BY e.n ${newer ? "ASC" : "DESC"} ${BOUND_LIMIT}`, ...values, page.limit + 1);
    found.push(...rows.map(({ n }) => n as number));
    if (rows.length > page.limit) ends.push(rows.at(-1)?.event as number);
  }
  if (ends.length === 0) return [`d.n IN (SELECT value FROM json_each(?) UNION ALL ${laterSql})`, JSON.stringify(found), ...laterValues];
  const end: Condition = newer ? ["e.n <= ?", Math.min(...ends) + EVENTS_APART] : ["e.n >= ?", Math.max(...ends) - EVENTS_APART];
  const [sql, ...values] = select(`d.n FROM ${from}`, [...events.conditions, ...joined, ...bounds, end]);
  return [`d.n IN (${sql} UNION ALL ${laterSql})`, ...values, ...laterValues];
}

/** The bound on the numbers of deliveries that follows from the row at which a page begins. */
function beginning(scope: Pick<WorkScope, "get">, { startingAfter, endingBefore }: Page): Condition[] {
  const cursor = endingBefore ?? startingAfter;
  const n = cursor === undefined ? undefined : scope.get("SELECT n FROM deliveries WHERE id = ?", cursor)?.n;
  return n === undefined ? [] : [[`d.n ${endingBefore === undefined ? "<" : ">"} ?`, n]];
}

/**
 * A query, and the values of its conditions. It has each condition once. The same bound with two values is two
 * conditions.
 */
function select(what: string, conditions: readonly Condition[]): Condition {
  const once = [...new Map(conditions.map((condition) => [JSON.stringify(condition), condition])).values()];
  return [`SELECT ${what} WHERE ${once.map(([sql]) => sql).join(" AND ")}`, ...once.flatMap(([, ...values]) => values)];
}

/**
 * The bounds on the events' numbers that follow from the bounds on their deliveries' numbers, where both were made
 * together.
 */
export function eventBounds(scope: Pick<WorkScope, "get">, numbers: readonly Condition[]): Condition[] {
  return numbers.flatMap(([sql, n]): Condition[] => {
    const upper = sql.includes("<");
    const event = scope.get(upper ? MADE_UP_TO : MADE_FROM, n as number)?.event as number | undefined;
    if (event === undefined) return [];
    return [upper ? ["e.n <= ?", event + EVENTS_APART] : ["e.n >= ?", event - EVENTS_APART]];
  });
}
