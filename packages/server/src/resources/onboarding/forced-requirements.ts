import { apiError } from "@carabiner/protocol";
import type { OperationContext, Resource } from "../../operations/operation.ts";
import { choice, flag, optional, params, text, timestamp } from "../../operations/parameters.ts";
import { testHelper } from "../../operations/test-helper.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { othersAccount } from "../access/accessible-account.ts";
import { changeAccountWorld } from "../account-changes/change-account-world.ts";
import { renderAccountWorld } from "../connected-account/rendering/render-account.ts";
import { ERROR_CODES } from "../connected-account/requirements/error-reasons.ts";
import { failedNow, hasBegun, verifiedNow } from "../connected-account/requirements/forced-verification.ts";
import { isGiven } from "../connected-account/requirements/given-field.ts";
import { COMPANY_DOCUMENT, PERSON_DOCUMENT } from "../connected-account/requirements/judge.ts";
import { individualOf, nameOf } from "../connected-account/requirements/required-fields.ts";
import { crossThreshold, THRESHOLDS } from "../connected-account/requirements/thresholds.ts";
import { type AccountWorld, readAccountWorld } from "../connected-account/state/account-world.ts";
import type { Person } from "../connected-account/state/person-state.ts";
import type { RequirementErrorCode, Review } from "../connected-account/state/review.ts";
import { allVerified, completeOnboarding } from "./complete-onboarding.ts";
import { namedRequirement, withReview } from "./named-requirement.ts";

/**
 * Test helpers for an account's requirements. They replace decisions by Stripe, by its verification, and by the
 * platform's staff.
 */
export const forcedRequirements: Resource = {
  object: "test_helpers.requirement",
  expandable: {},
  operations: [
    testHelper({
      method: "POST",
      path: "/v1/test_helpers/accounts/:account/requirements",
      params: params({
        /** The name in the account's `requirements`. */
        requirement: text(500),
        /** When it is past due; now by default. */
        due_at: optional(timestamp()),
        /** When it stops being a future requirement; by default it is current at once. */
        from: optional(timestamp()),
      }),
      run: (context, { requirement, due_at, from }, { account = "" }) =>
        change(context, account, (world) => {
          const named = namedRequirement(world, requirement);
          if (named === null) throw unknownRequirement(world, requirement);
          const since = from === undefined ? context.now : from * 1_000;
          const deadline = due_at === undefined ? since : due_at * 1_000;
          const demand = { from: since, deadline: Math.max(deadline, since), given: false };
          return withReview(world, named.person, (review) => ({
            ...review,
            demands: { ...review.demands, [named.field]: demand },
          }));
        }),
    }),
    testHelper({
      method: "POST",
      path: "/v1/test_helpers/accounts/:account/verification",
      params: params({
        outcome: choice(["failed", "verified"]),
        /**
         * The person. By default `verified` applies to everyone and everything, and `failed` to the individual or the
         * company.
         */
        person: optional(text(100)),
        /** The field to ask for again; a document by default. */
        requirement: optional(text(500)),
        code: optional(choice(ERROR_CODES)),
      }),
      run: (context, { outcome, person: id, requirement, code }, { account = "" }) =>
        change(context, account, (world) => {
          const person = id === undefined ? null : personOf(world, id);
          if (outcome === "failed") return failed(world, { person, requirement, code, now: context.now });
          if (person === null) {
            mustHaveBegun([world.state.review, ...world.persons.map(({ state }) => state.review)], world.row.id);
            return allVerified(world, context.now);
          }
          mustHaveBegun([person.state.review], person.row.id);
          return withReview(world, person, (review) => verifiedNow(review, context.now));
        }),
    }),
    testHelper({
      method: "POST",
      path: "/v1/test_helpers/accounts/:account/complete_onboarding",
      params: params({
        business_type: optional(choice(["company", "government_entity", "individual", "non_profit"])),
        /** Whether verifications complete with the call or take their usual time. */
        verification: optional(choice(["delayed", "immediate"])),
      }),
      run: (context, { business_type, verification }, { account = "" }) =>
        change(context, account, (world) =>
          completeOnboarding(context, world, { businessType: business_type ?? "individual", verified: verification !== "delayed" }),
        ),
    }),
    testHelper({
      method: "POST",
      path: "/v1/test_helpers/accounts/:account/threshold",
      params: params({ crosses: choice(THRESHOLDS) }),
      run: (context, { crosses }, { account = "" }) => change(context, account, (world) => crossThreshold(world, crosses, context.now)),
    }),
    testHelper({
      method: "POST",
      path: "/v1/test_helpers/accounts/:account/pause",
      params: params({ payments: optional(flag()), payouts: optional(flag()) }),
      run: (context, { payments, payouts }, { account = "" }) =>
        change(context, account, (world) => {
          const { review } = world.state;
          const { pause: before } = review;
          const { id } = context.caller;
          const by = { ...before.by, ...(payments === true ? { payments: id } : {}), ...(payouts === true ? { payouts: id } : {}) };
          const pause = { payments: payments ?? before.payments, payouts: payouts ?? before.payouts, by };
          return { ...world, state: { ...world.state, review: { ...review, pause } } };
        }),
    }),
  ],
};

async function change(
  context: OperationContext,
  id: string,
  changed: (world: AccountWorld) => AccountWorld | Promise<AccountWorld>,
): Promise<JsonObject> {
  const world = await readAccountWorld(context.tx, await othersAccount(context, id), context.limits);
  return renderAccountWorld(context, await changeAccountWorld(context, world, await changed(world)));
}

interface Failure {
  person: Person | null;
  requirement: string | undefined;
  code: RequirementErrorCode | undefined;
  now: number;
}

function failed(world: AccountWorld, { person, requirement, code, now }: Failure): AccountWorld {
  const subject = person ?? individualOf(world) ?? null;
  const name = requirement ?? (subject === null ? COMPANY_DOCUMENT : nameOf(world, subject, PERSON_DOCUMENT));
  const named = namedRequirement(world, name);
  if (named === null || (person !== null && named.person?.row.id !== person.row.id)) throw unknownRequirement(world, name);
  const { given, review: reviewed } = named.person?.state ?? world.state;
  if (!isGiven(given, named.field)) mustHaveBegun([reviewed], named.person?.row.id ?? world.row.id);
  const fault = {
    kind: "wrong" as const,
    code: code ?? (named.person === null ? "verification_failed_keyed_match" : "verification_failed_keyed_identity"),
    fields: [named.field],
    stops: "both" as const,
  };
  return withReview(world, named.person, (review) => failedNow(review, { fault, field: named.field, now }));
}

function personOf(world: AccountWorld, id: string): Person {
  const person = world.persons.find(({ row }) => row.id === id);
  if (person === undefined) throw apiError("resource_missing", { object: "person", id, param: "person" });
  return person;
}

function mustHaveBegun(reviews: readonly Review[], subject: string): void {
  if (!reviews.some(hasBegun)) throw apiError("verification_not_begun", { subject, reason: "what it rests on has not all been given" });
}

function unknownRequirement({ row }: AccountWorld, value: string) {
  return apiError("requirement_unknown", { value, account: row.id, param: "requirement" });
}
