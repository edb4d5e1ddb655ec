import type Stripe from "stripe";
import { seconds } from "../../../operations/time-range.ts";
import type { Requirement } from "./assess-requirements.ts";
import { ERROR_REASONS } from "./error-reasons.ts";

/** The part of the requirements that accounts, capabilities and persons share. */
export interface RequirementLists {
  alternatives: Stripe.Account.Requirements.Alternative[];
  current_deadline: number | null;
  currently_due: string[];
  errors: Stripe.Account.Requirements.Error[];
  eventually_due: string[];
  past_due: string[];
  pending_verification: string[];
}

/** A set of fields with an alternative set. */
export interface Alternative {
  original: readonly string[];
  alternative: readonly string[];
}

/**
 * Requirements as responses list them, in their order, which is alphabetical. `label` returns their names; `now` is in
 * Unix milliseconds.
 * Source: https://docs.stripe.com/api/accounts/object#account_object-requirements
 */
export function requirementLists(
  requirements: readonly Requirement[],
  alternatives: readonly Alternative[],
  { now, label }: { now: number; label: (requirement: Requirement) => string },
): RequirementLists {
  const due = requirements.filter(isDue);
  const names = (of: readonly Requirement[]) => of.map(label);
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
    errors: due.flatMap((one) =>
      one.fault === null ? [] : [{ code: one.fault.code, reason: ERROR_REASONS[one.fault.code], requirement: label(one) }],
    ),
    eventually_due: names(requirements.filter(isUnmet)),
    past_due: names(due.filter((one) => isPastDue(one, now))),
    pending_verification: names(requirements.filter(({ state }) => state === "pending")),
  };
}

/** Whether a requirement is unmet, now or later. */
function isUnmet({ state }: Requirement): boolean {
  return state === "missing" || state === "wrong";
}

/** Whether a requirement is currently due. */
export function isDue(requirement: Requirement): boolean {
  return isUnmet(requirement) && !requirement.eventually;
}

/** Whether a requirement is past due. It still counts as past due while it is verified after its deadline. */
export function isPastDue({ asked }: Requirement, now: number): boolean {
  return asked !== null && asked.deadline <= now;
}
