import type Stripe from "stripe";
import { seconds } from "../../../operations/time-range.ts";
import type { CapabilityName } from "../state/capabilities.ts";
import type { CapabilityDerived } from "../state/derived.ts";

/** The Capability object. Source: https://docs.stripe.com/api/capabilities/object */
export function renderCapability(accountId: string, name: CapabilityName, derived: CapabilityDerived): Stripe.Capability {
  return {
    id: name,
    object: "capability",
    account: accountId,
    future_requirements: derived.futureRequirements,
    requested: derived.requested,
    requested_at: derived.requestedAt === null ? null : seconds(derived.requestedAt),
    requirements: derived.requirements,
    status: derived.status,
  };
}
