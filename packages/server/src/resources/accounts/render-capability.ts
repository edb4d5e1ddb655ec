import type Stripe from "stripe";
import type { CapabilityDerived } from "../requirements/derived.ts";
import { seconds } from "../time-range.ts";
import type { CapabilityName } from "./capabilities.ts";

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
