import type { Claim, ClaimToken } from "./contract/delivery-store.ts";
import type { NewDelivery } from "./contract/rows.ts";
import { endpointOfClaim } from "./endpoint-of-claim.ts";

/** The claim of a delivery that is written as already leased, for its first attempt. */
export function firstClaim({ id, kind, event, endpoint, body, dueAt, created }: NewDelivery, token: ClaimToken, leaseUntil: number): Claim {
  return {
    deliveryId: id,
    kind,
    token,
    leaseUntil,
    dueAt,
    created,
    attempt: 1,
    event: { id: event.id, type: event.type, livemode: event.livemode },
    endpoint: endpointOfClaim(endpoint),
    body,
  };
}
