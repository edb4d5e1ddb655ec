import type { DeliveryRow } from "../contract/rows.ts";
import type { DeliveryFilter, Page, PageOf } from "../contract/transaction.ts";
import { FIRST_FAILURE, faultNumber, stateNumber } from "../delivery-codes.ts";
import { COUNTED, chosenWay, type Way } from "../delivery-ways.ts";
import type { Pace } from "../pace.ts";
import { boundsOf, directionOf, valuesOf, whereOf } from "../page-of.ts";
import { numbersWithin } from "./number-at.ts";
import { type Condition, inRange, likeOf, numbered, readPage } from "./read-page.ts";
import { deliveryRow } from "./rows.ts";
import type { Session, SqlValue } from "./session.ts";
import { numbersOfTypes, typesLike } from "./types-like.ts";
import { walkPage } from "./walk-page.ts";

export const DELIVERY_COLUMNS = `
  d.id, d.kind, d.state, d.attempts, d.variant, d.created, d.next_attempt_at, d.settled_at, p.id AS endpoint_id, d.account_id, d.livemode,
  e.id AS event_id, e.type AS event_type, e.account_id AS event_account_id, e.livemode AS event_livemode`;
/** Deliveries with their events and endpoints, as `deliveryRow` reads them. */
export const DELIVERIES = `SELECT ${DELIVERY_COLUMNS} FROM deliveries d JOIN events e ON e.n = d.event JOIN endpoints p ON p.n = d.endpoint`;

/**
 * The event and the endpoint of a delivery, looked up for each. OFFSET keeps the planner from starting with them: conditions on
 * events are on all of an account then, or on all of a type, instead of on those of a page.
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

// A plan is made for all values. OFFSET and LIMIT hold it to the indexes: more are not counted, and then another way serves.
const OF_FOUND = "SELECT d.n FROM found f CROSS JOIN LATERAL (SELECT n FROM deliveries WHERE event = f.n OFFSET 0) d";
const EVENTS_OF_ACCOUNT = `
  SELECT e.n FROM unnest('{false,true}'::boolean[]) AS m (livemode) CROSS JOIN LATERAL (
    SELECT n FROM events WHERE account_id = ? AND livemode = m.livemode ORDER BY n DESC LIMIT ${COUNTED}
  ) e`;

/** Deliveries of a way that are counted, at most: their numbers are in its index. */
const DELIVERIES_COUNTED = 30_000;
/** So many are read in the order of the index that has them, not sorted first. */
const MANY = 10_000;
/** So few are read as they are, and of so few events the deliveries of each are found at once. */
const FEW = 500;
/** Deliveries that are looked at for a page of those of more events, at most. */
const WALKED = 30_000;

/** A way in PostgreSQL: what its index is searched by. The planner picks the index. */
interface PostgresWay extends Way {
  /** The numbers of deliveries that it finds, as `SELECT d.n FROM …`. */
  numbers: string;
  /** What `found` stands for in it, with the values of that. */
  found?: Condition;
  /** Whether its index has the events of the deliveries: those that failed or were given up. */
  hasEvents?: boolean;
  conditions: readonly Condition[];
}

/**
 * Deliveries of these numbers, in their order. The numbers alone are sorted: rows are read one by one, until a page is full.
 * OFFSET keeps the planner from reading all of them, or all deliveries in their order.
 */
const amongFound = (numbers: string, direction: "ASC" | "DESC"): string => `
  SELECT ${DELIVERY_COLUMNS} FROM (SELECT n FROM (${numbers} OFFSET 0) AS found_numbers ORDER BY n ${direction}) f
    CROSS JOIN LATERAL (SELECT * FROM deliveries WHERE n = f.n OFFSET 0) d ${OF_DELIVERY}`;

/**
 * A page of the deliveries of these events, among the next `WALKED` of the owner's: it is whole if it says that there are more.
 * To find the deliveries of each event reads a page of an index and one of the table for each, and they are far apart.
 */
function amongNewest(
  session: Session,
  events: Condition,
  { owner, times, conditions }: Record<"owner" | "times" | "conditions", readonly Condition[]>,
  page: Page,
): Promise<PageOf<DeliveryRow>> {
  const bounds = [...owner, ...times];
  bounds.push(...boundsOf(page, "d.n", CURSOR));
  const select = `
    SELECT ${DELIVERY_COLUMNS} FROM (
      SELECT * FROM deliveries d WHERE ${whereOf(bounds)} ORDER BY d.n ${directionOf(page)} LIMIT ${WALKED}
    ) d ${OF_DELIVERY}`;
  const theirs = ofThem(events);
  const values = valuesOf(bounds);
  return readPage(session, { select, values, order: "d.n", cursor: CURSOR, conditions: [theirs, ...conditions], row: deliveryRow }, page);
}

/** Whether so many deliveries of these events are to be expected among the next `WALKED`, by how far apart the events are. */
async function areFrequent(session: Session, [events, ...values]: Condition, limit: number): Promise<boolean> {
  const sql = numbered(`SELECT count(*)::float8 AS count, max(n) - min(n) + 1 AS span FROM (${events} LIMIT ${COUNTED}) AS found`);
  const row = await session.get(sql, ...values);
  return ((row?.count as number) / (row?.span as number)) * WALKED > limit;
}

/** That a delivery is of one of these events. IS TRUE keeps the planner from a join: it looks each up in a hash table. */
const ofThem = ([events, ...values]: Condition): Condition => [`(d.event IN (${events})) IS TRUE`, ...values];

/** One page of deliveries, found in the way that looks at the fewest rows, or in what two have in common. */
export async function deliveriesPage(
  session: Session,
  pace: Pace | null,
  filter: DeliveryFilter,
  page: Page,
): Promise<PageOf<DeliveryRow>> {
  // Types can be found by an index, a pattern cannot.
  const alike = filter.eventTypePattern === undefined ? null : await typesLike(session, filter.eventTypePattern);
  if (alike?.length === 0) return { rows: [], hasMore: false };
  const types = filter.eventType === undefined ? alike : [filter.eventType];
  const owner: Condition[] = [
    ["d.account_id = ?", filter.accountId],
    ["d.livemode = ?", filter.livemode],
  ];
  const times = (await numbersWithin(session, filter.created)).map(([sign, n]): Condition => [`d.n ${sign} ?`, n]);
  const ways = waysTo(filter, types, owner);
  const counts = new Map<PostgresWay, number>();
  if (ways.length > 1) for (const way of ways) counts.set(way, await counted(session, way, times));
  const fewest = chosenWay(ways, (each) => counts.get(each) ?? 0, Number.POSITIVE_INFINITY);
  const way = inCommon(counts) ?? fewest;
  const conditions = [...owner, ...times, ...conditionsOf(filter)];
  const count = counts.get(way) ?? Number.POSITIVE_INFINITY;
  // Of few, the planner might look for those that it takes to be many, in the order of all deliveries.
  if (way.ordered && count >= MANY) {
    const by = searched(way, times).conditions;
    const fitting = conditions.filter(([sql]) => !by.some(([same]) => same === sql));
    const list = { columns: DELIVERY_COLUMNS, order: "d.n", cursor: CURSOR, row: deliveryRow, owner: filter.accountId };
    return walkPage(session, pace, { ...list, walked: "deliveries", alias: "d", joined: OF_DELIVERY, searched: by, fitting }, page);
  }
  if (way.found !== undefined && count > FEW && (await areFrequent(session, way.found, page.limit))) {
    const walked = await amongNewest(session, way.found, { owner, times, conditions }, page);
    if (walked.hasMore) return walked;
  }
  const found = searched(way, times);
  const select = amongFound(asSql(found), directionOf(page));
  return readPage(session, { select, values: valuesIn(found), order: "f.n", cursor: CURSOR, conditions, row: deliveryRow }, page);
}

/** Deliveries that failed or were given up, of events that are known as well, if there are more than a few of both: indexes alone find them. */
function inCommon(counts: ReadonlyMap<PostgresWay, number>): PostgresWay | null {
  const counted = [...counts].filter(([, count]) => count > FEW && count < Number.POSITIVE_INFINITY).map(([way]) => way);
  const ended = counted.find(({ hasEvents }) => hasEvents === true);
  const found = counted.find((way) => way.found !== undefined)?.found;
  if (ended === undefined || found === undefined) return null;
  const way: PostgresWay = { ...ended, ordered: false, conditions: [...ended.conditions, ofThem(found)] };
  return [...counts.values()].some((count) => count <= FEW) ? null : way;
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

/** The conditions on every row, whichever way it is found. */
function conditionsOf(filter: DeliveryFilter): Condition[] {
  const conditions = inRange("d.created", filter.created);
  if (filter.eventId !== undefined) conditions.push([`d.event = ${EVENT}`, filter.eventId]);
  if (filter.endpointId !== undefined) conditions.push([`d.endpoint = ${ENDPOINT}`, filter.endpointId]);
  if (filter.state !== undefined) conditions.push([inState(stateNumber(filter.state))]);
  if (filter.tried !== undefined) conditions.push([filter.tried ? "d.attempts > 0" : "d.attempts = 0"]);
  if (filter.eventAccountId !== undefined) conditions.push(["e.account_id = ?", filter.eventAccountId]);
  if (filter.eventType !== undefined) conditions.push(["e.type = ?", filter.eventType]);
  if (filter.eventTypePattern !== undefined) conditions.push(["e.type LIKE ?", likeOf(filter.eventTypePattern)]);
  const outcomes = outcomesOf(filter);
  if (outcomes.length > 0) conditions.push(anyOf(outcomes));
  return conditions;
}

/** Every way that serves the filter. The last one finds all of the owner's. */
function waysTo(filter: DeliveryFilter, types: readonly string[] | null, owner: readonly Condition[]): PostgresWay[] {
  const numbers = "SELECT d.n FROM deliveries d";
  if (filter.eventId !== undefined) return [{ ordered: false, numbers, conditions: [[`d.event = ${EVENT}`, filter.eventId]] }];
  const ways: PostgresWay[] = [];
  const outcomes = outcomesOf(filter);
  if (outcomes.length > 0 && outcomes.every(([from]) => from >= FIRST_FAILURE))
    ways.push({ ordered: false, numbers, hasEvents: true, conditions: [...owner, anyOf(outcomes)] });
  if (filter.state !== undefined && stateNumber(filter.state) >= 2)
    ways.push({ ordered: true, numbers, hasEvents: true, conditions: [...owner, [inState(stateNumber(filter.state))]] });
  if (filter.state === "pending")
    ways.push({
      ordered: false,
      numbers: "SELECT d.n FROM endpoints p JOIN pending d ON d.endpoint = p.n",
      conditions: [
        ["p.account_id = ?", filter.accountId],
        ["p.livemode = ?", filter.livemode],
        ...(filter.endpointId === undefined ? [] : [["p.id = ?", filter.endpointId] satisfies Condition]),
      ],
    });
  if (filter.endpointId !== undefined) ways.push({ ordered: true, numbers, conditions: [[`d.endpoint = ${ENDPOINT}`, filter.endpointId]] });
  if (filter.eventAccountId !== undefined)
    ways.push({ ordered: false, numbers: OF_FOUND, found: [EVENTS_OF_ACCOUNT, filter.eventAccountId], conditions: [] });
  if (types !== null)
    ways.push({
      ordered: false,
      numbers: OF_FOUND,
      found: [numbersOfTypes(), [...types]],
      conditions: [],
    });
  ways.push({ ordered: true, numbers, conditions: owner });
  return ways;
}

/** How many rows a way looks at; infinitely many when there are more than are counted. */
async function counted(session: Session, way: PostgresWay, times: readonly Condition[]): Promise<number> {
  if (way.found !== undefined) {
    // Their events alone: to find the deliveries of each takes as long as the page.
    const [events, ...values] = way.found;
    const sql = numbered(`SELECT count(*)::integer AS count FROM (${events} LIMIT ${COUNTED}) AS counted`);
    return upTo(COUNTED, (await session.get(sql, ...values))?.count as number);
  }
  const asked = searched(way, times);
  const sql = numbered(`SELECT count(*)::integer AS count FROM (${asSql(asked)} LIMIT ${DELIVERIES_COUNTED}) AS counted`);
  return upTo(DELIVERIES_COUNTED, (await session.get(sql, ...valuesIn(asked)))?.count as number);
}

const upTo = (most: number, count: number): number => (count < most ? count : Number.POSITIVE_INFINITY);

/** A way with what it is searched by. A sorting way finds deliveries of all times. */
function searched(way: PostgresWay, times: readonly Condition[]): PostgresWay {
  return way.ordered ? { ...way, conditions: [...way.conditions, ...times] } : way;
}

function asSql({ numbers, found, conditions }: PostgresWay): string {
  const from = found === undefined ? "" : `WITH found AS (${found[0]}) `;
  return `${from}${numbers} WHERE ${["true", ...conditions.map(([sql]) => sql)].join(" AND ")}`;
}

const valuesIn = ({ found = [""], conditions }: PostgresWay): SqlValue[] => valuesOf([found, ...conditions]);

/** The stored numbers of the outcomes asked for, as ranges. */
function outcomesOf({ statuses = [], fault }: DeliveryFilter): [number, number][] {
  const ranges = statuses.map(([from, to]): [number, number] => [from, to]);
  return fault === undefined ? ranges : [...ranges, [faultNumber(fault), faultNumber(fault)]];
}

function anyOf(ranges: readonly [number, number][]): Condition {
  const column = ranges.every(([from]) => from >= FIRST_FAILURE) ? "d.failed_with" : "d.last_outcome";
  return [`(${ranges.map(() => `${column} BETWEEN ? AND ?`).join(" OR ")})`, ...ranges.flat()];
}

/** Those that were given up have a column of their own, with an index. */
const inState = (state: number): string => (state >= 2 ? `d.gave_up = ${state}` : `d.state = ${state}`);
