import type Stripe from "stripe";
import { seconds } from "../../../operations/time-range.ts";
import type { Requirement } from "./assess-requirements.ts";
import { ERROR_REASONS } from "./error-reasons.ts";

/** What of the requirements of an account, a capability or a person does not depend on whose they are. */
export interface RequirementLists {
  alternatives: Stripe.Account.Requirements.Alternative[];
  current_deadline: number | null;
  currently_due: string[];
  errors: Stripe.Account.Requirements.Error[];
  eventually_due: string[];
  past_due: string[];
  pending_verification: string[];
}

/** A set of fields that another set stands in for. */
export interface Alternative {
  original: readonly string[];
  alternative: readonly string[];
}

/**
 * Requirements as answers list them, in alphabetical order. `label` says by what name; `now` is in Unix milliseconds.
 * Source: https://docs.stripe.com/api/accounts/object#account_object-requirements
 */
export function requirementLists(
  requirements: readonly Requirement[],
  alternatives: readonly Alternative[],
  { now, label }: { now: number; label: (requirement: Requirement) => string },
): RequirementLists {
  const due = requirements.filter(isDue);
  const names = (of: readonly Requirement[]) => [...new Set(of.map(label))].sort();
  const currentlyDue = names(due);
  const deadlines = due.flatMap(({ asked }) => (asked !== null && asked.deadline > now ? [asked.deadline] : []));
  return {
    alternatives: alternatives
      .filter(({ original }) => original.every((field) => currentlyDue.includes(field)))
      .map(({ original, alternative }) => ({
        alternative_fields_due: [...alternative].sort(),
        original_fields_due: [...original].sort(),
      })),
    current_deadline: deadlines.length === 0 ? null : seconds(Math.min(...deadlines)),
    currently_due: currentlyDue,
    errors: due
      .flatMap((one) =>
        one.fault === null ? [] : [{ code: one.fault.code, reason: ERROR_REASONS[one.fault.code], requirement: label(one) }],
      )
      .sort((one, other) => (one.requirement < other.requirement ? -1 : 1)),
    eventually_due: names(requirements.filter(isUnmet)),
    past_due: names(due.filter((one) => isPastDue(one, now))),
    pending_verification: names(requirements.filter(({ state }) => state === "pending")),
  };
}

/** Whether something is to be given, now or later. */
function isUnmet({ state }: Requirement): boolean {
  return state === "missing" || state === "wrong";
}

/** Whether something is to be given now. */
export function isDue(requirement: Requirement): boolean {
  return isUnmet(requirement) && !requirement.eventually;
}

/** Whether something should have been given by now; while it is verified as well, after it was. */
export function isPastDue({ asked }: Requirement, now: number): boolean {
  return asked !== null && asked.deadline <= now;
}
