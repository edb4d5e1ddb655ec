import type { ClaimRequest } from "../../contract/claim-request.ts";
import type { Claim } from "../../contract/delivery-store.ts";
import { stateNumber } from "../../delivery-codes.ts";
import type { SecretBox } from "../../secret-box.ts";
import type { WorkScope } from "../database/scope.ts";
import { withinDelivery } from "../rows/delivery-number.ts";
import { claimOf, endpointOf } from "./claim-due.ts";
import { addToLane } from "./lanes.ts";

const NEXT = `
  SELECT d.n, d.id, d.kind, d.attempts, d.lease, d.next_attempt_at, d.created, e.id AS event_id, e.type, e.livemode, p.id AS endpoint_id,
    CASE WHEN d.variant IS NULL THEN e.body
      ELSE (SELECT v.body FROM event_variants v WHERE v.event = d.event AND v.variant = d.variant) END AS body
  FROM suspects s CROSS JOIN deliveries d ON d.n = s.delivery CROSS JOIN events e ON e.n = d.event CROSS JOIN endpoints p ON p.n = d.endpoint
  ORDER BY s.alone DESC, s.ends DESC, s.delivery LIMIT 1`;
const FORGET = "DELETE FROM suspects WHERE delivery = ?";
const LEASE = "UPDATE deliveries NOT INDEXED SET due_at = ?, lease = ? WHERE n = ?";
const HELD_ONES = `
  SELECT d.n, d.next_attempt_at, p.id AS endpoint_id
  FROM suspects s CROSS JOIN deliveries d ON d.n = s.delivery CROSS JOIN endpoints p ON p.n = d.endpoint`;

/** Leases the most suspicious suspect, which then is no longer a suspect. */
export function nextSuspect(scope: WorkScope, box: SecretBox, { now, leaseMs }: Pick<ClaimRequest, "now" | "leaseMs">): Claim | null {
  const row = scope.get(NEXT);
  if (row === undefined) return null;
  const n = row.n as number;
  const endpointId = row.endpoint_id as string;
  const leaseUntil = now + leaseMs;
  const lease = (row.lease as number) + 1;
  scope.run(FORGET, n);
  scope.run(LEASE, leaseUntil, lease, n);
  addToLane(scope, endpointId, { dueAt: leaseUntil, leasedUntil: leaseUntil });
  return claimOf(row, endpointOf(scope, box, endpointId), withinDelivery(n, lease), leaseUntil);
}

/** Makes suspects due at their earlier times. Returns how many there were. */
export function releaseSuspects(scope: WorkScope): number {
  const held = scope.all(HELD_ONES);
  for (const { n, next_attempt_at, endpoint_id } of held) {
    scope.run("UPDATE deliveries NOT INDEXED SET due_at = next_attempt_at WHERE n = ?", n as number);
    addToLane(scope, endpoint_id as string, { dueAt: next_attempt_at as number, leasedUntil: 0 });
    scope.due(next_attempt_at as number);
  }
  if (held.length > 0) scope.run("DELETE FROM suspects");
  return held.length;
}

const QUARANTINED = `
  SELECT d.n, p.id AS endpoint_id FROM deliveries d CROSS JOIN endpoints p ON p.n = d.endpoint WHERE d.id = ? AND d.state = ?`;
const PENDING = `
  UPDATE deliveries NOT INDEXED SET state = 0, unanswered_account = NULL, due_at = ?, next_attempt_at = ?, settled_at = NULL WHERE n = ?`;

/** Makes a quarantined delivery pending again, and forgets its ends. Returns false when it is not quarantined. */
export function releaseQuarantined(scope: WorkScope, deliveryId: string, dueAt: number): boolean {
  const row = scope.get(QUARANTINED, deliveryId, stateNumber("quarantined"));
  if (row === undefined) return false;
  scope.run(PENDING, dueAt, dueAt, row.n as number);
  scope.run("DELETE FROM unclean_ends WHERE delivery = ?", row.n as number);
  addToLane(scope, row.endpoint_id as string, { dueAt, leasedUntil: 0 });
  scope.due(dueAt);
  return true;
}
