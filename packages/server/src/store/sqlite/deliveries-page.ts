import type { DeliveryRow } from "../contract/rows.ts";
import type { DeliveryFilter, Page, PageOf } from "../contract/transaction.ts";
import { FIRST_FAILURE, faultNumber, stateNumber } from "../delivery-codes.ts";
import { chosenWay, type Way } from "../delivery-ways.ts";
import { BOUND_LIMIT } from "./bound-limit.ts";
import type { SqlValue } from "./connection.ts";
import { numbersWithin } from "./number-at.ts";
import { type Condition, globOf, inRange, readPage } from "./read-page.ts";
import { deliveryRow } from "./rows.ts";
import type { WorkScope } from "./scope.ts";
import { typesLike } from "./types-like.ts";

export const DELIVERY_COLUMNS = `
  d.id, d.kind, d.state, d.attempts, d.variant, d.created, d.next_attempt_at, d.settled_at, p.id AS endpoint_id, p.account_id, p.livemode,
  e.id AS event_id, e.type AS event_type, e.account_id AS event_account_id, e.livemode AS event_livemode`;
// CROSS JOIN keeps the order of the join: deliveries first, found by the index that suits the filter.
export const DELIVERY_JOINS = "CROSS JOIN events e ON e.n = d.event CROSS JOIN endpoints p ON p.n = d.endpoint";

const OWNER = "(SELECT n FROM owners WHERE account_id = ? AND livemode = ?)";
const ENDPOINT = "(SELECT n FROM endpoints WHERE id = ?)";
const OF_THEM = "CROSS JOIN deliveries d INDEXED BY deliveries_of_event ON d.event = e.n";
const PENDING = "endpoints p CROSS JOIN deliveries d INDEXED BY deliveries_due ON d.endpoint = p.n";

/** Rows of each way that are counted, at most. Their numbers alone are read, and are quickly sorted. */
const COUNTED = 30_000;
/** Events that are counted in place of their deliveries, at most: finding those costs more. */
const EVENTS_COUNTED = 15_000;
/** So few rows are read sooner than what other ways find. */
const FEW = 1_000;

/** A way in SQLite, and the conditions by which its index is searched. */
interface SqliteWay extends Way {
  /** Its FROM clause; null when only its numbers are used. */
  from: string | null;
  /** The same for the numbers of its deliveries: indexes alone are read. */
  numbers: string;
  /** What is counted in place of that: its events, of which each has about one delivery. */
  counted?: string;
  conditions: readonly Condition[];
}

/** One page of deliveries, found in the way that looks at the fewest rows, or in what several ways have in common. */
export function deliveriesPage(scope: Pick<WorkScope, "get" | "all">, filter: DeliveryFilter, page: Page): PageOf<DeliveryRow> {
  // Types can be found by an index, a pattern cannot.
  const types = filter.eventTypePattern === undefined ? null : typesLike(scope, filter.eventTypePattern);
  if (types?.length === 0) return { rows: [], hasMore: false };
  const owner: Condition = [`d.owner = ${OWNER}`, filter.accountId, Number(filter.livemode)];
  const times: Condition[] = numbersWithin(scope, filter.created).map(([sign, n]) => [`d.n ${sign} ?`, n]);
  const ways = waysTo(filter, types, owner);
  const counts = new Map(ways.length === 1 ? [] : ways.map((way) => [way, counted(scope, way, times)]));
  const way = chosenWay(ways, (each) => counts.get(each) as number, COUNTED);
  const few = (counts.get(way) ?? 0) <= FEW;
  const narrow = few ? [] : ways.filter((each) => each !== way && (counts.get(each) as number) < COUNTED);
  const alone = way.from !== null && narrow.length === 0;
  const found = alone ? way.conditions : [numbersOf([way, ...narrow], times)];
  const from = alone ? way.from : `deliveries d NOT INDEXED ${DELIVERY_JOINS}`;
  return readPage(
    scope,
    {
      select: `SELECT ${DELIVERY_COLUMNS} FROM ${from}`,
      order: "d.n",
      cursor: "(SELECT n FROM deliveries WHERE id = ?)",
      // Once each: what the way is found by is also a condition on every row.
      conditions: [...new Map([...found, owner, ...times, ...conditionsOf(filter)].map((each) => [each[0], each])).values()],
      row: deliveryRow,
    },
    page,
  );
}

/** That a delivery's number is among those of each of these ways. Rows are read from the newest number on. */
function numbersOf(ways: readonly SqliteWay[], times: readonly Condition[]): Condition {
  const values: SqlValue[] = [];
  const sets = ways.map((way) => {
    const conditions = searched(way, times);
    values.push(...conditions.flatMap(([, ...given]) => given));
    return `SELECT d.n FROM ${way.numbers} WHERE ${conditions.map(([sql]) => sql).join(" AND ")}`;
  });
  // The plus sign: each is a set to look into, not a list to search by.
  return [`d.n IN (${sets.join(" AND +d.n IN (")}${")".repeat(sets.length)}`, ...values];
}

/** The conditions by which a way is searched. A sorting way finds deliveries of all times. */
function searched({ ordered, conditions }: SqliteWay, times: readonly Condition[]): readonly Condition[] {
  return ordered ? [...conditions, ...times] : conditions;
}

/** The conditions on every row, whichever way it is found. */
function conditionsOf(filter: DeliveryFilter): Condition[] {
  const conditions = inRange("d.created", filter.created);
  if (filter.eventId !== undefined) conditions.push(["d.event = (SELECT n FROM events WHERE id = ?)", filter.eventId]);
  if (filter.endpointId !== undefined) conditions.push([`d.endpoint = ${ENDPOINT}`, filter.endpointId]);
  // Written out, not bound: only then do the partial indexes serve.
  if (filter.state !== undefined) conditions.push([`d.state = ${stateNumber(filter.state)}`]);
  if (filter.tried !== undefined) conditions.push([filter.tried ? "d.attempts > 0" : "d.attempts = 0"]);
  if (filter.eventAccountId !== undefined) conditions.push(["e.account_id = ?", filter.eventAccountId]);
  if (filter.eventType !== undefined) conditions.push(["e.type = ?", filter.eventType]);
  if (filter.eventTypePattern !== undefined) conditions.push(["e.type GLOB ?", globOf(filter.eventTypePattern)]);
  const outcomes = outcomesOf(filter);
  if (outcomes.length > 0) conditions.push(anyOf(outcomes));
  return conditions;
}

/** Every way that serves the filter, the narrowest kinds first. The last one finds all of the owner's. */
function waysTo(filter: DeliveryFilter, types: readonly string[] | null, owner: Condition): SqliteWay[] {
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
      },
    ];
  const ways: SqliteWay[] = [];
  const outcomes = outcomesOf(filter);
  if (outcomes.length > 0 && outcomes.every(([from]) => from >= FIRST_FAILURE))
    ways.push({
      ordered: outcomes.length === 1 && outcomes[0]?.[0] === outcomes[0]?.[1],
      ...deliveries("deliveries_failed"),
      // SQLite cannot infer that the index contains these.
      conditions: [owner, anyOf(outcomes), [`d.last_outcome >= ${FIRST_FAILURE}`]],
    });
  if (filter.state !== undefined && stateNumber(filter.state) >= 2)
    ways.push({
      ordered: true,
      ...deliveries("deliveries_given_up"),
      conditions: [owner, [`d.state = ${stateNumber(filter.state)}`], ["d.state >= 2"]],
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
    });
  if (filter.endpointId !== undefined)
    ways.push({ ordered: true, ...deliveries("deliveries_of_endpoint"), conditions: [[`d.endpoint = ${ENDPOINT}`, filter.endpointId]] });
  if (filter.eventAccountId !== undefined)
    ways.push({
      ordered: false,
      from: null,
      numbers: `events e INDEXED BY events_listed ${OF_THEM}`,
      counted: "events e INDEXED BY events_listed",
      conditions: [["e.account_id = ?", filter.eventAccountId], ["e.livemode IN (0, 1)"]],
    });
  if (filter.eventType !== undefined)
    ways.push({
      ordered: false,
      from: null,
      numbers: `events e INDEXED BY events_of_type ${OF_THEM}`,
      counted: "events e INDEXED BY events_of_type",
      conditions: [["e.type = ?", filter.eventType]],
    });
  else if (types !== null)
    ways.push({
      ordered: false,
      from: null,
      numbers: `events e INDEXED BY events_of_type ${OF_THEM}`,
      counted: "events e INDEXED BY events_of_type",
      conditions: [["e.type IN (SELECT value FROM json_each(?))", JSON.stringify(types)]],
    });
  ways.push({ ordered: true, ...deliveries("deliveries_listed"), conditions: [owner] });
  return ways;
}

/** How many rows a way looks at, counted up to a bound. */
function counted(scope: Pick<WorkScope, "get">, way: SqliteWay, times: readonly Condition[]): number {
  const conditions = searched(way, times);
  const where = conditions.map(([sql]) => sql).join(" AND ");
  const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM ${way.counted ?? way.numbers} WHERE ${where} ${BOUND_LIMIT})`;
  const most = way.counted === undefined ? COUNTED : EVENTS_COUNTED;
  const count = scope.get(sql, ...conditions.flatMap(([, ...values]) => values), most)?.count as number;
  return count < most ? count : COUNTED;
}

/** The stored numbers of the outcomes asked for, as ranges. */
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
