import type { DeliveryRow } from "../../contract/rows.ts";
import type { DeliveryFilter, Page, PageOf } from "../../contract/transaction.ts";
import { FIRST_FAILURE, faultNumber, stateNumber } from "../../delivery-codes.ts";
import { COUNTED, chosenWay, type Way } from "../../delivery-ways.ts";
import type { Pace } from "../../pace.ts";
import { boundsOf, directionOf, valuesOf, whereOf } from "../../page-of.ts";
import type { Session } from "../database/session.ts";
import { deliveryRow } from "../rows/rows.ts";
import { type EventParts, eventPartsOf, eventsOf, isIn } from "./event-parts.ts";
import { DELIVERY_LISTS } from "./list-thresholds.ts";
import { newestOfEvents } from "./newest-of-events.ts";
import { numbersWithin } from "./number-at.ts";
import { type Condition, inRange, likeOf, numbered, readPage } from "./read-page.ts";
import { typesLike } from "./types-like.ts";
import { walkPage } from "./walk-page.ts";

const { counted: DELIVERIES_COUNTED, many: MANY, few: FEW, walked: WALKED, sampled: SAMPLED, typesAtOnce: TYPES_AT_ONCE } = DELIVERY_LISTS;

export const DELIVERY_COLUMNS = `
  d.id, d.kind, d.state, d.attempts, d.variant, d.created, d.next_attempt_at, d.settled_at, p.id AS endpoint_id, d.account_id, d.livemode,
  e.id AS event_id, e.type AS event_type, e.account_id AS event_account_id, e.livemode AS event_livemode`;
/** Deliveries with their events and endpoints, as `deliveryRow` reads them. */
export const DELIVERIES = `SELECT ${DELIVERY_COLUMNS} FROM deliveries d JOIN events e ON e.n = d.event JOIN endpoints p ON p.n = d.endpoint`;

/**
 * The event and the endpoint of a delivery, looked up for each. OFFSET prevents the planner from starting with them:
 * then the conditions on events would apply to all events of an account or of a type, instead of those of a page.
 */
export const OF_DELIVERY = `
  CROSS JOIN LATERAL (SELECT * FROM events WHERE n = d.event OFFSET 0) e
  CROSS JOIN LATERAL (SELECT * FROM endpoints WHERE n = d.endpoint OFFSET 0) p`;
const OF_EVENTS = `
  SELECT ${DELIVERY_COLUMNS} FROM event_ids i
    CROSS JOIN LATERAL (
      SELECT * FROM deliveries WHERE event = i.n AND account_id = $2 AND livemode = $3 ORDER BY n DESC LIMIT $4
    ) d
    CROSS JOIN LATERAL (SELECT * FROM events WHERE n = d.event LIMIT 1) e JOIN endpoints p ON p.n = d.endpoint
  WHERE i.id = ANY($1::text[]) ORDER BY d.n DESC`;

const ENDPOINT = "(SELECT n FROM endpoints WHERE id = ?)";
const EVENT = "(SELECT n FROM event_ids WHERE id = ?)";
/** The number of the delivery that a page begins at. */
const CURSOR = "(SELECT n FROM deliveries WHERE id = ?)";

// A plan is made for all values. OFFSET makes it use the index.
const OF_FOUND = "SELECT d.n FROM found f CROSS JOIN LATERAL (SELECT n FROM deliveries WHERE event = f.n OFFSET 0) d";

/** The part of a filter that a way uses. A way that tells no more than another does not find fewer. */
type Told = "owner" | "endpoint" | "state" | "outcome" | "account" | "type";

/** A way in PostgreSQL: the conditions for its index. The planner picks the index. */
interface PostgresWay extends Way {
  /** The numbers of deliveries that it finds, as `SELECT d.n FROM …`. */
  numbers: string;
  /** The events that `found` refers to. */
  events?: EventParts;
  /** Whether its index contains the events of the deliveries, as for those that failed or were given up. */
  hasEvents?: boolean;
  conditions: readonly Condition[];
  /** Which of its deliveries are wanted, by their events: each is looked up until a page is full. */
  each?: Condition;
  tells: readonly Told[];
}

/**
 * Deliveries with these numbers for which `each` holds, in the order of their numbers. Only the numbers are sorted: the
 * rest is looked up one by one, until a page is full. OFFSET prevents the planner from looking up all of them, or from
 * reading all deliveries in their order.
 */
const amongFound = (numbers: string, direction: "ASC" | "DESC", each = "true"): string => `
  SELECT ${DELIVERY_COLUMNS} FROM (
    SELECT d.n FROM (SELECT * FROM (${numbers} OFFSET 0) AS found_numbers ORDER BY n ${direction} OFFSET 0) d WHERE ${each}
  ) f
    CROSS JOIN LATERAL (SELECT * FROM deliveries WHERE n = f.n OFFSET 0) d ${OF_DELIVERY}`;

/** A page of deliveries from among the owner's next `WALKED`. It is complete if it says that there are more. */
function amongNext(
  session: Session,
  { owner, times, conditions }: Record<"owner" | "times" | "conditions", readonly Condition[]>,
  page: Page,
): Promise<PageOf<DeliveryRow>> {
  const bounds = [...owner, ...times];
  bounds.push(...boundsOf(page, "d.n", CURSOR));
  const select = `
    SELECT ${DELIVERY_COLUMNS} FROM (
      SELECT * FROM deliveries d WHERE ${whereOf(bounds)} ORDER BY d.n ${directionOf(page)} LIMIT ${WALKED}
    ) d ${OF_DELIVERY}`;
  return readPage(session, { select, values: valuesOf(bounds), order: "d.n", cursor: CURSOR, conditions, row: deliveryRow }, page);
}

/** Whether the next `WALKED` deliveries probably include this many of these events, by how far apart the newest are. */
async function areFrequent(session: Session, events: EventParts, limit: number): Promise<boolean> {
  const [sampled, ...values] = eventsOf(events, SAMPLED);
  const sql = numbered(`SELECT count(*)::float8 AS count, max(n) - min(n) + 1 AS span FROM (${sampled} LIMIT ${SAMPLED}) AS found`);
  const row = await session.get(sql, ...values);
  return ((row?.count as number) / (row?.span as number)) * WALKED > limit;
}

/** A delivery belongs to one of these events. IS TRUE stops the planner from joining: it uses a hash table instead. */
const ofThem = ([events, ...values]: Condition): Condition => [`(d.event IN (${events})) IS TRUE`, ...values];

/** One page of deliveries, found in the way that examines the fewest rows, or in the intersection of two ways. */
export async function deliveriesPage(
  session: Session,
  pace: Pace | null,
  filter: DeliveryFilter,
  page: Page,
): Promise<PageOf<DeliveryRow>> {
  // Types can be found through an index, a pattern cannot.
  const alike = filter.eventTypePattern === undefined ? null : await typesLike(session, filter.eventTypePattern);
  if (alike?.length === 0) return { rows: [], hasMore: false };
  const types = filter.eventType === undefined ? alike : [filter.eventType];
  const owner: Condition[] = [
    ["d.account_id = ?", filter.accountId],
    ["d.livemode = ?", filter.livemode],
  ];
  const times = (await numbersWithin(session, filter.created)).map(([sign, n]): Condition => [`d.n ${sign} ?`, n]);
  const events = filter.eventId === undefined ? eventPartsOf(filter, types) : null;
  const ways = waysTo(filter, events, owner);
  const counts = ways.length > 1 ? await allCounted(session, ways, times) : new Map<PostgresWay, number>();
  const countOf = (way: PostgresWay) => counts.get(way) ?? Number.POSITIVE_INFINITY;
  const fewest = chosenWay(ways, countOf, Number.POSITIVE_INFINITY);
  const way = inCommon(counts) ?? fewest;
  const ofDelivery = [...owner, ...times, ...conditionsOf(filter)];
  const conditions = [...ofDelivery, ...conditionsOnEvent(filter)];
  if (events !== null && (way === ways.at(-1) || (way.events !== undefined && countOf(way) > FEW))) {
    if (await areFrequent(session, events, page.limit)) {
      const next = await amongNext(session, { owner, times, conditions }, page);
      if (next.hasMore) return next;
    }
    const asked = { events, owner, numbers: times, conditions: conditionsOf(filter) };
    const isNarrow = types === null ? filter.eventTypePattern === undefined : types.length <= TYPES_AT_ONCE;
    const newest = isNarrow ? await newestOfEvents(session, asked, page) : null;
    if (newest !== null) return pageAmong(session, newest, conditions, page);
  }
  // If these are few but the planner expects many, it might search for them in the order of all deliveries.
  if (way.ordered && countOf(way) >= MANY) {
    const by = searched(way, times).conditions;
    const fitting = conditions.filter(([sql]) => !by.some(([same]) => same === sql));
    const list = { columns: DELIVERY_COLUMNS, order: "d.n", cursor: CURSOR, row: deliveryRow, owner: filter.accountId };
    return walkPage(session, pace, { ...list, walked: "deliveries", alias: "d", joined: OF_DELIVERY, searched: by, fitting }, page);
  }
  return pageAmong(session, numbersOf(searched(way, times)), conditions, page, way.each);
}

/** A page of the deliveries with these numbers that fit. */
function pageAmong(session: Session, [numbers, ...values]: Condition, conditions: readonly Condition[], page: Page, each?: Condition) {
  const select = amongFound(numbers, directionOf(page), each?.[0]);
  const all = [...values, ...(each?.slice(1) ?? [])];
  return readPage(session, { select, values: all, order: "f.n", cursor: CURSOR, conditions, row: deliveryRow }, page);
}

/**
 * Deliveries that failed or were given up and whose events are known, if there are more than a few of both: indexes
 * alone find them. When there are too many events, each is looked up; otherwise they are in a hash table.
 */
function inCommon(counts: ReadonlyMap<PostgresWay, number>): PostgresWay | null {
  if ([...counts.values()].some((count) => count <= FEW)) return null;
  const all = [...counts.keys()];
  const ended = all.find((way) => way.hasEvents === true && counts.get(way) !== Number.POSITIVE_INFINITY);
  const known = all.find(({ events }) => events !== undefined);
  if (ended === undefined || known?.events === undefined) return null;
  if (counts.get(known) === Number.POSITIVE_INFINITY)
    return { ...ended, ordered: false, numbers: "SELECT d.n, d.event FROM deliveries d", each: isIn(known.events) };
  return { ...ended, ordered: false, conditions: [...ended.conditions, ofThem(eventsOf(known.events, COUNTED))] };
}

/** See `Reads.deliveriesOfEvents`. */
export async function deliveriesOfEvents(
  session: Session,
  { accountId, livemode }: { accountId: string; livemode: boolean },
  eventIds: readonly string[],
  each: number,
): Promise<ReadonlyMap<string, DeliveryRow[]>> {
  const rows = await session.all(OF_EVENTS, [...eventIds], accountId, livemode, each);
  return Map.groupBy(rows.map(deliveryRow), ({ eventId }) => eventId);
}

/**
 * No other delivery of the event to the endpoint has arrived or is waiting, and the endpoint exists.
 */
export const UNRECEIVED = `
  NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.event = d.event AND o.endpoint = d.endpoint AND o.state IN (0, 1))
  AND NOT (SELECT deleted FROM endpoints WHERE n = d.endpoint)`;

/** The conditions on every row that concern only the delivery, whichever way it is found. */
function conditionsOf(filter: DeliveryFilter): Condition[] {
  const conditions = inRange("d.created", filter.created);
  if (filter.eventId !== undefined) conditions.push([`d.event = ${EVENT}`, filter.eventId]);
  if (filter.endpointId !== undefined) conditions.push([`d.endpoint = ${ENDPOINT}`, filter.endpointId]);
  if (filter.state !== undefined) conditions.push([inState(stateNumber(filter.state))]);
  if (filter.tried !== undefined) conditions.push([filter.tried ? "d.attempts > 0" : "d.attempts = 0"]);
  if (filter.unreceived === true) conditions.push([UNRECEIVED]);
  const outcomes = outcomesOf(filter);
  if (outcomes.length > 0) conditions.push(anyOf(outcomes));
  return conditions;
}

/** The conditions that concern its event. */
function conditionsOnEvent({ eventAccountId, eventType, eventTypePattern }: DeliveryFilter): Condition[] {
  const conditions: Condition[] = [];
  if (eventAccountId !== undefined) conditions.push(["e.account_id = ?", eventAccountId]);
  if (eventType !== undefined) conditions.push(["e.type = ?", eventType]);
  if (eventTypePattern !== undefined) conditions.push(["e.type LIKE ?", likeOf(eventTypePattern)]);
  return conditions;
}

/** Every way that serves the filter, the narrowest kinds first. The last one finds all deliveries of the owner. */
function waysTo(filter: DeliveryFilter, events: EventParts | null, owner: readonly Condition[]): PostgresWay[] {
  const numbers = "SELECT d.n FROM deliveries d";
  if (filter.eventId !== undefined) return [{ ordered: false, numbers, conditions: [[`d.event = ${EVENT}`, filter.eventId]], tells: [] }];
  const ways: PostgresWay[] = [];
  const outcomes = outcomesOf(filter);
  const failed: Condition[] = outcomes.length > 0 && outcomes.every(([from]) => from >= FIRST_FAILURE) ? [anyOf(outcomes)] : [];
  const gaveUp: Condition[] = filter.state !== undefined && stateNumber(filter.state) >= 2 ? [[inState(stateNumber(filter.state))]] : [];
  const isTroubled = failed.length > 0 || (gaveUp.length > 0 && filter.state !== "cancelled");
  if (filter.eventAccountId !== undefined && isTroubled)
    ways.push({
      ordered: true,
      numbers,
      hasEvents: true,
      conditions: [["d.troubled_account = ?", filter.eventAccountId], ...failed, ...gaveUp],
      tells: ["account", "outcome", "state"],
    });
  if (failed.length > 0)
    ways.push({ ordered: false, numbers, hasEvents: true, conditions: [...owner, ...failed], tells: ["owner", "outcome"] });
  if (gaveUp.length > 0)
    ways.push({ ordered: true, numbers, hasEvents: true, conditions: [...owner, ...gaveUp], tells: ["owner", "state"] });
  if (filter.state === "pending")
    ways.push({
      ordered: false,
      numbers: "SELECT d.n FROM endpoints p JOIN pending d ON d.endpoint = p.n",
      conditions: [
        ["p.account_id = ?", filter.accountId],
        ["p.livemode = ?", filter.livemode],
        ...(filter.endpointId === undefined ? [] : [["p.id = ?", filter.endpointId] satisfies Condition]),
      ],
      tells: ["owner", "state", ...(filter.endpointId === undefined ? [] : (["endpoint"] as const))],
    });
  if (filter.endpointId !== undefined)
    ways.push({ ordered: true, numbers, conditions: [[`d.endpoint = ${ENDPOINT}`, filter.endpointId]], tells: ["owner", "endpoint"] });
  if (events !== null) ways.push({ ordered: false, numbers: OF_FOUND, events, conditions: [], tells: events.tells });
  ways.push({ ordered: true, numbers, conditions: owner, tells: ["owner"] });
  return ways;
}

/**
 * How many rows each way examines. Ways that come after one with few rows are not counted, and neither are ways that
 * tell no more than an earlier one.
 */
async function allCounted(session: Session, ways: readonly PostgresWay[], times: readonly Condition[]): Promise<Map<PostgresWay, number>> {
  const counts = new Map<PostgresWay, number>();
  for (const way of ways) {
    const finite = [...counts].filter(([, count]) => count < Number.POSITIVE_INFINITY);
    if (finite.some(([{ tells }]) => way.tells.every((told) => tells.includes(told)))) continue;
    // For the last one it is enough to know whether it finds fewer than others, or few.
    const most = way === ways.at(-1) ? Math.min(MANY, ...finite.map(([, count]) => count)) : DELIVERIES_COUNTED;
    const count = await counted(session, way, times, most);
    counts.set(way, count);
    if (count <= FEW) break;
  }
  return counts;
}

/** How many rows a way examines; infinitely many when there are more than are counted. */
async function counted(session: Session, way: PostgresWay, times: readonly Condition[], mostDeliveries: number): Promise<number> {
  // Only their events are counted: finding the deliveries of each would take as long as the page.
  const [numbers, ...values] = way.events === undefined ? numbersOf(searched(way, times)) : eventsOf(way.events, COUNTED);
  const most = way.events === undefined ? mostDeliveries : COUNTED;
  const sql = numbered(`SELECT count(*)::integer AS count FROM (${numbers} LIMIT ${most}) AS counted`);
  const count = (await session.get(sql, ...values))?.count as number;
  return count < most ? count : Number.POSITIVE_INFINITY;
}

/** A way with its conditions. A sorting way finds deliveries of all times. */
function searched(way: PostgresWay, times: readonly Condition[]): PostgresWay {
  return way.ordered ? { ...way, conditions: [...way.conditions, ...times] } : way;
}

/** A query for the numbers of the deliveries that a way finds. */
function numbersOf({ numbers, events, conditions }: PostgresWay): Condition {
  const [found, ...values] = events === undefined ? [""] : eventsOf(events, COUNTED);
  const sql = `${events === undefined ? "" : `WITH found AS (${found}) `}${numbers} WHERE ${whereOf(conditions)}`;
  return [sql, ...values, ...valuesOf(conditions)];
}

/** The stored numbers of the requested outcomes, as ranges. */
function outcomesOf({ statuses = [], fault }: DeliveryFilter): [number, number][] {
  const ranges = statuses.map(([from, to]): [number, number] => [from, to]);
  return fault === undefined ? ranges : [...ranges, [faultNumber(fault), faultNumber(fault)]];
}

function anyOf(ranges: readonly [number, number][]): Condition {
  const column = ranges.every(([from]) => from >= FIRST_FAILURE) ? "d.failed_with" : "d.last_outcome";
  return [`(${ranges.map(() => `${column} BETWEEN ? AND ?`).join(" OR ")})`, ...ranges.flat()];
}

/** Deliveries that were given up have a separate column, with an index. */
const inState = (state: number): string => (state >= 2 ? `d.gave_up = ${state}` : `d.state = ${state}`);
