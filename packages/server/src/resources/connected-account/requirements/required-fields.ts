import { hashOf, isHash } from "../../../operations/merge-change.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import type { AccountState } from "../state/account-state.ts";
import type { AccountWorld } from "../state/account-world.ts";
import { CAPABILITIES, type CapabilityName } from "../state/capabilities.ts";
import { isRecipient } from "../state/payout-schedule.ts";
import type { Person } from "../state/person-state.ts";
import { type CapabilityRequirements, capabilityRequirements, OF_EVERY_ACCOUNT } from "./capability-requirements.ts";
import {
  type CompanyType,
  type CountryRequirements,
  countryRequirements,
  type PersonRole,
  type RequirementStages,
} from "./country-requirements.ts";
import { ENFORCES_FUTURE } from "./magic-values.ts";

/** A requirement of an account. */
export interface RequiredField {
  /** Its full name, as the account's `requirements` contain it. */
  name: string;
  /** Its owner: one of the account's persons, or the account itself. */
  person: Person | null;
  /** Its name within the person or the account. */
  field: string;
  /** The capabilities that need it; empty when it belongs only to the account. */
  neededBy: readonly CapabilityName[];
  /** Whether it is required only after a threshold is crossed. */
  eventually: boolean;
  /** Whether it stays hidden until the person's first requirements are met. */
  afterFirst: boolean;
}

/** The data that says which capabilities are requested. */
interface Known {
  state: Pick<AccountState, "configured" | "controller" | "given">;
}

/** The capabilities that an account requested, or has by default. */
export function requestedCapabilities({ state }: Known): CapabilityName[] {
  const asked = hashOf(state.given.capabilities);
  const { applied, made } = state.configured;
  const byItself = state.controller.dashboard === "full" && !made;
  const requested = new Set<string>();
  if (byItself && applied.merchant !== false) requested.add("card_payments");
  if (byItself && applied.recipient !== false) requested.add("transfers");
  for (const [name, capability] of Object.entries(asked)) if (isHash(capability) && capability.requested === true) requested.add(name);
  return CAPABILITIES.filter((name) => requested.has(name));
}

/** The account's requirements according to the tables, unordered. Includes those already met. */
export function requiredFields(world: AccountWorld): RequiredField[] {
  if (isWithoutFunds(world)) return [];
  const found = new Map<string, FoundField>();
  const requested = requestedCapabilities(world);
  const rules = rulesOf(world);
  const add = (fields: readonly string[], by: CapabilityName | null, { person, eventually, afterFirst }: Added = FIRST) => {
    const prefix = person === null ? "" : prefixOf(world, person);
    for (const field of fields) {
      const name = prefix + field;
      const known = found.get(name);
      if (known === undefined) {
        found.set(name, { name, person, field, neededBy: by === null ? [] : [by], eventually, afterFirst });
        continue;
      }
      if (by !== null && known.neededBy.at(-1) !== by) known.neededBy.push(by);
      known.eventually &&= eventually;
      known.afterFirst &&= afterFirst;
    }
  };
  add(OF_EVERY_ACCOUNT, null);
  add(["external_account"], null);
  for (const capability of requested) {
    const needs = capabilityRequirements(capability);
    add(OF_EVERY_ACCOUNT, capability);
    add(needs.first, capability);
    if (world.state.controller.requirementCollection === "stripe") add(needs.collectedByStripe, capability);
    if (enforcesFuture(world)) add(rules.future, capability);
    addEntity(world, { rules, needs }, (fields, added) => add(fields, capability, added));
  }
  return [...found.values()];
}

/** A field while others may still add capabilities that need it. */
interface FoundField extends RequiredField {
  neededBy: CapabilityName[];
}

/** Whether v2 created the account, and it neither takes payments nor receives funds: at most it is a customer. */
export function isWithoutFunds(known: Known): boolean {
  const { applied, made } = known.state.configured;
  return made && applied.merchant !== true && applied.recipient !== true && requestedCapabilities(known).length === 0;
}

/** The table entry for an account's country and agreement. */
export function rulesOf({ state }: Pick<AccountWorld, "state">): CountryRequirements {
  return countryRequirements(state.country, isRecipient(state.given) ? "recipient" : "full");
}

type Added = Pick<RequiredField, "person" | "eventually" | "afterFirst">;
type Add = (fields: readonly string[], added?: Added) => void;
const FIRST: Added = { person: null, eventually: false, afterFirst: false };
const LATER: Added = { ...FIRST, eventually: true };
const AFTER_FIRST: Added = { ...LATER, afterFirst: true };

/** The requirements of an account's individual, or of the company and its persons. */
function addEntity(world: AccountWorld, { rules, needs }: { rules: CountryRequirements; needs: CapabilityRequirements }, add: Add): void {
  const type = world.state.given.business_type as CompanyType | "individual" | undefined;
  const addPerson = (person: Person, { first, later = [], eventually = [] }: RequirementStages, also: readonly string[] = []) => {
    add([...first, ...also], { ...FIRST, person });
    add(later, { ...LATER, person });
    add(eventually, { ...AFTER_FIRST, person });
  };
  const addUnknown = (prefix: string, { first, later = [] }: RequirementStages, also: readonly string[] = []) => {
    add(prefixed(prefix, [...first, ...also]));
    add(prefixed(prefix, later), LATER);
  };
  const individual = individualOf(world);
  if (type === "individual" || (type === undefined && individual !== undefined)) {
    if (individual === undefined) addUnknown("individual", rules.individual, needs.ofIndividual);
    else addPerson(individual, rules.individual, needs.ofIndividual);
    return;
  }
  if (type === undefined) {
    const representative = world.persons.find((person) => rolesOf(person).includes("representative"));
    if (representative === undefined) add(prefixed("representative", UNTYPED));
    else add(UNTYPED, { ...FIRST, person: representative });
    return;
  }
  add(rules.company.first);
  add(rules.company.later ?? [], LATER);
  for (const role of rules.roles[type]) addRole(world, role, rules.people[role], { add, addUnknown });
  for (const person of world.persons) for (const role of rolesOf(person)) addPerson(person, rules.people[role]);
}

/**
 * The company's confirmation that all persons of a role were named. Representatives need no confirmation, because there
 * is only one.
 */
const CONFIRMATIONS = { owner: "owners_provided", director: "directors_provided", executive: "executives_provided" } as const;

/**
 * A role that must be filled. The company has to name a person if there is none, and to confirm that there are no
 * others.
 */
function addRole(
  world: AccountWorld,
  role: PersonRole,
  asked: RequirementStages,
  { add, addUnknown }: { add: Add; addUnknown: (prefix: string, asked: RequirementStages) => void },
): void {
  const named = world.persons.some((person) => rolesOf(person).includes(role));
  if (role === "representative") {
    if (!named) addUnknown("representative", asked);
    return;
  }
  add([`company.${CONFIRMATIONS[role]}`]);
  if (!named && hashOf(world.state.given.company)[CONFIRMATIONS[role]] !== true) addUnknown(`${role}s`, asked);
}

/** The requirements of a representative while the business type is unknown. */
const UNTYPED = ["dob.day", "dob.month", "dob.year", "email", "first_name", "last_name"];

function prefixed(prefix: string, fields: readonly string[]): string[] {
  return fields.map((field) => `${prefix}.${field}`);
}

/** The individual of an account, if it is one. */
export function individualOf({ persons, state }: Pick<AccountWorld, "persons" | "state">): Person | undefined {
  const { business_type: type } = state.given;
  if (type !== undefined && type !== "individual") return undefined;
  return persons.find(({ row }) => row.id === state.individualId);
}

/** A person's field as the account's `requirements` name it. */
export function nameOf(world: AccountWorld, person: Person, field: string): string {
  return prefixOf(world, person) + field;
}

function prefixOf(world: AccountWorld, person: Person): string {
  return individualOf(world)?.row.id === person.row.id ? "individual." : `${person.row.id}.`;
}

const ROLES: readonly PersonRole[] = ["representative", "owner", "director", "executive"];

/** A person's roles in the company. */
export function rolesOf({ state }: Person): PersonRole[] {
  const relationship: JsonObject = hashOf(state.given.relationship);
  return ROLES.filter((role) => relationship[role] === true);
}

function enforcesFuture({ state }: AccountWorld): boolean {
  const { email } = state.given;
  return !state.livemode && typeof email === "string" && email.includes(ENFORCES_FUTURE);
}
