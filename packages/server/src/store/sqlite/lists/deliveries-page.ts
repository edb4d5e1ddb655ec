import type { DeliveryRow } from "../../contract/rows.ts";
import type { DeliveryFilter, Page, PageOf } from "../../contract/transaction.ts";
import { FIRST_FAILURE, faultNumber, stateNumber } from "../../delivery-codes.ts";
import { chosenWay, type Way } from "../../delivery-ways.ts";
import type { Pace } from "../../pace.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlValue } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { deliveryRow } from "../rows/rows.ts";
import { type EventSet, eventSets, isIn } from "./event-set.ts";
import { DELIVERY_LISTS } from "./list-thresholds.ts";
import { eventBounds, newestOfEvents } from "./newest-of-events.ts";
import { numbersWithin } from "./number-at.ts";
import { type Condition, globOf, inRange, type Listing, readPage } from "./read-page.ts";
import { typesLike } from "./types-like.ts";
import { type IndexWalk, walkPage } from "./walk-page.ts";

const { counted: COUNTED, eventsCounted: EVENTS_COUNTED, wholeSet: WHOLE_SET, few: FEW } = DELIVERY_LISTS;

export const DELIVERY_COLUMNS = `
  d.id, d.kind, d.state, d.attempts, d.variant, d.created, d.next_attempt_at, d.settled_at, p.id AS endpoint_id, p.account_id, p.livemode,
  e.id AS event_id, e.type AS event_type, e.account_id AS event_account_id, e.livemode AS event_livemode`;
// CROSS JOIN keeps the order of the join: deliveries first, found by the index that suits the filter.
export const DELIVERY_JOINS = "CROSS JOIN events e ON e.n = d.event CROSS JOIN endpoints p ON p.n = d.endpoint";

const OWNER = "(SELECT n FROM owners WHERE account_id = ? AND livemode = ?)";
const ENDPOINT = "(SELECT n FROM endpoints WHERE id = ?)";
const PENDING = "endpoints p CROSS JOIN deliveries d INDEXED BY deliveries_due ON d.endpoint = p.n";

/** The conditions of the indexes of failed deliveries. */
const HAS_FAILED = `d.last_outcome >= ${FIRST_FAILURE}`;

/** The part of a filter that a way uses. A way that tells no more than another adds nothing to it. */
type Told = "events" | "outcome" | "state" | "endpoint";

/** A way in SQLite, and the conditions for its index. */
interface SqliteWay extends Way {
  /** Its FROM clause; null when only its numbers are used. */
  from: string | null;
  /** The same for only the numbers of its deliveries: it reads indexes alone. */
  numbers: string;
  conditions: readonly Condition[];
  tells: readonly Told[];
  /** What is counted instead, because it costs less. */
  counted?: { from: string; conditions: readonly Condition[] };
  /** The events whose deliveries it finds. Each event has about one delivery. */
  events?: EventSet;
}

/**
 * The bounds that follow from a range of times: on the numbers of deliveries, and on those of events whose deliveries
 * were made with them.
 */
interface Bounds {
  deliveries: readonly Condition[];
  events: readonly Condition[];
}

/** How deliveries of events are found: in an index of only those with the requested outcome, if there is one. */
interface Join {
  from: string;
  conditions: readonly Condition[];
  tells: readonly Told[];
}

/** One page of deliveries, found in the way that examines the fewest rows, or in the intersection of several ways. */
export async function deliveriesPage(
  scope: Pick<WorkScope, "get" | "all">,
  pace: Pace | null,
  filter: DeliveryFilter,
  page: Page,
): Promise<PageOf<DeliveryRow>> {
  const list = listOf(scope, filter, page);
  if (list === null) return { rows: [], hasMore: false };
  return "walked" in list ? walkPage(scope, pace, list, page) : readPage(scope, list, page);
}

/** The newest deliveries of one event, at most `limit`. */
export function deliveriesOfEvent(
  scope: Pick<WorkScope, "get" | "all">,
  filter: Pick<DeliveryFilter, "accountId" | "livemode"> & { eventId: string },
  limit: number,
): DeliveryRow[] {
  const list = listOf(scope, filter, { limit });
  return list === null || "walked" in list ? [] : readPage(scope, list, { limit }).rows;
}

/** How the page is read; null when it is empty. */
function listOf(
  scope: Pick<WorkScope, "get" | "all">,
  filter: DeliveryFilter,
  page: Page,
): Listing<DeliveryRow> | IndexWalk<DeliveryRow> | null {
  // Types can be found through an index, a pattern cannot.
  const types = filter.eventTypePattern === undefined ? null : typesLike(scope, filter.eventTypePattern);
  if (types?.length === 0) return null;
  const owner: Condition = [`d.owner = ${OWNER}`, filter.accountId, Number(filter.livemode)];
  const times: Condition[] = numbersWithin(scope, filter.created).map(([sign, n]) => [`d.n ${sign} ?`, n]);
  const ways = waysTo(filter, eventSets(filter, types), owner);
  const within: Bounds = { deliveries: times, events: ways.some(({ events }) => events !== undefined) ? eventBounds(scope, times) : [] };
  const counts = new Map(ways.length === 1 ? [] : ways.map((way) => [way, counted(scope, way, within)]));
  const chosen = chosenWay(ways, (each) => counts.get(each) as number, COUNTED);
  const few = (counts.get(chosen) ?? 0) <= FEW;
  const narrow = few ? [] : ways.filter((each) => (counts.get(each) as number) < COUNTED && !tellsAll(chosen, each));
  const conditions = [owner, ...times, ...conditionsOf(filter)];
  const { events, numbers: from } = chosen;
  const newest =
    narrow.length > 0 || events === undefined || events.parts === null
      ? null
      : newestOfEvents(scope, { events, from, joined: joinTo(filter, owner).conditions, owner, numbers: times, conditions }, page);
  // Deliveries of this many events, or of events of all times, cannot be sorted. The last way finds all deliveries of
  // the owner, in their order.
  const unsorted = newest === null && events !== undefined && (counts.get(chosen) === COUNTED || times.length > 0);
  const way = unsorted ? (ways.at(-1) as SqliteWay) : chosen;
  // If there are many out of order, their numbers are sorted, not the rows.
  const alone = way.from !== null && narrow.length === 0 && (few || way.ordered || ways.length === 1);
  const list = { order: "d.n", cursor: "(SELECT n FROM deliveries WHERE id = ?)", row: deliveryRow };
  // Once each: the conditions of a way are also conditions on every row.
  const except = (found: readonly Condition[]) => conditions.filter(([sql]) => !found.some(([same]) => same === sql));
  if (alone && way.ordered && newest === null) {
    const by = searched(way, times);
    const from = { walked: way.numbers, from: way.from as string, columns: DELIVERY_COLUMNS };
    return { ...list, ...from, owner: filter.accountId, searched: by, fitting: except(by) };
  }
  const found = newest !== null ? [newest] : alone ? way.conditions : [numbersOf([way, ...narrow], times)];
  const select = `SELECT ${DELIVERY_COLUMNS} FROM ${alone && newest === null ? way.from : `deliveries d NOT INDEXED ${DELIVERY_JOINS}`}`;
  return { ...list, select, conditions: [...found, ...except(found)] };
}

/** Whether a way uses everything that another one uses. */
function tellsAll(way: SqliteWay, { tells }: SqliteWay): boolean {
  return tells.every((told) => way.tells.includes(told));
}

/** A delivery's number must be among those of each of these ways. Rows are read from the newest number on. */
function numbersOf(ways: readonly SqliteWay[], times: readonly Condition[]): Condition {
  const values: SqlValue[] = [];
  const sets = ways.map((way) => {
    const conditions = searched(way, times);
    values.push(...conditions.flatMap(([, ...given]) => given));
    return `SELECT d.n FROM ${way.numbers} WHERE ${conditions.map(([sql]) => sql).join(" AND ")}`;
  });
  // The plus sign makes each a set to look into, not a list to search by.
  return [`d.n IN (${sets.join(" AND +d.n IN (")}${")".repeat(sets.length)}`, ...values];
}

/**
 * The conditions of a way's search. A way that does not find deliveries in their order finds those of all times.
 */
function searched({ ordered, events, conditions }: SqliteWay, times: readonly Condition[]): readonly Condition[] {
  return ordered && events === undefined ? [...conditions, ...times] : conditions;
}

/**
 * No other delivery of the event to the endpoint has arrived or is waiting, and the endpoint exists.
 */
export const UNRECEIVED = `
  NOT EXISTS (SELECT 1 FROM deliveries o INDEXED BY deliveries_of_event WHERE o.event = d.event AND o.endpoint = d.endpoint AND o.state IN (0, 1))
  AND NOT (SELECT deleted FROM endpoints WHERE n = d.endpoint)`;

/** The conditions on every row, whichever way it is found. */
function conditionsOf(filter: DeliveryFilter): Condition[] {
  const conditions = inRange("d.created", filter.created);
  if (filter.eventId !== undefined) conditions.push(["d.event = (SELECT n FROM events WHERE id = ?)", filter.eventId]);
  if (filter.endpointId !== undefined) conditions.push([`d.endpoint = ${ENDPOINT}`, filter.endpointId]);
  // Written out, not bound: only then can SQLite use the partial indexes.
  if (filter.state !== undefined) conditions.push([`d.state = ${stateNumber(filter.state)}`]);
  if (filter.tried !== undefined) conditions.push([filter.tried ? "d.attempts > 0" : "d.attempts = 0"]);
  if (filter.unreceived === true) conditions.push([UNRECEIVED]);
  if (filter.eventAccountId !== undefined) conditions.push(["e.account_id = ?", filter.eventAccountId]);
  if (filter.eventType !== undefined) conditions.push(["e.type = ?", filter.eventType]);
  if (filter.eventTypePattern !== undefined) conditions.push(["e.type GLOB ?", globOf(filter.eventTypePattern)]);
  const outcomes = outcomesOf(filter);
  if (outcomes.length > 0) conditions.push(anyOf(outcomes));
  return conditions;
}

/** Every way that serves the filter, the narrowest kinds first. The last one finds all deliveries of the owner. */
function waysTo(filter: DeliveryFilter, sets: readonly EventSet[], owner: Condition): SqliteWay[] {
  const deliveries = (index: string) => ({
    from: `deliveries d INDEXED BY ${index} ${DELIVERY_JOINS}`,
    numbers: `deliveries d INDEXED BY ${index}`,
  });
  if (filter.eventId !== undefined)
    return [
      {
        ordered: false,
        ...deliveries("deliveries_of_event"),
        conditions: [["d.event = (SELECT n FROM events WHERE id = ?)", filter.eventId]],
        tells: ["events"],
      },
    ];
  const ways: SqliteWay[] = [];
  const outcomes = outcomesOf(filter);
  const join = joinTo(filter, owner);
  const [set] = sets;
  // Indexes alone tell whether a delivery has the requested outcome and whether its event is one of these.
  if (set !== undefined && join.conditions.length > 0) {
    const [, index] = / INDEXED BY (\w+)/.exec(join.from) as unknown as [string, string];
    const { numbers } = deliveries(index);
    ways.push({
      ordered: false,
      from: null,
      numbers,
      conditions: [...join.conditions, isIn(set)],
      tells: [...join.tells, "events"],
      counted: { from: numbers, conditions: join.conditions },
    });
  }
  if (isFailure(outcomes))
    ways.push({
      ordered: outcomes.length === 1 && outcomes[0]?.[0] === outcomes[0]?.[1],
      ...deliveries("deliveries_failed"),
      // SQLite cannot infer that the index contains these.
      conditions: [owner, anyOf(outcomes), [HAS_FAILED]],
      tells: ["outcome"],
    });
  if (filter.state !== undefined && stateNumber(filter.state) >= 2)
    ways.push({
      ordered: true,
      ...deliveries("deliveries_given_up"),
      conditions: [owner, [`d.state = ${stateNumber(filter.state)}`], ["d.state >= 2"]],
      tells: ["state"],
    });
  if (filter.state === "pending")
    ways.push({
      ordered: false,
      from: null,
      numbers: PENDING,
      conditions: [
        ["p.owner = (SELECT n FROM owners WHERE account_id = ? AND livemode = ?)", filter.accountId, Number(filter.livemode)],
        ["d.state = 0"],
        ...(filter.endpointId === undefined ? [] : [["p.id = ?", filter.endpointId] satisfies Condition]),
      ],
      tells: filter.endpointId === undefined ? ["state"] : ["state", "endpoint"],
    });
  for (const events of sets)
    ways.push({
      ordered: events.parts !== null,
      from: null,
      numbers: `events e INDEXED BY ${events.index} ${join.from}`,
      conditions: [...events.conditions, ...join.conditions],
      tells: ["events", ...join.tells],
      counted: { from: `events e INDEXED BY ${events.index}`, conditions: events.conditions },
      events,
    });
  if (filter.endpointId !== undefined)
    ways.push({
      ordered: true,
      ...deliveries("deliveries_of_endpoint"),
      conditions: [[`d.endpoint = ${ENDPOINT}`, filter.endpointId]],
      tells: ["endpoint"],
    });
  ways.push({ ordered: true, ...deliveries("deliveries_listed"), conditions: [owner], tells: [] });
  return ways;
}

/** How to find the deliveries of events that ended as a filter asks. */
function joinTo(filter: DeliveryFilter, owner: Condition): Join {
  const by = (index: string) => `CROSS JOIN deliveries d INDEXED BY ${index} ON d.event = e.n`;
  const outcomes = outcomesOf(filter);
  if (isFailure(outcomes))
    return { from: by("deliveries_failed_of_event"), conditions: [owner, [HAS_FAILED], anyOf(outcomes)], tells: ["outcome"] };
  if (filter.state === "exhausted" || filter.state === "quarantined")
    return { from: by("deliveries_unanswered"), conditions: [["d.state IN (2, 4)"]], tells: ["state"] };
  return { from: by("deliveries_of_event"), conditions: [], tells: [] };
}

/** How many rows a way examines, counted up to a bound. */
function counted(scope: Pick<WorkScope, "get">, way: SqliteWay, within: Bounds): number {
  const { from, conditions: all } = way.counted ?? { from: way.numbers, conditions: searched(way, within.deliveries) };
  const conditions = way.events?.parts == null ? all : [...all, ...within.events];
  const where = conditions.map(([sql]) => sql).join(" AND ");
  const most = way.events === undefined ? COUNTED : EVENTS_COUNTED;
  const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM ${from} WHERE ${where} ${BOUND_LIMIT})`;
  const count = scope.get(sql, ...conditions.flatMap(([, ...values]) => values), most)?.count as number;
  if (count >= most) return COUNTED;
  return way.events?.parts === null ? Math.min(count * WHOLE_SET, COUNTED - 1) : count;
}

/** Whether the filter asks for outcomes, and only for failures. */
function isFailure(outcomes: readonly [number, number][]): boolean {
  return outcomes.length > 0 && outcomes.every(([from]) => from >= FIRST_FAILURE);
}

/** The stored numbers of the requested outcomes, as ranges. */
function outcomesOf({ statuses = [], fault }: DeliveryFilter): [number, number][] {
  const ranges = statuses.map(([from, to]): [number, number] => [from, to]);
  return fault === undefined ? ranges : [...ranges, [faultNumber(fault), faultNumber(fault)]];
}

function anyOf(ranges: readonly [number, number][]): Condition {
  const [only] = ranges;
  // Equality keeps the order of the index.
  if (ranges.length === 1 && only !== undefined && only[0] === only[1]) return ["d.last_outcome = ?", only[0]];
  return [`(${ranges.map(() => "d.last_outcome BETWEEN ? AND ?").join(" OR ")})`, ...ranges.flat()];
}
