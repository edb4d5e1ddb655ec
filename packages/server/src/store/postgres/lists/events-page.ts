import type { EventRow } from "../../contract/rows.ts";
import type { ConnectedEvents, EventFilter, Page, PageOf } from "../../contract/transaction.ts";
import { COUNTED, chosenWay, type Way } from "../../delivery-ways.ts";
import type { Pace } from "../../pace.ts";
import { boundsOf, directionOf, valuesOf, whereOf } from "../../page-of.ts";
import type { Session, SqlValue } from "../database/session.ts";
import { eventRow } from "../rows/rows.ts";
import { EVENT_LISTS } from "./list-thresholds.ts";
import { type Condition, inRange, likeOf, numbered, readPage } from "./read-page.ts";
import { numbersOfTypes, typesLike } from "./types-like.ts";
import { walkPage } from "./walk-page.ts";

const { walked: WALKED } = EVENT_LISTS;

/** Whether an event is thin: whole events never have such a type. */
const IS_THIN = "type ~ '^v[12][.]'";

/** The number of the event that a page begins at. Not its id, which a publisher can choose. */
const CURSOR = "(SELECT n FROM event_ids WHERE id = ?)";

/** Events of an account, and those that a platform may see of the accounts its key may act for. */
function ofPlatform({ accountId, livemode }: EventFilter, { platformId, applicationId, exceptTypes }: ConnectedEvents): Condition {
  const sql = `(account_id = ? OR application_id = ? OR (
    application_id IS NULL AND type <> ALL(?::text[])
    AND account_id IN (SELECT c.account_id FROM connections c WHERE c.platform_id = ? AND (c.livemode OR NOT ?::boolean))
  ))`;
  return [sql, accountId, applicationId, exceptTypes, platformId, livemode];
}

/**
 * Deliveries of an event that lack an answer with success: pending, exhausted or quarantined, at an endpoint that has
 * not given one to any delivery of the event. The filter by success and the count of pending webhooks share it, so they
 * agree. The sum stops the planner from reading all deliveries of the endpoint for each of them.
 */
export const unanswered = (event: string) => `
  FROM deliveries d WHERE d.event = ${event} AND d.state IN (0, 2, 4) AND NOT EXISTS (
    SELECT 1 FROM deliveries s WHERE s.event = d.event AND s.endpoint + 0 = d.endpoint AND s.state = 1
  )`;

/**
 * The numbers of the events of a platform and of the accounts that its key may act for. A plan is made for all values,
 * and the LIMIT of each account makes it use the index. No more are counted than that; other ways serve when there are
 * more.
 */
function numbersOfPlatform(
  { accountId, livemode }: EventFilter,
  { platformId, applicationId }: ConnectedEvents,
): readonly [sql: string, ...values: SqlValue[]] {
  const sql = `
    SELECT e.n FROM (
      SELECT ?::text AS id UNION SELECT account_id FROM connections WHERE platform_id = ? AND (livemode OR NOT ?::boolean)
    ) a CROSS JOIN LATERAL (SELECT n FROM events WHERE account_id = a.id AND livemode = ? ORDER BY n DESC LIMIT ${COUNTED}) e
    UNION ALL
    (SELECT n FROM events WHERE application_id = ? AND application_id IS NOT NULL ORDER BY n DESC LIMIT ${COUNTED})`;
  return [sql, accountId, platformId, livemode, livemode, applicationId];
}

const UNANSWERED = `
  SELECT d.event AS n FROM pending q JOIN deliveries d ON d.n = q.n
  UNION ALL SELECT event FROM deliveries WHERE gave_up IN (2, 4)`;

/**
 * The numbers of an account's events with deliveries that lack success. For pending deliveries, an index of its events
 * tells which are its own, without reading their rows.
 */
const UNANSWERED_OF_ACCOUNT = `
  SELECT e.n FROM pending q JOIN deliveries d ON d.n = q.n
    CROSS JOIN LATERAL (SELECT n FROM events WHERE account_id = ? AND livemode = ? AND n = d.event OFFSET 0) e
  UNION ALL SELECT event FROM deliveries WHERE troubled_account = ? AND gave_up IN (2, 4)`;
/** The same, and all that are pending, of any account. */
const PENDING_OR_UNANSWERED = "SELECT n FROM pending UNION ALL SELECT n FROM deliveries WHERE troubled_account = ? AND gave_up IN (2, 4)";

function unansweredWay({ accountId, livemode, connectedTo }: EventFilter): PostgresWay {
  if (connectedTo !== undefined) return { ordered: false, numbers: [UNANSWERED] };
  return { ordered: false, numbers: [UNANSWERED_OF_ACCOUNT, accountId, livemode, accountId], counted: [PENDING_OR_UNANSWERED, accountId] };
}

/** A way that PostgreSQL is given explicitly: it finds the numbers of events. Null leaves the choice to the planner. */
interface PostgresWay extends Way {
  numbers: readonly [sql: string, ...values: SqlValue[]] | null;
  /** What is counted instead, because it costs less. */
  counted?: readonly [sql: string, ...values: SqlValue[]];
}

/**
 * A page of the events that fit these conditions, from among the next `WALKED` of an account or of all. It is complete
 * if it says that there are more. Most requests ask for frequent events, and then a page fills up sooner than the rows
 * of every way can be counted.
 */
function amongNext(session: Session, filter: EventFilter, conditions: readonly Condition[], page: Page): Promise<PageOf<EventRow>> {
  const bounds: Condition[] =
    filter.connectedTo === undefined
      ? [
          ["account_id = ?", filter.accountId],
          ["livemode = ?", filter.livemode],
        ]
      : [["true"]];
  bounds.push(...boundsOf(page, "n", CURSOR));
  const select = `
    SELECT * FROM (
      SELECT * FROM events WHERE ${whereOf(bounds)} ORDER BY n ${directionOf(page)} LIMIT ${WALKED}
    ) events`;
  const values = valuesOf(bounds);
  return readPage(session, { select, values, order: "n", cursor: CURSOR, conditions, row: eventRow }, page);
}

/** One page of events: among the next ones, or else found in the way that examines the fewest rows. */
export async function eventsPage(session: Session, pace: Pace | null, asked: EventFilter, page: Page): Promise<PageOf<EventRow>> {
  const { typePattern, ...others } = asked;
  // Types can be found through an index, a pattern cannot.
  const types = typePattern === undefined ? null : await typesLike(session, typePattern);
  if (types?.length === 0) return { rows: [], hasMore: false };
  const filter: EventFilter = types === null ? asked : { ...others, types: types.filter((type) => asked.types?.includes(type) !== false) };
  const conditions: Condition[] = [
    filter.connectedTo === undefined ? ["account_id = ?", filter.accountId] : ofPlatform(filter, filter.connectedTo),
    ["livemode = ?", filter.livemode],
    ...(filter.objectId === undefined ? [] : [["object_id = ?", filter.objectId] satisfies Condition]),
    ...inRange("created", filter.created),
  ];
  if (filter.applicationId === null) conditions.push(["application_id IS NULL"]);
  else if (filter.applicationId !== undefined) conditions.push(["(application_id IS NULL OR application_id = ?)", filter.applicationId]);
  if (filter.types !== undefined) conditions.push(["type = ANY(?::text[])", filter.types]);
  if (filter.typePattern !== undefined) conditions.push(["type LIKE ?", likeOf(filter.typePattern)]);
  if (filter.payload !== undefined) conditions.push([filter.payload === "thin" ? IS_THIN : `NOT ${IS_THIN}`]);
  if (filter.exceptTypes !== undefined) conditions.push(["type <> ALL(?::text[])", filter.exceptTypes]);
  if (filter.deliverySuccess !== undefined)
    conditions.push([`${filter.deliverySuccess ? "NOT " : ""}EXISTS (SELECT 1 ${unanswered("events.n")})`]);
  // Events without success are few, and each is looked up.
  if (filter.deliverySuccess !== false && filter.objectId === undefined) {
    const walked = await amongNext(session, filter, conditions, page);
    if (walked.hasMore) return walked;
  }
  const ways = waysTo(filter);
  const counts = new Map<PostgresWay, number>();
  for (const way of ways) counts.set(way, way.numbers === null ? COUNTED : await counted(session, way.counted ?? way.numbers));
  const { numbers } = chosenWay(ways, (way) => counts.get(way) ?? COUNTED);
  const list = { order: "n", cursor: CURSOR, row: eventRow };
  if (numbers === null) {
    // An account's own events, and those of an object, have an index in their order. Those that a platform may see are
    // searched for among all.
    const own = filter.connectedTo === undefined ? conditions.splice(0, filter.objectId === undefined ? 2 : 3) : [];
    return walkPage(session, pace, { ...list, owner: filter.accountId, walked: "events", searched: own, fitting: conditions }, page);
  }
  const [sql, ...values] = numbers;
  // Found first, because the planner might read all events in their order instead. It assumes that an array has few
  // elements.
  const found: Condition = [`n = ANY(ARRAY(${sql}))`, ...values];
  return readPage(session, { ...list, select: "SELECT * FROM events", conditions: [found, ...conditions] }, page);
}

/** The ways that the planner would not find on its own, and the planner's own way. */
function waysTo(filter: EventFilter): PostgresWay[] {
  const ways: PostgresWay[] = [];
  if (filter.deliverySuccess === false) ways.push(unansweredWay(filter));
  const times = inRange("created", filter.created);
  if (times.length > 0)
    ways.push({
      ordered: false,
      numbers: [`SELECT n FROM events WHERE ${times.map(([sql]) => sql).join(" AND ")}`, ...times.flatMap(([, ...values]) => values)],
    });
  const { accountId, livemode, types, connectedTo, objectId } = filter;
  if (objectId !== undefined && connectedTo !== undefined)
    ways.push({ ordered: false, numbers: ["SELECT n FROM events WHERE object_id = ?", objectId] });
  if (types !== undefined)
    ways.push({
      ordered: false,
      numbers:
        connectedTo === undefined
          ? [numbersOfTypes("account_id = ? AND livemode = ?"), types, accountId, livemode]
          : [numbersOfTypes(), types],
    });
  if (connectedTo !== undefined) ways.push({ ordered: false, numbers: numbersOfPlatform(filter, connectedTo) });
  ways.push({ ordered: true, numbers: null });
  return ways;
}

/** How many rows a way examines, counted up to a bound. */
async function counted(session: Session, [sql, ...values]: readonly [sql: string, ...values: SqlValue[]]): Promise<number> {
  return (await session.get(numbered(`SELECT count(*)::integer AS count FROM (${sql} LIMIT ${COUNTED}) AS counted`), ...values))
    ?.count as number;
}
