import type { CapabilityDerived } from "../connected-account/state/derived.ts";

/** The parts of an account's requirements that may be new to a capability. */
type Lists = Pick<CapabilityDerived["requirements"], "currently_due" | "eventually_due" | "past_due" | "errors">;

/**
 * Whether a capability gets an event: its status changed, or it has a new requirement. When it merely needs less than
 * before, only the account gets an event.
 * Source: https://docs.stripe.com/api/events/types (capability.updated)
 */
export function hasNews(was: CapabilityDerived, is: CapabilityDerived): boolean {
  return (
    was.status !== is.status ||
    was.requested !== is.requested ||
    was.requirements.disabled_reason !== is.requirements.disabled_reason ||
    asksForMore(was.requirements, is.requirements) ||
    asksForMore(was.futureRequirements, is.futureRequirements)
  );
}

function asksForMore(was: Lists, is: Lists): boolean {
  const lists = ["currently_due", "eventually_due", "past_due"] as const;
  return (
    lists.some((list) => is[list].some((field) => !was[list].includes(field))) ||
    is.errors.some(({ requirement, code }) => !was.errors.some((known) => known.requirement === requirement && known.code === code))
  );
}
