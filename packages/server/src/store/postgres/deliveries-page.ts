import type { DeliveryRow } from "../contract/rows.ts";
import type { DeliveryFilter, Page, PageOf } from "../contract/transaction.ts";
import { FIRST_FAILURE, faultNumber, stateNumber } from "../delivery-codes.ts";
import { COUNTED, chosenWay, type Way } from "../delivery-ways.ts";
import { numbersWithin } from "./number-at.ts";
import { type Condition, inRange, likeOf, numbered, readPage } from "./read-page.ts";
import { deliveryRow } from "./rows.ts";
import type { Session } from "./session.ts";

const COLUMNS = `
  d.id, d.kind, d.state, d.attempts, d.variant, d.created, d.next_attempt_at, d.settled_at, p.id AS endpoint_id, d.account_id, d.livemode,
  e.id AS event_id, e.type AS event_type, e.account_id AS event_account_id, e.livemode AS event_livemode`;
/** Deliveries with their events and endpoints, as `deliveryRow` reads them. */
export const DELIVERIES = `SELECT ${COLUMNS} FROM deliveries d JOIN events e ON e.n = d.event JOIN endpoints p ON p.n = d.endpoint`;

const ENDPOINT = "(SELECT n FROM endpoints WHERE id = ?)";
const EVENT = "(SELECT n FROM event_ids WHERE id = ?)";

/** A way in PostgreSQL: what its index is searched by. The planner picks the index. */
interface PostgresWay extends Way {
  /** The numbers of deliveries that it finds, as `SELECT d.n FROM …`. */
  numbers: string;
  conditions: readonly Condition[];
}

/** One page of deliveries, found in the way that looks at the fewest rows. */
export async function deliveriesPage(session: Session, filter: DeliveryFilter, page: Page): Promise<PageOf<DeliveryRow>> {
  const owner: Condition[] = [
    ["d.account_id = ?", filter.accountId],
    ["d.livemode = ?", filter.livemode],
  ];
  const times = (await numbersWithin(session, filter.created)).map(([sign, n]): Condition => [`d.n ${sign} ?`, n]);
  const ways = waysTo(filter, owner);
  const counts = new Map<PostgresWay, number>();
  if (ways.length > 1) for (const way of ways) counts.set(way, await counted(session, way, times));
  const way = chosenWay(ways, (each) => counts.get(each) ?? 0);
  const conditions = [...owner, ...times, ...conditionsOf(filter)];
  // What is to be sorted is found first: the planner might read all deliveries in their order instead.
  const found: Condition[] = way.ordered
    ? []
    : [[`d.n IN (WITH found AS MATERIALIZED (${asSql(way)}) SELECT n FROM found)`, ...way.conditions.flatMap(([, ...values]) => values)]];
  const cursor = "(SELECT n FROM deliveries WHERE id = ?)";
  return readPage(session, { select: DELIVERIES, order: "d.n", cursor, conditions: [...found, ...conditions], row: deliveryRow }, page);
}

/** The conditions on every row, whichever way it is found. */
function conditionsOf(filter: DeliveryFilter): Condition[] {
  const conditions = inRange("d.created", filter.created);
  if (filter.eventId !== undefined) conditions.push([`d.event = ${EVENT}`, filter.eventId]);
  if (filter.endpointId !== undefined) conditions.push([`d.endpoint = ${ENDPOINT}`, filter.endpointId]);
  // Written out, not bound: only then do the partial indexes serve.
  if (filter.state !== undefined) conditions.push([`d.state = ${stateNumber(filter.state)}`]);
  if (filter.tried !== undefined) conditions.push([filter.tried ? "d.attempts > 0" : "d.attempts = 0"]);
  if (filter.eventAccountId !== undefined) conditions.push(["e.account_id = ?", filter.eventAccountId]);
  if (filter.eventType !== undefined) conditions.push(["e.type = ?", filter.eventType]);
  if (filter.eventTypePattern !== undefined) conditions.push(["e.type LIKE ?", likeOf(filter.eventTypePattern)]);
  const outcomes = outcomesOf(filter);
  if (outcomes.length > 0) conditions.push(...anyOf(outcomes));
  return conditions;
}

/** Every way that serves the filter. The last one finds all of the owner's. */
function waysTo(filter: DeliveryFilter, owner: readonly Condition[]): PostgresWay[] {
  const numbers = "SELECT d.n FROM deliveries d";
  if (filter.eventId !== undefined) return [{ ordered: false, numbers, conditions: [[`d.event = ${EVENT}`, filter.eventId]] }];
  const ways: PostgresWay[] = [];
  const outcomes = outcomesOf(filter);
  if (outcomes.length > 0 && outcomes.every(([from]) => from >= FIRST_FAILURE))
    ways.push({ ordered: false, numbers, conditions: [...owner, ...anyOf(outcomes)] });
  if (filter.state !== undefined && stateNumber(filter.state) >= 2)
    ways.push({ ordered: true, numbers, conditions: [...owner, [`d.state = ${stateNumber(filter.state)}`]] });
  if (filter.state === "pending")
    ways.push({
      ordered: false,
      numbers: "SELECT d.n FROM endpoints p JOIN deliveries d ON d.endpoint = p.n AND d.state = 0",
      conditions: [
        ["p.account_id = ?", filter.accountId],
        ["p.livemode = ?", filter.livemode],
        ...(filter.endpointId === undefined ? [] : [["p.id = ?", filter.endpointId] satisfies Condition]),
      ],
    });
  if (filter.endpointId !== undefined) ways.push({ ordered: true, numbers, conditions: [[`d.endpoint = ${ENDPOINT}`, filter.endpointId]] });
  const ofEvents = "SELECT d.n FROM events e JOIN deliveries d ON d.event = e.n";
  if (filter.eventAccountId !== undefined)
    ways.push({ ordered: false, numbers: ofEvents, conditions: [["e.account_id = ?", filter.eventAccountId]] });
  if (filter.eventType !== undefined) ways.push({ ordered: false, numbers: ofEvents, conditions: [["e.type = ?", filter.eventType]] });
  ways.push({ ordered: true, numbers, conditions: owner });
  return ways;
}

/** How many rows a way looks at, counted up to a bound. */
async function counted(session: Session, way: PostgresWay, times: readonly Condition[]): Promise<number> {
  const conditions = way.ordered ? [...way.conditions, ...times] : way.conditions;
  const sql = numbered(`SELECT count(*)::integer AS count FROM (${asSql({ ...way, conditions })} LIMIT ${COUNTED}) AS counted`);
  return (await session.get(sql, ...conditions.flatMap(([, ...values]) => values)))?.count as number;
}

function asSql({ numbers, conditions }: PostgresWay): string {
  return `${numbers} WHERE ${conditions.map(([sql]) => sql).join(" AND ")}`;
}

/** The stored numbers of the outcomes asked for, as ranges. */
function outcomesOf({ statuses = [], fault }: DeliveryFilter): [number, number][] {
  const ranges = statuses.map(([from, to]): [number, number] => [from, to]);
  return fault === undefined ? ranges : [...ranges, [faultNumber(fault), faultNumber(fault)]];
}

function anyOf(ranges: readonly [number, number][]): Condition[] {
  const conditions: Condition[] = [[`(${ranges.map(() => "d.last_outcome BETWEEN ? AND ?").join(" OR ")})`, ...ranges.flat()]];
  // For the partial index.
  if (ranges.every(([from]) => from >= FIRST_FAILURE)) conditions.push([`d.last_outcome >= ${FIRST_FAILURE}`]);
  return conditions;
}
