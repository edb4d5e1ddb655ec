import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlRow } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { allWithin, rangesWithin } from "../rows/delivery-number.ts";

const COLUMNS = "d.n, d.event, d.state = 0 AS pending, d.attempts";
/** In the order of the events. */
const OF_EVENTS = `
  SELECT ${COLUMNS} FROM json_each(?) e CROSS JOIN deliveries d INDEXED BY deliveries_of_event ON d.event = e.value ${BOUND_LIMIT}`;
const OF_EVENT = `SELECT ${COLUMNS} FROM deliveries d INDEXED BY deliveries_of_event WHERE d.event = ? ${BOUND_LIMIT}`;
const OF_OWNER = `SELECT ${COLUMNS} FROM deliveries d WHERE d.owner = ? ${BOUND_LIMIT}`;
const PENDING = "SELECT 1 FROM deliveries INDEXED BY deliveries_of_event WHERE event = ? AND state = 0 LIMIT 1";

const MET_ENDS = 'SELECT EXISTS (SELECT 1 FROM suspects) OR EXISTS (SELECT 1 FROM unclean_ends) AS "any"';

const LISTED = "IN (SELECT value FROM json_each(?))";
const ATTEMPTS = "DELETE FROM attempts WHERE key BETWEEN ? AND ?";
const SOME_ATTEMPTS = `DELETE FROM attempts WHERE key IN (SELECT key FROM attempts WHERE key BETWEEN ? AND ? ${BOUND_LIMIT})`;

interface OwedRow {
  n: number;
  event: number;
  pending: boolean;
  attempts: number;
}

/** What happened to some events. */
export interface DeletedEvents {
  /** How many rows of all kinds were deleted. */
  rows: number;
  /** How many of the events, from the first on, are gone or stay. Some of the rest may be partly gone. */
  passed: number;
  /** How many of these stay because a delivery is pending. */
  kept: number;
}

/**
 * Deletes events with everything that belongs to them, from the first on: at most `limit` deliveries and about as many
 * attempts. Events with a pending delivery stay, unless `evenPending`. Of an event with more than the limit, only a
 * part is deleted, and its own row comes last.
 *
 * One statement deletes all rows of a kind: an event with a delivery and an attempt takes 12 to 16 µs of processor
 * time, where a statement for each row took 28 to 35. If the events were written in groups of fifty, it takes 40.
 */
export function deleteEvents(scope: WorkScope, events: readonly number[], limit: number, { evenPending = false } = {}): DeletedEvents {
  const [first] = events;
  if (first === undefined) return { rows: 0, passed: 0, kept: 0 };
  const found = scope.all(OF_EVENTS, JSON.stringify(events), limit + 1).map(owedRow);
  // The event at which the deliveries end may have more.
  const cut = found.length > limit ? found.at(-1)?.event : undefined;
  const of = Map.groupBy(found, ({ event }) => event);
  const going: OwedRow[] = [];
  const gone: number[] = [];
  let attempts = 0;
  let passed = 0;
  for (const event of events) {
    if (event === cut) break;
    const own = of.get(event) ?? [];
    if (evenPending || !own.some(({ pending }) => pending)) {
      for (const delivery of own) attempts += delivery.attempts;
      if (attempts > limit) break;
      going.push(...own);
      gone.push(event);
    }
    passed++;
  }
  if (passed === 0) return deletePart(scope, first, limit, evenPending);
  return { rows: deleteDeliveries(scope, going) + deleteRows(scope, gone), passed, kept: passed - gone.length };
}

/** Deletes as much of a large event's data as the limit allows. */
function deletePart(scope: WorkScope, event: number, limit: number, evenPending: boolean): DeletedEvents {
  if (!evenPending && scope.get(PENDING, event) !== undefined) return { rows: 0, passed: 1, kept: 1 };
  return { rows: deleteSome(scope, scope.all(OF_EVENT, event, limit).map(owedRow), limit), passed: 0, kept: 0 };
}

/** Deletes the first of some deliveries with their attempts, about `limit` of them. */
function deleteSome(scope: WorkScope, deliveries: readonly OwedRow[], limit: number): number {
  const going: OwedRow[] = [];
  let attempts = 0;
  for (const delivery of deliveries) {
    attempts += delivery.attempts;
    if (attempts > limit && going.length > 0) break;
    going.push(delivery);
  }
  const [first] = going;
  let rows = 0;
  if (first !== undefined && first.attempts > limit) {
    rows = scope.run(SOME_ATTEMPTS, ...allWithin(first.n), limit);
    if (rows === limit) return rows;
  }
  return rows + deleteDeliveries(scope, going);
}

/**
 * Deletes deliveries to the endpoints of an owner, at most `limit` and about as many attempts. Returns how many rows it
 * deleted.
 */
export function deleteOwed(scope: WorkScope, owner: number, limit: number): number {
  return deleteSome(scope, scope.all(OF_OWNER, owner, limit).map(owedRow), limit);
}

function deleteDeliveries(scope: WorkScope, deliveries: readonly OwedRow[]): number {
  if (deliveries.length === 0) return 0;
  const numbers = deliveries.map(({ n }) => n);
  let rows = 0;
  for (const range of rangesWithin(numbers)) rows += scope.run(ATTEMPTS, ...range);
  const listed = JSON.stringify(numbers);
  // Their numbers may be reused. There are none unless the process ended uncleanly.
  if (scope.get(MET_ENDS)?.any === 1)
    for (const table of ["suspects", "unclean_ends"]) scope.run(`DELETE FROM ${table} WHERE delivery ${LISTED}`, listed);
  return rows + scope.run(`DELETE FROM deliveries WHERE n ${LISTED}`, listed);
}

function deleteRows(scope: WorkScope, events: readonly number[]): number {
  if (events.length === 0) return 0;
  const listed = JSON.stringify(events);
  const variants = scope.run(`DELETE FROM event_variants WHERE event ${LISTED}`, listed);
  scope.run(`DELETE FROM late_events WHERE n ${LISTED}`, listed);
  return variants + scope.run(`DELETE FROM events WHERE n ${LISTED}`, listed);
}

function owedRow({ n, event, pending, attempts }: SqlRow): OwedRow {
  return { n: n as number, event: event as number, pending: pending === 1, attempts: attempts as number };
}
