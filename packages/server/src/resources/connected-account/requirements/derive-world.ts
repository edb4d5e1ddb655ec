import type Stripe from "stripe";
import type { Limits } from "../../../limits.ts";
import { isHash } from "../../../operations/merge-change.ts";
import { seconds } from "../../../operations/time-range.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import type { AccountWorld } from "../state/account-world.ts";
import { type AccountDerived, type DocumentDerived, nothingDue, type PersonDerived, underivedAccount } from "../state/derived.ts";
import { e164 } from "../state/e164.ts";
import type { Person } from "../state/person-state.ts";
import type { AccountReview, WrongValue } from "../state/review.ts";
import { type Assessment, assessRequirements, type Requirement } from "./assess-requirements.ts";
import { accountDisabledReason, deriveCapabilities, type Standing, standingOf } from "./derive-capabilities.ts";
import { ERROR_REASONS } from "./error-reasons.ts";
import { COMPANY_DOCUMENT, PERSON_DOCUMENT } from "./judge.ts";
import { nameOf, requestedCapabilities } from "./required-fields.ts";
import { type Alternative, isDue, requirementLists } from "./requirement-lists.ts";
import type { Verified } from "./run-checks.ts";

/** A world with its derived state, and when it next changes on its own. */
export interface DerivedWorld {
  world: AccountWorld;
  /** Unix milliseconds: a verification ends, or a deadline passes. Null when nothing is pending. */
  nextChangeAt: number | null;
}

/** Durations and deadlines. */
export type DeriveLimits = Pick<Limits, "verificationMs" | "requirementGraceMs">;

/**
 * Derives an account's state from all known data: the requirements of the account and its persons, its active
 * capabilities, and whether charges and payouts are enabled. Pure: `now` is in Unix milliseconds. In the result,
 * verifications that can start have started. Deriving again from the result gives the same result.
 */
export function deriveWorld(told: AccountWorld, now: number, { verificationMs, requirementGraceMs }: DeriveLimits): DerivedWorld {
  const world = withPhones(told);
  if (world.state.exempt) return { world: withDerived(world, exempted(world)), nextChangeAt: null };
  const assessment = assessRequirements(world, { now, verificationMs, requirementGraceMs });
  const standing = standingOf(world, assessment, now);
  const asked = Object.fromEntries(assessment.requirements.flatMap(({ name, asked: one }) => (one === null ? [] : [[name, one]])));
  const review: AccountReview = { ...assessment.account.review, asked, granted: standing.granted };
  const persons = world.persons.map((person) => derivePerson(person, { assessment, now }));
  const derived = deriveAccount(world, { assessment, standing, now });
  return {
    world: { ...world, persons, state: { ...world.state, review, derived } },
    nextChangeAt: nextChange(assessment, now),
  };
}

/** The world with normalized telephone numbers. */
function withPhones(world: AccountWorld): AccountWorld {
  const { country, given } = world.state;
  const inE164 = (of: JsonObject): JsonObject => (typeof of.phone === "string" ? { ...of, phone: e164(of.phone, country) } : of);
  return {
    ...world,
    persons: world.persons.map((person) => {
      const shown = inE164(person.state.given);
      return shown.phone === person.state.given.phone ? person : { ...person, state: { ...person.state, given: shown } };
    }),
    state: isHash(given.company) ? { ...world.state, given: { ...given, company: inE164(given.company) } } : world.state,
  };
}

function nextChange({ requirements, account, people, future }: Assessment, now: number): number | null {
  const moments = [
    account.nextEnd,
    ...[...people.values()].map(({ nextEnd }) => nextEnd),
    ...future.map(({ from }) => from),
    ...requirements.flatMap(({ asked }) => (asked !== null && asked.deadline > now ? [asked.deadline] : [])),
  ];
  const next = Math.min(...moments);
  return Number.isFinite(next) ? next : null;
}

interface Known {
  assessment: Assessment;
  standing: Standing;
  now: number;
}

function deriveAccount(world: AccountWorld, { assessment, standing, now }: Known): AccountDerived {
  const { requirements, future } = assessment;
  const alternatives = alternativesOf(world, assessment);
  const lists = (of: readonly Requirement[]) => requirementLists(of, alternatives, { now, label: ({ name }) => name });
  const capabilities = deriveCapabilities(world, { assessment, standing, now, lists });
  const { payoutsEnabled } = standing;
  const chargesEnabled = canCharge(world, standing, capabilities);
  return {
    chargesEnabled,
    payoutsEnabled,
    detailsSubmitted: world.state.derived.detailsSubmitted || allSubmitted(world, requirements),
    requirements: {
      ...lists(requirements),
      disabled_reason: accountDisabledReason(world, { assessment, standing, capabilities, now }),
    },
    futureRequirements: futureLists(future),
    capabilities,
    companyDocument: documentOf(assessment.account.faults.get(COMPANY_DOCUMENT)),
  };
}

/**
 * Whether charges are enabled: the account has an active capability that takes payments. If it did not request such a
 * capability, any active capability enables charges, as on Stripe for recipients of transfers.
 */
function canCharge({ state }: AccountWorld, { requested, takesPayments }: Standing, capabilities: AccountDerived["capabilities"]): boolean {
  const payments = requested.filter(takesPayments);
  const bearing = payments.length > 0 || state.review.pause.payments ? payments : requested;
  return bearing.some((name) => capabilities[name]?.status === "active");
}

/**
 * Whether an account has ever met its first requirements, if it had any. A company whose platform collects its
 * requirements may give a bank account later.
 */
function allSubmitted({ state }: AccountWorld, requirements: readonly Requirement[]): boolean {
  const mayComeLater = state.controller.requirementCollection === "application" && state.given.business_type !== "individual";
  return (
    requirements.length > 0 &&
    requirements.every((one) => one.state !== "missing" || !isDue(one) || (mayComeLater && one.field === "external_account"))
  );
}

function derivePerson(person: Person, { assessment, now }: Pick<Known, "assessment" | "now">): Person {
  const verified = assessment.people.get(person.row.id);
  if (verified === undefined) throw new Error(`Nobody has looked at ${person.row.id}.`);
  const own = assessment.requirements.filter((one) => one.person?.row.id === person.row.id);
  const alternatives = documentAlternative(verified, PERSON_DOCUMENT, (field) => field);
  const { current_deadline: _, ...lists } = requirementLists(own, alternatives, { now, label: ({ field }) => field });
  const {
    current_deadline: __,
    disabled_reason: ___,
    ...future
  } = futureLists(assessment.future.filter((one) => one.person?.row.id === person.row.id).map((one) => ({ ...one, name: one.field })));
  const derived: PersonDerived = {
    requirements: lists,
    futureRequirements: future,
    verification: { ...verificationDetails(verified), status: verified.status },
    document: documentOf(verified.faults.get(PERSON_DOCUMENT)),
    additionalDocument: documentOf(verified.faults.get("verification.additional_document")),
  };
  return { ...person, state: { ...person.state, review: verified.review, derived } };
}

/**
 * Why a person is not verified, in the terms of the person's own field.
 * Source: https://docs.stripe.com/api/persons/object
 */
function verificationDetails({ faults, mendedByDocument, status }: Verified): Pick<Stripe.Person.Verification, "details" | "details_code"> {
  if (status !== "unverified") return { details: null, details_code: null };
  const document = faults.get(PERSON_DOCUMENT);
  const keyed = mendedByDocument.map((field) => faults.get(field)).find((fault) => fault !== undefined);
  const fault = document ?? keyed ?? [...faults.values()][0];
  if (fault === undefined) return { details: null, details_code: null };
  const code = DOCUMENT_CODES.has(fault.code)
    ? fault.code.replace("verification_", "")
    : document === undefined
      ? "failed_keyed_identity"
      : "failed_other";
  return { details: ERROR_REASONS[fault.code], details_code: code };
}

const DOCUMENT_CODES: ReadonlySet<string> = new Set(
  ["address", "dob", "id_number", "name", "nationality"]
    .map((what) => `verification_document_${what}_mismatch`)
    .concat("verification_document_duplicate_type"),
);

function documentOf(fault: WrongValue | undefined): DocumentDerived {
  if (fault === undefined) return { details: null, details_code: null };
  return { details: ERROR_REASONS[fault.code], details_code: fault.code.replace("verification_", "") };
}

function alternativesOf(world: AccountWorld, { requirements, account, people }: Assessment): Alternative[] {
  const url = requirements.find(({ name }) => name === "business_profile.url");
  return [
    ...(url?.state === "missing" ? [{ original: ["business_profile.url"], alternative: ["business_profile.product_description"] }] : []),
    ...documentAlternative(account, COMPANY_DOCUMENT, (field) => field),
    ...world.persons.flatMap((person) => {
      const verified = people.get(person.row.id);
      return verified === undefined ? [] : documentAlternative(verified, PERSON_DOCUMENT, (field) => nameOf(world, person, field));
    }),
  ];
}

function documentAlternative({ mendedByDocument }: Verified, document: string, name: (field: string) => string): Alternative[] {
  return mendedByDocument.length === 0 ? [] : [{ original: mendedByDocument.map(name), alternative: [name(document)] }];
}

/** The future requirements, and when the first of them apply. */
function futureLists(future: readonly { name: string; from: number }[]) {
  const names = [...new Set(future.map(({ name }) => name))].sort();
  return {
    ...nothingDue(),
    currently_due: names,
    eventually_due: names,
    current_deadline: future.length === 0 ? null : seconds(Math.min(...future.map(({ from }) => from))),
  };
}

/** A platform of this server: it has no requirements, and everything is enabled unless it was rejected. */
function exempted(world: AccountWorld): AccountDerived {
  const { rejection } = world.state;
  const known = world.state.derived.capabilities;
  const status = rejection === null ? "active" : "inactive";
  return {
    ...underivedAccount(),
    capabilities: Object.fromEntries(
      requestedCapabilities(world).map((name) => [
        name,
        {
          requested: true,
          requestedAt: known[name]?.requestedAt ?? world.row.created,
          status,
          requirements: { ...nothingDue(), disabled_reason: rejection === null ? null : "rejected.other" },
          futureRequirements: nothingDue(),
        },
      ]),
    ),
    chargesEnabled: rejection === null,
    payoutsEnabled: rejection?.pausesPayouts !== true,
    detailsSubmitted: true,
    requirements: { ...nothingDue(), disabled_reason: rejection === null ? null : `rejected.platform_${rejection.reason}` },
  };
}

function withDerived(world: AccountWorld, derived: AccountDerived): AccountWorld {
  return { ...world, state: { ...world.state, derived } };
}
