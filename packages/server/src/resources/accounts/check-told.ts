import { apiError } from "@carabiner/protocol";
import { hashOf, isHash } from "../../operations/merge-change.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import type { CapabilityName } from "../connected-account/state/capabilities.ts";
import type { AccountChange } from "./change-account.ts";

/** Capabilities that can be unrequested after they were granted. */
const GIVEN_BACK: ReadonlySet<string> = new Set(["tax_reporting_us_1099_k", "tax_reporting_us_1099_misc"]);

/** Capabilities that are always requested for accounts with the full Dashboard. */
const REQUESTED_FOR_IT: ReadonlySet<string> = new Set(["card_payments", "transfers"]);

/** The data that only an account's user may give, once the user onboards it and Stripe collects its requirements. */
const SAID_BY_USER = ["business_type", "company", "individual"] as const;

/**
 * Throws for parameters a platform may not set: other capabilities for an account whose capabilities are fixed,
 * unrequesting a granted one, accepting terms that the account must accept itself, or saying who the account is, once
 * its user does that.
 * Source: https://docs.stripe.com/connect/account-capabilities,
 * https://docs.stripe.com/connect/updating-service-agreements and https://docs.stripe.com/api/accounts/update
 */
export function checkTold(world: AccountWorld, told: AccountChange): void {
  for (const [name, capability] of Object.entries(told.capabilities ?? {}))
    if (capability?.requested !== undefined) checkCapability(world, name as CapabilityName, capability.requested);
  const { controller, userOnboards } = world.state;
  const { date, ip, user_agent } = told.tos_acceptance ?? {};
  if (controller.requirementCollection === "stripe" && [date, ip, user_agent].some((given) => given !== undefined))
    throw apiError("terms_of_service_own", { account: world.row.id, param: "tos_acceptance" });
  const said = SAID_BY_USER.find((param) => told[param] !== undefined);
  if (controller.requirementCollection === "stripe" && userOnboards && said !== undefined)
    throw apiError("said_by_user", { account: world.row.id, param: said });
}

/** Throws when a call sets a person or a company of an account whose business type is unknown. */
export function checkKindIsKnown({ state }: AccountWorld, told: AccountChange): void {
  if ((told.business_type ?? state.given.business_type ?? null) !== null) return;
  for (const param of ["individual", "company"] as const) if (told[param] !== undefined) throw apiError("business_type_missing", { param });
}

function checkCapability({ row, state }: AccountWorld, name: CapabilityName, requested: boolean): void {
  const param = `capabilities[${name}][requested]`;
  const known = hashOf(state.given.capabilities)[name];
  const isRequested = isHash(known) && known.requested === true;
  if (requested && !isRequested && state.controller.dashboard === "full" && !state.configured.made && !REQUESTED_FOR_IT.has(name))
    throw apiError("capability_requested_for_it", { account: row.id, capability: name, param });
  const granted = state.review.granted.includes(name) || (state.exempt && state.derived.capabilities[name]?.status === "active");
  if (!requested && granted && !GIVEN_BACK.has(name)) throw apiError("capability_granted", { account: row.id, capability: name, param });
}
