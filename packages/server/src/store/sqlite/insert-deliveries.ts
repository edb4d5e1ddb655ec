import type { Claim, NewDelivery } from "../store.ts";
import { addToLane, type LaneChange } from "./lanes.ts";
import { kindNumber } from "./rows.ts";
import type { Scope } from "./scope.ts";

const INSERT = `
  INSERT INTO deliveries (
    id, kind, event_id, endpoint_id, account_id, livemode, variant, created, state, attempts, lease_token, due_at, next_attempt_at
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?)`;

/** Writes what is owed. What is due and finds room in the hot lane is written leased, and handed over after the commit. */
export function insertDeliveries(scope: Scope, deliveries: readonly NewDelivery[]): void {
  const lanes = new Map<string, LaneChange>();
  for (const delivery of deliveries) {
    const { endpoint, event, dueAt, created } = delivery;
    const lease = dueAt <= created ? scope.reserve(endpoint.id, created, delivery.body.length) : null;
    const token = lease === null ? 0 : 1;
    const claimableAt = lease === null ? dueAt : lease.leaseUntil;
    scope.run(
      INSERT,
      delivery.id,
      kindNumber(delivery.kind),
      event.id,
      endpoint.id,
      endpoint.accountId,
      endpoint.livemode ? 1 : 0,
      delivery.variant,
      created,
      token,
      claimableAt,
      dueAt,
    );
    const lane = lanes.get(endpoint.id);
    const leasedUntil = lease?.leaseUntil ?? 0;
    if (lane === undefined) lanes.set(endpoint.id, { dueAt: claimableAt, leasedUntil });
    else {
      lane.dueAt = Math.min(lane.dueAt, claimableAt);
      lane.leasedUntil = Math.max(lane.leasedUntil, leasedUntil);
    }
    if (lease === null) scope.due(dueAt);
    else scope.handOver(firstClaim(delivery, token, lease.leaseUntil));
  }
  for (const [endpointId, change] of lanes) addToLane(scope, endpointId, change);
}

function firstClaim({ id, kind, event, endpoint, body, dueAt, created }: NewDelivery, token: number, leaseUntil: number): Claim {
  return {
    deliveryId: id,
    kind,
    token,
    leaseUntil,
    dueAt,
    created,
    attempt: 1,
    event: { id: event.id, type: event.type, livemode: event.livemode },
    endpoint: {
      id: endpoint.id,
      livemode: endpoint.livemode,
      url: endpoint.url,
      status: endpoint.status,
      deleted: endpoint.deleted,
      secrets: endpoint.secrets,
      firstFailureAt: endpoint.firstFailureAt,
    },
    body,
  };
}
