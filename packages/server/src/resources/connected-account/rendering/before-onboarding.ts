import type Stripe from "stripe";
import { hashOf, isHash } from "../../../operations/merge-change.ts";
import { isGiven } from "../requirements/given-field.ts";
import type { AccountState } from "../state/account-state.ts";
import { type AccountWorld, externalAccountsIn } from "../state/account-world.ts";

/** What such an account shows as due, in order. */
const DUE = [
  "business_profile.product_description",
  "business_profile.support_phone",
  "business_profile.url",
  "email",
  "external_account",
  "tos_acceptance.date",
  "tos_acceptance.ip",
];

/** What an account shows instead of its real requirements. */
type Shown = Pick<Stripe.Account, "capabilities" | "requirements">;

/**
 * What a Standard account that a platform created shows until its user has submitted its details; null for any other.
 * It lists no capability, and little as due, whatever its business type, as recorded answers of version
 * 2026-06-24.dahlia show.
 */
export function shownBeforeOnboarding(world: AccountWorld): Shown | null {
  const { state } = world;
  const { derived, given } = state;
  if (!waitsForItsUser(state)) return null;
  const paid = externalAccountsIn(world, state.livemode).length > 0;
  const due = DUE.filter((field) => (field === "external_account" ? !paid : !isGiven(given, field)));
  return {
    capabilities: {},
    requirements: { ...derived.requirements, alternatives: [], currently_due: due, eventually_due: due, past_due: due },
  };
}

/**
 * Whether nothing has happened to it since its creation: no capability is requested, v2 has not configured it, and no
 * test helper demands more.
 */
function waitsForItsUser({ type, createdBy, configured, derived, given, review }: AccountState): boolean {
  if (type !== "standard" || createdBy === null || configured.made || derived.detailsSubmitted) return false;
  const requested = Object.values(hashOf(given.capabilities)).some((one) => isHash(one) && one.requested === true);
  return !requested && Object.keys(configured.applied).length === 0 && Object.keys(review.demands).length === 0;
}
