import type { Page } from "../../contract/transaction.ts";
import { directionOf, valuesOf, whereOf } from "../../page-of.ts";
import type { Session } from "../database/session.ts";
import { type EventParts, eventsOf, isIn } from "./event-parts.ts";
import { NEWEST_OF_EVENTS } from "./list-thresholds.ts";
import { type Condition, numbered } from "./read-page.ts";

const {
  eventsApart: EVENTS_APART,
  eventsLookedAt: EVENTS_LOOKED_AT,
  laterLookedAt: LATER_LOOKED_AT,
  passedOver: PASSED_OVER,
} = NEWEST_OF_EVENTS;

const madeWithEvent = (nearest: string): string =>
  `SELECT event FROM (SELECT event, kind FROM deliveries WHERE ${nearest} LIMIT ${PASSED_OVER}) AS near WHERE kind = 0 LIMIT 1`;
const MADE_UP_TO = madeWithEvent("n <= $1 ORDER BY n DESC");
const MADE_FROM = madeWithEvent("n >= $1 ORDER BY n");

/** What to search for to fill a page of deliveries. */
interface NewestOfEvents {
  events: EventParts;
  owner: readonly Condition[];
  /** Bounds of the numbers `d.n`. */
  numbers: readonly Condition[];
  /** Further conditions on the wanted deliveries, on `d` alone. */
  conditions: readonly Condition[];
}

/**
 * A query for the numbers of some deliveries that contain a page of the wanted ones: events are read from the page's
 * beginning on until their deliveries fill it. Finding the deliveries of all events in the set would read a page of an
 * index for each event. Null if the deliveries of the next events do not fill the page, or too many were made later
 * than their events.
 */
export async function newestOfEvents(session: Session, asked: NewestOfEvents, page: Page): Promise<Condition | null> {
  const { events, owner } = asked;
  const direction = directionOf(page);
  const numbers = [...asked.numbers, ...(await beginning(session, page))];
  const bounds = await eventBounds(session, numbers);
  const parts = await firstOfParts(session, { ...asked, numbers }, bounds, page);
  const full = parts.filter(({ count }) => count > page.limit);
  // Each full part alone fills the page, so deliveries beyond the end of a full part are not on the page.
  const [event, n] = [full.map((part) => part.event), full.map((part) => part.n)];
  const end = direction === "DESC" ? Math.max(...event) : Math.min(...event);
  const upTo: Condition[] = full.length === 0 ? [] : [[direction === "DESC" ? "n >= ?" : "n <= ?", end]];
  // A part that is not full may have some of the page after the events that were examined.
  if (full.length < parts.length && !(await areFew(session, events, [...bounds, ...upTo]))) return null;
  if (full.length > 0) {
    bounds.push(direction === "DESC" ? ["n >= ?", end - EVENTS_APART] : ["n <= ?", end + EVENTS_APART]);
    numbers.push(direction === "DESC" ? ["d.n >= ?", Math.max(...n)] : ["d.n <= ?", Math.min(...n)]);
  }
  const later: Condition[] = [...owner, ["d.kind <> 0"], ...numbers];
  if ((await countedLater(session, later)) >= LATER_LOOKED_AT) return null;
  later.push(isIn(events));
  const [found, ...values] = eventsOf(events, EVENTS_LOOKED_AT + EVENTS_APART, bounds, direction);
  const sql = `
    SELECT d.n FROM (${found}) f CROSS JOIN LATERAL (SELECT n FROM deliveries WHERE event = f.n OFFSET 0) d WHERE ${whereOf(numbers)}
    UNION SELECT d.n FROM deliveries d WHERE ${whereOf(later)}`;
  return [sql, ...values, ...valuesOf(numbers), ...valuesOf(later)];
}

/** How far a part of a set must be read until it fills a page, or how far it was read. */
interface FirstOfPart {
  /** Deliveries found, up to one more than fit on the page. */
  count: number;
  /** The farthest number of their events, and of the deliveries. */
  event: number;
  n: number;
}

/** Reads each part from the page's beginning on. */
async function firstOfParts(
  session: Session,
  { events, owner, numbers, conditions }: Pick<NewestOfEvents, "events" | "owner" | "numbers" | "conditions">,
  bounds: readonly Condition[],
  page: Page,
): Promise<FirstOfPart[]> {
  const direction = directionOf(page);
  const farthest = direction === "DESC" ? "min" : "max";
  const [parts, ...ofParts] = events.parts;
  const ofEvents = [...events.of, ...bounds];
  const ofDeliveries = [...owner, ...numbers, ...conditions];
  const sql = `
    SELECT first.count, first.event, first.n FROM ${parts} CROSS JOIN LATERAL (
      SELECT count(*)::integer AS count, ${farthest}(event) AS event, ${farthest}(n) AS n FROM (
        SELECT e.n AS event, d.n FROM (
          SELECT n FROM events WHERE ${whereOf(ofEvents)} ORDER BY n ${direction} LIMIT ${EVENTS_LOOKED_AT}
        ) e CROSS JOIN LATERAL (SELECT * FROM deliveries WHERE event = e.n AND kind = 0 OFFSET 0) d
        WHERE ${whereOf(ofDeliveries)} ORDER BY e.n ${direction} LIMIT ?
      ) AS found
    ) AS first`;
  const rows = await session.all(numbered(sql), ...ofParts, ...valuesOf(ofEvents), ...valuesOf(ofDeliveries), page.limit + 1);
  return rows as unknown as FirstOfPart[];
}

/** Whether all events of each part within these bounds were examined. */
async function areFew(session: Session, { parts: [parts, ...values], of }: EventParts, bounds: readonly Condition[]): Promise<boolean> {
  const all = [...of, ...bounds];
  const sql = `
    SELECT 1 AS more FROM ${parts} CROSS JOIN LATERAL (
      SELECT n FROM events WHERE ${whereOf(all)} ORDER BY n OFFSET ${EVENTS_LOOKED_AT} LIMIT 1
    ) AS e LIMIT 1`;
  return (await session.get(numbered(sql), ...values, ...valuesOf(all))) === undefined;
}

async function countedLater(session: Session, later: readonly Condition[]): Promise<number> {
  const sql = `SELECT count(*)::integer AS count FROM (SELECT 1 FROM deliveries d WHERE ${whereOf(later)} LIMIT ${LATER_LOOKED_AT}) AS later`;
  return (await session.get(numbered(sql), ...valuesOf(later)))?.count as number;
}

/** The bound on the numbers of deliveries that follows from the row at which a page begins. */
async function beginning(session: Session, { startingAfter, endingBefore }: Page): Promise<Condition[]> {
  const cursor = endingBefore ?? startingAfter;
  if (cursor === undefined) return [];
  const n = (await session.get("SELECT n FROM deliveries WHERE id = $1", cursor))?.n as number | undefined;
  return n === undefined ? [] : [[`d.n ${endingBefore === undefined ? "<" : ">"} ?`, n]];
}

/**
 * The bounds on the numbers of events that follow from the bounds on their deliveries' numbers, where both were made
 * together.
 */
async function eventBounds(session: Session, numbers: readonly Condition[]): Promise<Condition[]> {
  const bounds: Condition[] = [];
  for (const [sql, n] of numbers) {
    const upper = sql.includes("<");
    const event = (await session.get(upper ? MADE_UP_TO : MADE_FROM, n as number))?.event as number | undefined;
    if (event !== undefined) bounds.push(upper ? ["n <= ?", event + EVENTS_APART] : ["n >= ?", event - EVENTS_APART]);
  }
  return bounds;
}
