import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { WorkScope } from "../database/scope.ts";

/**
 * A lane says that its endpoint has nothing to claim before `due_at`. Each endpoint with something pending has a lane,
 * so that a claim finds whose turn it is without reading the deliveries. `due_at` may be too early, which a claim
 * corrects, but never too late. Due lanes are in the order of `turn`: an endpoint with more due than was taken goes to
 * the end of the lanes that are due now, even when the clock stands still. No lease of the endpoint ends after
 * `leased_until`.
 */
export interface LaneChange {
  dueAt: number;
  leasedUntil: number;
}

const ADD = `
  INSERT INTO lanes (endpoint_id, due_at, turn, leased_until) VALUES (?, ?, ?, ?)
  ON CONFLICT (endpoint_id) DO UPDATE SET due_at = min(due_at, excluded.due_at), leased_until = max(leased_until, excluded.leased_until)`;
const LANE = "SELECT due_at, leased_until FROM lanes WHERE endpoint_id = ?";
const EARLIEST = `
  SELECT min(due_at) AS due_at FROM deliveries INDEXED BY deliveries_due
  WHERE state = 0 AND endpoint = (SELECT n FROM endpoints WHERE id = ?)`;

/** Endpoints to which nothing is sent at present. */
const PAUSED = "SELECT id FROM endpoints INDEXED BY endpoints_paused WHERE paused_at IS NOT NULL AND status = 'enabled' AND deleted = 0";
const NEXT = "SELECT min(due_at) AS due_at FROM lanes";
const EARLIEST_LANES = `SELECT endpoint_id, due_at FROM lanes INDEXED BY lanes_due ORDER BY due_at, turn ${BOUND_LIMIT}`;

/**
 * How much later than its last lease a lane's `leased_until` may be, so that deliveries published meanwhile need not
 * change it.
 */
const LEASES_ROUNDED_MS = 1_000;

/** When the first pending delivery of an endpoint may be claimed; null when it has none. */
export function earliestDue(scope: Pick<WorkScope, "get">, endpointId: string): number | null {
  return scope.get(EARLIEST, endpointId)?.due_at as number | null;
}

/**
 * These endpoints and the paused ones, which no claim includes. Disabled and deleted endpoints are claimed, so that
 * their deliveries are cancelled.
 */
export function withPaused(scope: Pick<WorkScope, "all">, endpointIds: ReadonlySet<string>): ReadonlySet<string> {
  const paused = scope.all(PAUSED);
  return paused.length === 0 ? endpointIds : new Set([...endpointIds, ...paused.map(({ id }) => id as string)]);
}

/** When a delivery can be claimed to an endpoint that is neither paused nor in `unasked`; null when none is pending. */
export function nextDueAt(scope: Pick<WorkScope, "get" | "all">, unasked: ReadonlySet<string> = new Set()): number | null {
  const except = withPaused(scope, unasked);
  if (except.size === 0) return (scope.get(NEXT)?.due_at ?? null) as number | null;
  const first = scope.all(EARLIEST_LANES, except.size + 1).find(({ endpoint_id }) => !except.has(endpoint_id as string));
  return (first?.due_at ?? null) as number | null;
}

/** Makes sure that a claim visits the endpoint by `dueAt`. */
export function addToLane(scope: WorkScope, endpointId: string, { dueAt, leasedUntil }: LaneChange): void {
  const lane = scope.knownLane(endpointId, () => scope.get(LANE, endpointId) ?? null);
  if (lane !== null && (lane.due_at as number) <= dueAt && (lane.leased_until as number) >= leasedUntil) return;
  scope.run(ADD, endpointId, dueAt, scope.next("turn"), leasedUntil === 0 ? 0 : leasedUntil + LEASES_ROUNDED_MS);
}

/** After a claim: the lane waits for the remaining deliveries, behind the other lanes if these are already due. */
export function moveLane(scope: WorkScope, endpointId: string, now: number, leasedUntil: number): void {
  const dueAt = earliestDue(scope, endpointId);
  if (dueAt === null) scope.run("DELETE FROM lanes WHERE endpoint_id = ?", endpointId);
  else
    scope.run(
      "UPDATE lanes SET due_at = ?, turn = ?, leased_until = max(leased_until, ?) WHERE endpoint_id = ?",
      Math.max(dueAt, now),
      scope.next("turn"),
      leasedUntil,
      endpointId,
    );
}

/**
 * After a settlement: the lane no longer waits for the settled deliveries. `retryAt` is the earliest time at which one
 * of this settlement is tried again. A lane keeps its place when it is due.
 */
export function settleLane(scope: WorkScope, endpointId: string, retryAt: number | null): void {
  const dueAt = earliestDue(scope, endpointId);
  if (dueAt === null) {
    scope.run("DELETE FROM lanes WHERE endpoint_id = ?", endpointId);
    return;
  }
  if (retryAt !== null) addToLane(scope, endpointId, { dueAt: retryAt, leasedUntil: 0 });
  scope.run("UPDATE lanes SET due_at = ? WHERE endpoint_id = ? AND due_at < ?", dueAt, endpointId, dueAt);
}
