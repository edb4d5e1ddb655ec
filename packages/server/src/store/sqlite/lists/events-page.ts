import type { EventRow } from "../../contract/rows.ts";
import type { ConnectedEvents, EventFilter, Page, PageOf } from "../../contract/transaction.ts";
import { chosenWay, type Way } from "../../delivery-ways.ts";
import type { Pace } from "../../pace.ts";
import { boundsOf, directionOf, valuesOf, whereOf } from "../../page-of.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlValue } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { eventRow } from "../rows/rows.ts";
import { eventNumbersWithin } from "./event-times.ts";
import { eventsOfObject } from "./events-of-object.ts";
import { EVENT_LISTS } from "./list-thresholds.ts";
import { type Condition, globOf, inRange, readPage } from "./read-page.ts";
import { typesLike } from "./types-like.ts";
import { walkPage } from "./walk-page.ts";

const { counted: COUNTED, walked: WALKED } = EVENT_LISTS;

/** Whether an event is thin: whole events never have such a type. */
const IS_THIN = "type GLOB 'v[12].*'";

/** The number of the event that a page begins at. Not its id, which a publisher can choose. */
const CURSOR = "(SELECT n FROM events WHERE id = ?)";

/** Events of an account, and those that a platform may see of the accounts its key may act for. */
function ofPlatform({ accountId, livemode }: EventFilter, { platformId, applicationId, exceptTypes }: ConnectedEvents): Condition {
  const sql = `(account_id = ? OR application_id = ? OR (
    application_id IS NULL AND type NOT IN (SELECT value FROM json_each(?))
    AND account_id IN (SELECT c.account_id FROM connections c WHERE c.platform_id = ? AND (c.livemode = 1 OR ? = 0))
  ))`;
  return [sql, accountId, applicationId, JSON.stringify(exceptTypes), platformId, Number(livemode)];
}

/**
 * Deliveries of an event that lack an answer with success: pending, exhausted or quarantined, at an endpoint that has
 * not given one to any delivery of the event. The filter by success and the count of pending webhooks share it, so they
 * agree.
 */
export const unanswered = (event: string) => `
  FROM deliveries d INDEXED BY deliveries_of_event WHERE d.event = ${event} AND d.state IN (0, 2, 4) AND NOT EXISTS (
    SELECT 1 FROM deliveries s INDEXED BY deliveries_of_event WHERE s.event = d.event AND s.endpoint = d.endpoint AND s.state = 1
  )`;

/**
 * The events of deliveries without success, which are few among all: pending deliveries of all accounts, others of one
 * account or of all.
 */
const withoutSuccess = (ended: string) => `
  SELECT event FROM deliveries INDEXED BY deliveries_due WHERE state = 0
  UNION ALL
  SELECT event FROM deliveries INDEXED BY ${ended}`;
const OF_ACCOUNT = "deliveries_unanswered_of_account WHERE unanswered_account = ?";
const OF_ALL = "deliveries_unanswered WHERE state IN (2, 4)";

/** A way in SQLite: its FROM clause, and the conditions for its index. */
interface SqliteWay extends Way {
  from: string;
  conditions: readonly Condition[];
  /** A query with the rows that it examines, if these conditions would first find all of them. */
  rows?: Condition;
}

/** The numbers of the events of a platform and of the accounts that its key may act for, each through an index. */
function numbersOfPlatform({ accountId, livemode }: EventFilter, { platformId, applicationId }: ConnectedEvents): Condition {
  const sql = `
    SELECT n FROM events INDEXED BY events_listed WHERE account_id = ? AND livemode = ?
    UNION ALL
    SELECT e.n FROM connections c CROSS JOIN events e INDEXED BY events_listed ON e.account_id = c.account_id AND e.livemode = ?
    WHERE c.platform_id = ? AND (c.livemode = 1 OR ? = 0)
    UNION ALL
    SELECT n FROM events INDEXED BY events_of_application WHERE application_id = ? AND application_id IS NOT NULL`;
  const mode = Number(livemode);
  return [sql, accountId, mode, mode, platformId, mode, applicationId];
}

/**
 * A page of the events that fit these conditions, from among the next `WALKED` of an account or of all. It is complete
 * if it says that there are more. Most requests ask for frequent events, and then a page fills up sooner than the rows
 * of every way can be counted.
 */
function amongNext(
  scope: Pick<WorkScope, "all">,
  filter: EventFilter,
  within: readonly Condition[],
  conditions: readonly Condition[],
  page: Page,
): PageOf<EventRow> {
  const bounds: Condition[] =
    filter.connectedTo === undefined
      ? [
          ["account_id = ?", filter.accountId],
          ["livemode = ?", Number(filter.livemode)],
        ]
      : [["1"]];
  bounds.push(...within);
  bounds.push(...boundsOf(page, "n", CURSOR));
  const index = filter.connectedTo === undefined ? "INDEXED BY events_listed" : "NOT INDEXED";
  const select = `
    SELECT * FROM (
      SELECT * FROM events ${index} WHERE ${whereOf(bounds)} ORDER BY n ${directionOf(page)} LIMIT ${WALKED}
    ) AS events`;
  const values = valuesOf(bounds);
  return readPage(scope, { select, values, order: "n", cursor: CURSOR, conditions, row: eventRow }, page);
}

/** One page of events: of an object, among the next ones, or else found in the way that examines the fewest rows. */
export async function eventsPage(
  scope: Pick<WorkScope, "get" | "all">,
  pace: Pace | null,
  asked: EventFilter,
  page: Page,
): Promise<PageOf<EventRow>> {
  const { typePattern, ...others } = asked;
  // Types can be found through an index, a pattern cannot.
  const types = typePattern === undefined ? null : typesLike(scope, typePattern);
  if (types?.length === 0) return { rows: [], hasMore: false };
  const filter: EventFilter = types === null ? asked : { ...others, types: types.filter((type) => asked.types?.includes(type) !== false) };
  const within = eventNumbersWithin(scope, filter.created);
  const conditions: Condition[] = [
    filter.connectedTo === undefined ? ["account_id = ?", filter.accountId] : ofPlatform(filter, filter.connectedTo),
    ["livemode = ?", Number(filter.livemode)],
    ...inRange("+created", filter.created),
  ];
  if (filter.applicationId === null) conditions.push(["application_id IS NULL"]);
  else if (filter.applicationId !== undefined) conditions.push(["(application_id IS NULL OR application_id = ?)", filter.applicationId]);
  if (filter.types !== undefined) conditions.push(["type IN (SELECT value FROM json_each(?))", JSON.stringify(filter.types)]);
  if (filter.typePattern !== undefined) conditions.push(["type GLOB ?", globOf(filter.typePattern)]);
  if (filter.payload !== undefined) conditions.push([filter.payload === "thin" ? IS_THIN : `NOT ${IS_THIN}`]);
  if (filter.objectId !== undefined) conditions.push(["object_id = ?", filter.objectId]);
  if (filter.exceptTypes !== undefined)
    conditions.push(["type NOT IN (SELECT value FROM json_each(?))", JSON.stringify(filter.exceptTypes)]);
  if (filter.deliverySuccess !== undefined)
    conditions.push([`${filter.deliverySuccess ? "NOT " : ""}EXISTS (SELECT 1 ${unanswered("events.n")})`]);
  if (filter.objectId !== undefined) {
    const { accountId: owner, objectId } = filter;
    return eventsOfObject(scope, pace, { owner, objectId, within, cursor: CURSOR, conditions }, page);
  }
  // Events without success are few, and each is looked up.
  if (filter.deliverySuccess !== false) {
    const walked = amongNext(scope, filter, within, conditions, page);
    if (walked.hasMore) return walked;
  }
  const { ordered, from, conditions: searched } = chosenWay(waysTo(filter, within), (each) => counted(scope, each), COUNTED);
  const list = { order: "n", cursor: CURSOR, row: eventRow };
  if (ordered) {
    const owner = filter.accountId;
    return walkPage(scope, pace, { ...list, owner, walked: from, searched, fitting: conditions }, page);
  }
  return readPage(scope, { ...list, select: `SELECT * FROM ${from}`, conditions: [...searched, ...conditions] }, page);
}

/**
 * Every way that serves the filter. The last one examines all events of the account, or all events. `within`: bounds on
 * their numbers, for ways that find events in order.
 */
function waysTo(filter: EventFilter, within: readonly Condition[]): SqliteWay[] {
  const ways: SqliteWay[] = [];
  // From the newest number of a set on. For one account, an index tells which events are its own, without reading their
  // rows.
  const among = (numbers: string, ...values: SqlValue[]) => {
    const from = `events ${filter.connectedTo === undefined ? "INDEXED BY events_listed" : "NOT INDEXED"}`;
    ways.push({ ordered: false, from, conditions: [[`n IN (${numbers})`, ...values]], rows: [numbers, ...values] });
  };
  if (filter.deliverySuccess === false) {
    if (filter.connectedTo === undefined) among(withoutSuccess(OF_ACCOUNT), filter.accountId);
    else among(withoutSuccess(OF_ALL));
  }
  const times = inRange("created", filter.created);
  if (times.length > 0)
    among(
      `SELECT n FROM events INDEXED BY events_by_age WHERE ${times.map(([sql]) => sql).join(" AND ")}`,
      ...times.flatMap(([, ...values]) => values),
    );
  const ofAccount: Condition[] = [
    ["account_id = ?", filter.accountId],
    ["livemode = ?", Number(filter.livemode)],
  ];
  const of = filter.connectedTo === undefined ? ofAccount : [];
  const [type, another] = filter.types ?? [];
  if (type !== undefined && another === undefined)
    ways.push({
      ordered: true,
      from: `events INDEXED BY ${of.length > 0 ? "events_of_account_type" : "events_of_type"}`,
      conditions: [...of, ["type = ?", type], ...within],
    });
  if (filter.types !== undefined && another !== undefined)
    ways.push({
      ordered: false,
      from: `events INDEXED BY ${of.length > 0 ? "events_of_account_type" : "events_of_type"}`,
      conditions: [...of, ["type IN (SELECT value FROM json_each(?))", JSON.stringify(filter.types)], ...within],
    });
  if (filter.connectedTo !== undefined) {
    const [sql, ...values] = numbersOfPlatform(filter, filter.connectedTo);
    ways.push({ ordered: false, from: "events NOT INDEXED", conditions: [[`n IN (${sql})`, ...values]], rows: [sql, ...values] });
    // Searches all events, from the newest on, for those of a platform with many. These are found soon.
    ways.push({ ordered: true, from: "events NOT INDEXED", conditions: within });
  } else {
    const thin = filter.payload === "thin";
    ways.push({
      ordered: true,
      from: thin ? "events INDEXED BY events_thin" : "events INDEXED BY events_listed",
      conditions: [...ofAccount, ...(thin ? [[IS_THIN] satisfies Condition] : []), ...within],
    });
  }
  return ways;
}

/** How many rows a way examines, counted up to a bound. */
function counted(scope: Pick<WorkScope, "get">, { from, conditions, rows }: SqliteWay): number {
  const count = (query: string) => `SELECT count(*) AS count FROM (${query} ${BOUND_LIMIT})`;
  if (rows !== undefined) {
    const [sql, ...values] = rows;
    const found = scope.get(count(sql), ...values, COUNTED)?.count as number;
    // Finding a number in an index costs a tenth of reading a row.
    return found < COUNTED ? Math.ceil(found / 10) : found;
  }
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.map(([sql]) => sql).join(" AND ")}`;
  return scope.get(count(`SELECT 1 FROM ${from} ${where}`), ...conditions.flatMap(([, ...values]) => values), COUNTED)?.count as number;
}
