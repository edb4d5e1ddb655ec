import { isListener } from "../../contract/is-listener.ts";
import type { EndpointRow, NewDelivery } from "../../contract/rows.ts";
import { kindNumber, NEVER, stateNumber } from "../../delivery-codes.ts";
import { firstClaim } from "../../first-claim.ts";
import type { SqlValue } from "../database/connection.ts";
import { insertion, insertRows } from "../database/insert-rows.ts";
import type { WorkScope } from "../database/scope.ts";
import { withinDelivery } from "../rows/delivery-number.ts";
import { addToLane, type LaneChange } from "./lanes.ts";

const DELIVERIES = insertion(
  "deliveries (n, id, kind, event, endpoint, owner, variant, created, state, attempts, lease, due_at, next_attempt_at)",
  "(?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?)",
);
const SKIPPED = `
  INSERT INTO deliveries (n, id, kind, event, endpoint, owner, variant, created, state, attempts, lease, due_at, next_attempt_at, settled_at)
  SELECT ?, ?, ?, ?, p.n, p.owner, NULL, ?, ${stateNumber("cancelled")}, 0, 0, ${NEVER}, ${NEVER}, ? FROM endpoints p WHERE p.id = ?`;
const NUMBERS = "SELECT n AS endpoint, owner FROM endpoints WHERE id = ?";

/** An endpoint with new deliveries: its numbers in the database, and the changes to its lane. */
interface Lane extends LaneChange {
  endpoint: number;
  owner: number;
}

/**
 * Writes deliveries. A due delivery is written as leased, and handed over after the commit, if the hot lane has room. A
 * skipped one is written as cancelled. A listener's deliveries wait for its socket. `eventNumber` gives an event's
 * number by its id.
 */
export function insertDeliveries(scope: WorkScope, deliveries: readonly NewDelivery[], eventNumber: (id: string) => number): void {
  const lanes = new Map<string, Lane>();
  const values: SqlValue[] = [];
  for (const delivery of deliveries) {
    const { id, kind, endpoint, event, variant, dueAt, created } = delivery;
    if (delivery.skipped === true) {
      const inserted = scope.run(
        SKIPPED,
        scope.next("delivery"),
        id,
        kindNumber(kind),
        eventNumber(event.id),
        created,
        created,
        endpoint.id,
      );
      if (inserted === 0) throw new Error(`There is no endpoint ${endpoint.id} to owe anything.`);
      continue;
    }
    if (isListener(endpoint.id)) {
      const { endpoint: n, owner } = newLane(scope, endpoint);
      values.push(scope.next("delivery"), id, kindNumber(kind), eventNumber(event.id), n, owner, variant, created, 0, dueAt, dueAt);
      scope.owedToListener(endpoint.id);
      continue;
    }
    const lease = dueAt <= created && endpoint.pausedAt === null ? scope.reserve(endpoint, created, delivery.body.length) : null;
    const claimableAt = lease === null ? dueAt : lease.leaseUntil;
    let lane = lanes.get(endpoint.id);
    if (lane === undefined) {
      lane = newLane(scope, endpoint);
      lanes.set(endpoint.id, lane);
    }
    lane.dueAt = Math.min(lane.dueAt, claimableAt);
    const n = scope.next("delivery");
    values.push(n, id, kindNumber(kind), eventNumber(event.id), lane.endpoint, lane.owner, variant, created);
    values.push(lease === null ? 0 : 1, claimableAt, dueAt);
    if (lease === null) {
      if (endpoint.pausedAt === null) scope.due(dueAt);
    } else {
      lane.leasedUntil = Math.max(lane.leasedUntil, lease.leaseUntil);
      scope.handOver(firstClaim(delivery, withinDelivery(n, 1), lease.leaseUntil));
    }
  }
  insertRows(scope, DELIVERIES, values);
  for (const [endpointId, change] of lanes) addToLane(scope, endpointId, change);
}

function newLane(scope: WorkScope, { id }: EndpointRow): Lane {
  const numbers = scope.known("numbers of endpoint", id, () => scope.get(NUMBERS, id) ?? null);
  if (numbers === null) throw new Error(`There is no endpoint ${id} to owe anything.`);
  return { endpoint: numbers.endpoint as number, owner: numbers.owner as number, dueAt: Number.POSITIVE_INFINITY, leasedUntil: 0 };
}
