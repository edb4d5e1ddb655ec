import { hashOf } from "../../../operations/merge-change.ts";
import { type AccountWorld, externalAccountsIn } from "../state/account-world.ts";
import type { CapabilityName } from "../state/capabilities.ts";
import type { Person } from "../state/person-state.ts";
import type { AccountReview, Asked, Demand, Judgement, Stops, WrongValue } from "../state/review.ts";
import { GIVEN_AS, isGiven } from "./given-field.ts";
import { COMPANY_DOCUMENT, PERSON_DOCUMENT } from "./judge.ts";
import { nameOf, type RequiredField, requestedCapabilities, requiredFields, rolesOf, rulesOf } from "./required-fields.ts";
import { runChecks, type Timing, type Verified } from "./run-checks.ts";

/** A requirement and its status. */
export interface Requirement extends RequiredField {
  state: "met" | "missing" | "wrong" | "pending";
  /** What is wrong with it. */
  fault: WrongValue | null;
  /** Its deadline; null when it is not due yet, or has been given. */
  asked: Asked | null;
  /** What is waiting for its verification. */
  waits: Stops;
}

/** All requirements of an account, with their status. */
export interface Assessment {
  /** In alphabetical order. Each name occurs once. */
  requirements: readonly Requirement[];
  account: Verified<AccountReview>;
  /** By the person's id. */
  people: ReadonlyMap<string, Verified>;
  /** Future requirements, and when they apply. */
  future: readonly { name: string; field: string; person: Person | null; from: number }[];
}

/** The current time, the duration of a verification, and the grace period of new requirements. */
export interface AssessmentTiming extends Timing {
  requirementGraceMs: number;
}

/** Derives the status of all requirements of an account. Pure. */
export function assessRequirements(world: AccountWorld, timing: AssessmentTiming): Assessment {
  const tables = requiredFields(world);
  const people = new Map(world.persons.map((person) => [person.row.id, runChecks(personSubject(world, person, tables), timing)]));
  const account = runChecks(accountSubject(world, tables), timing);
  const all = new Map(tables.map((required) => [required.name, required]));
  const future: Assessment["future"][number][] = [];
  const everything = requestedCapabilities(world);

  for (const [person, verified] of subjects(world, account, people)) {
    const include = (field: string) => {
      const name = person === null ? field : nameOf(world, person, field);
      const known = all.get(name) ?? { name, person, field, neededBy: everything, eventually: false, afterFirst: false };
      all.set(name, { ...known, eventually: false, afterFirst: false });
    };
    for (const field of verified.faults.keys()) include(field);
    for (const field of [...verified.pending, ...verified.awaited]) {
      const name = person === null ? field : nameOf(world, person, field);
      if (!all.has(name) && listsPending(world, { name, person }, verified)) include(field);
    }
    for (const [field, { from }] of Object.entries(verified.review.demands))
      if (from <= timing.now) include(field);
      else future.push({ name: person === null ? field : nameOf(world, person, field), field, person, from });
  }
  const requirements = [...all.values()].map((required) => {
    const verified = required.person === null ? account : people.get(required.person.row.id);
    if (verified === undefined) throw new Error(`Nobody has looked at the person of ${required.name}.`);
    return assess(world, required, { verified, timing });
  });
  return { requirements: told(requirements).sort(byName), account, people, future };
}

const byName = (one: Requirement, other: Requirement): number => (one.name < other.name ? -1 : 1);

/**
 * Whether a field is listed while it is verified. Where accounts keep working meanwhile, fields that nobody asked a
 * person for are not listed.
 */
function listsPending(world: AccountWorld, { name, person }: Pick<RequiredField, "name" | "person">, verified: Verified): boolean {
  return person === null || rulesOf(world).underVerification !== null || name in world.state.review.asked || mendsIdentity(verified);
}

/** Whether a document is being checked because of an earlier fault. */
function mendsIdentity({ pending }: Verified): boolean {
  return [...pending].some((field) => IDENTITY_FIELD.test(field));
}

/** All requirements except hidden ones. */
function told(requirements: readonly Requirement[]): Requirement[] {
  const first = requirements.filter(({ state, eventually, afterFirst }) => state === "missing" && !eventually && !afterFirst);
  const waiting = new Set(first.map(({ person }) => person));
  return requirements.filter(({ person, state, afterFirst }) => !afterFirst || state !== "missing" || !waiting.has(person));
}

function* subjects(world: AccountWorld, account: Verified, people: ReadonlyMap<string, Verified>): Generator<[Person | null, Verified]> {
  yield [null, account];
  for (const person of world.persons) {
    const verified = people.get(person.row.id);
    if (verified !== undefined) yield [person, verified];
  }
}

function assess(
  world: AccountWorld,
  required: RequiredField,
  { verified, timing }: { verified: Verified; timing: AssessmentTiming },
): Requirement {
  const { review } = world.state;
  const { name, field, person } = required;
  const demand = verified.review.demands[field];
  const inForce = demand !== undefined && demand.from <= timing.now ? demand : undefined;
  const fault = verified.faults.get(field) ?? null;
  const state = stateOf();
  const eventually = required.eventually && !review.thresholdCrossed;
  const waits = verified.awaited.has(field) && !verified.pending.has(field) ? (rulesOf(world).underVerification?.stops ?? "both") : "both";
  const { neededBy, afterFirst } = required;
  const shown = state === "wrong" ? fault : null;
  return { name, person, field, neededBy, eventually, afterFirst, state, fault: shown, asked: asked(review.asked[name] ?? null), waits };

  function stateOf(): Requirement["state"] {
    const there = person === null ? isThere(world, field) : isGiven(person.state.given, field);
    const replacesIdentity = required.afterFirst && field === PERSON_DOCUMENT;
    if (verified.pending.has(field) && there) return replacesIdentity && !listsPending(world, required, verified) ? "met" : "pending";
    if (fault !== null) return "wrong";
    if (inForce?.given === false) return "missing";
    if (verified.awaited.has(field)) return "pending";
    if (replacesIdentity && verified.status === "verified") return "met";
    return there ? "met" : "missing";
  }

  function asked(before: Asked | null): Asked | null {
    if (state === "met" || eventually) return null;
    if (state === "pending") return before;
    const stops = fault?.stops ?? before?.stops ?? (field === "external_account" ? "payouts" : "both");
    return { deadline: before?.deadline ?? deadlineOf(inForce), stops };
  }

  /** Granted capabilities are kept for a while; others wait for all requirements. */
  function deadlineOf(demanded: Demand | undefined): number {
    if (demanded !== undefined) return demanded.deadline;
    const granted = review.granted.some((one) => required.neededBy.includes(one as CapabilityName));
    return granted && field !== "external_account" ? timing.now + timing.requirementGraceMs : timing.now;
  }
}

const IDENTITY_FIELD = /^(address\.|dob\.|first_name$|last_name$|id_number$|ssn_last_4$)/;
const COMPANY_FIELD = /^company\.(address\.|name$|tax_id$)/;

function personSubject(world: AccountWorld, { row, state }: Person, tables: readonly RequiredField[]) {
  const identity = tables.filter(({ person, field, eventually }) => person?.row.id === row.id && !eventually && IDENTITY_FIELD.test(field));
  const { underVerification, verifiesOpenly } = rulesOf(world);
  const { shows = [], showsWithNumber = [] } = underVerification ?? {};
  return {
    review: state.review,
    given: state.given,
    identity: identity.map(({ field }) => field),
    shows: state.given.id_number_provided === true ? [...shows, ...showsWithNumber] : shows,
    openly: verifiesOpenly,
    document: PERSON_DOCUMENT,
  };
}

function accountSubject({ state, persons }: AccountWorld, tables: readonly RequiredField[]) {
  const identity = tables.filter(({ person, field }) => person === null && COMPANY_FIELD.test(field)).map(({ field }) => field);
  const people: [string, Judgement][] = persons.flatMap((person) =>
    rolesOf(person).flatMap((role): [string, Judgement][] => {
      const judgement = role === "director" || role === "owner" ? person.state.review.judgements[role] : undefined;
      return judgement === undefined ? [] : [[`${person.row.id}:${role}`, judgement]];
    }),
  );
  return {
    review: state.review,
    given: state.given,
    identity,
    shows: rulesOf({ state }).underVerification?.stops === "both" ? identity : [],
    openly: true,
    document: COMPANY_DOCUMENT,
    people: {
      judgements: people.map(([, judgement]) => judgement),
      key: people.map(([key, { finding }]) => `${key}:${finding.kind === "wrong" ? finding.code : finding.kind}`).join(" "),
    },
  };
}

/** The company's confirmations, for each role that must be filled. */
const CONFIRMATION: Readonly<Record<string, string>> = {
  director: "directors_provided",
  executive: "executives_provided",
  owner: "owners_provided",
};

const RELATIONSHIP = "relationship.";

function isThere(world: AccountWorld, field: string): boolean {
  const { given } = world.state;
  if (field === "external_account") return canBePaidOut(world);
  if (field === "business_profile.url") return isGiven(given, field) || isGiven(given, "business_profile.product_description");
  if (!field.startsWith(RELATIONSHIP)) return isGiven(given, GIVEN_AS[field] ?? field);
  const role = field.slice(RELATIONSHIP.length);
  const confirmation = CONFIRMATION[role];
  if (confirmation !== undefined && hashOf(given.company)[confirmation] === true) return true;
  return world.persons.some((person) => (rolesOf(person) as string[]).includes(role));
}

/** Whether there is a payout destination, and payouts to the account's own choice have not failed. */
function canBePaidOut(world: AccountWorld): boolean {
  const accounts = externalAccountsIn(world, world.state.livemode);
  const chosen = accounts.filter(({ state }) => state.defaultForCurrency);
  return accounts.length > 0 && (chosen.length > 0 ? chosen : accounts).every(({ state }) => state.status === "new");
}
