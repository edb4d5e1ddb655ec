import type Stripe from "stripe";
import type { JsonObject } from "../../../store/contract/rows.ts";
import type { AccountWorld } from "../state/account-world.ts";
import type { CapabilityDerived } from "../state/derived.ts";
import { type Configuration, NAMED_CAPABILITIES, STRIPE_PAYOUTS } from "./capability-names.ts";
import { requestedOutbound } from "./configurations.ts";
import { INDIRECT_TAX, isTaxRequested, taxLocation } from "./customer-configuration.ts";
import { setAt } from "./path.ts";

type Official = Stripe.V2.Core.Account.Configuration.Recipient.Capabilities.StripeBalance.StripeTransfers;

/** Why a capability is not active. */
type Detail = Official["status_details"][number];

/** The status of a capability in v2, and why it is not active. */
export type CapabilityStatus = Pick<Official, "status" | "status_details">;

/** The statuses of a configuration's capabilities by their names in v2, such as `stripe_balance.payouts`. */
export function capabilityStatuses(world: AccountWorld, configuration: Configuration): Map<string, CapabilityStatus> {
  if (configuration === "customer") return isTaxRequested(world) ? new Map([[INDIRECT_TAX, taxStatus(world)]]) : new Map();
  const { derived } = world.state;
  const found = new Map<string, CapabilityStatus>();
  for (const { v1, v2, configuration: itsOwn } of NAMED_CAPABILITIES) {
    const capability = derived.capabilities[v1];
    if (itsOwn === configuration && capability?.requested === true) found.set(v2, statusOf(world, capability));
  }
  found.set(STRIPE_PAYOUTS, payoutsStatus(world));
  if (configuration === "recipient")
    for (const name of requestedOutbound(world))
      found.set(name, { status: "unsupported", status_details: [{ code: "restricted_other", resolution: "no_resolution" }] });
  return found;
}

/** The same, as the configuration shows them. */
export function renderCapabilities(world: AccountWorld, configuration: Configuration): JsonObject {
  const shown: JsonObject = {};
  for (const [name, status] of capabilityStatuses(world, configuration)) setAt(shown, name, { ...status } as unknown as JsonObject);
  return shown;
}

const ACTIVE: CapabilityStatus = { status: "active", status_details: [] };
const PENDING: CapabilityStatus = {
  status: "pending",
  status_details: [{ code: "requirements_pending_verification", resolution: "no_resolution" }],
};
const LACKING: CapabilityStatus = restricted({ code: "requirements_past_due", resolution: "provide_info" });
const OTHERWISE: CapabilityStatus = restricted({ code: "restricted_other", resolution: "contact_stripe" });

function restricted(detail: Detail): CapabilityStatus {
  return { status: "restricted", status_details: [detail] };
}

function statusOf(world: AccountWorld, { status, requirements }: CapabilityDerived): CapabilityStatus {
  if (status === "active") return ACTIVE;
  const decided = decision(world);
  if (decided !== null) return decided;
  if (status === "pending") return PENDING;
  return requirements.disabled_reason === "requirements.fields_needed" || requirements.disabled_reason === "other" ? LACKING : OTHERWISE;
}

/** Taxes can be calculated once the customer's location is known. */
function taxStatus(world: AccountWorld): CapabilityStatus {
  return world.state.rejection === null && taxLocation(world) !== null ? ACTIVE : (decision(world) ?? LACKING);
}

function payoutsStatus(world: AccountWorld): CapabilityStatus {
  const { payoutsEnabled, requirements } = world.state.derived;
  if (payoutsEnabled) return ACTIVE;
  const decided = decision(world);
  if (decided !== null) return decided;
  if (world.state.review.pause.payouts) return OTHERWISE;
  return (requirements.past_due ?? []).length === 0 && (requirements.pending_verification ?? []).length > 0 ? PENDING : LACKING;
}

/** Decisions about the whole account: it was rejected, was found on a list, or needs a review. */
function decision({ state }: AccountWorld): CapabilityStatus | null {
  if (state.rejection !== null)
    return { status: "rejected", status_details: [{ code: `rejected_platform_${state.rejection.reason}`, resolution: "no_resolution" }] };
  const { disabled_reason: reason } = state.derived.requirements;
  if (reason === "under_review")
    return { status: "pending", status_details: [{ code: "determining_status", resolution: "no_resolution" }] };
  return reason === "listed" || reason === "other" ? OTHERWISE : null;
}
