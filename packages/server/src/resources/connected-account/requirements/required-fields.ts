import { hashOf, isHash } from "../../../operations/merge-change.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
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

/** Something that is required of an account. */
export interface RequiredField {
  /** Its whole name, as the account's `requirements` have it. */
  name: string;
  /** Whose it is: one of the account's people, or the account itself. */
  person: Person | null;
  /** Its name within the person or the account. */
  field: string;
  /** For what; nothing where it is for the account alone. */
  neededBy: ReadonlySet<CapabilityName>;
  /** Whether it is required only once a threshold is crossed. */
  eventually: boolean;
  /** Whether nobody hears of it before all that is required at first of the same person is there. */
  afterFirst: boolean;
}

/** The capabilities an account has asked for, or has asked for it. */
export function requestedCapabilities({ state }: Pick<AccountWorld, "state">): CapabilityName[] {
  const asked = hashOf(state.given.capabilities);
  const requested = new Set<string>(state.controller.dashboard === "full" ? ["card_payments", "transfers"] : []);
  for (const [name, capability] of Object.entries(asked)) if (isHash(capability) && capability.requested === true) requested.add(name);
  return CAPABILITIES.filter((name) => requested.has(name));
}

/** What the tables require of an account, in no order. What was given already is among it. */
export function requiredFields(world: AccountWorld): RequiredField[] {
  const found = new Map<string, RequiredField>();
  const requested = requestedCapabilities(world);
  const rules = rulesOf(world);
  const add = (fields: readonly string[], by: CapabilityName | null, { person, ...when }: Added = FIRST) => {
    for (const field of fields) {
      const name = person === null ? field : nameOf(world, person, field);
      const known = found.get(name);
      const neededBy = new Set([...(known?.neededBy ?? []), ...(by === null ? [] : [by])]);
      const eventually = when.eventually && known?.eventually !== false;
      const afterFirst = when.afterFirst && known?.afterFirst !== false;
      found.set(name, { name, person, field, neededBy, eventually, afterFirst });
    }
  };
  add([...OF_EVERY_ACCOUNT, "external_account"], null);
  for (const capability of requested) {
    const needs = capabilityRequirements(capability);
    const collected = world.state.controller.requirementCollection === "stripe" ? needs.collectedByStripe : [];
    add([...OF_EVERY_ACCOUNT, ...needs.first, ...collected], capability);
    if (enforcesFuture(world)) add(rules.future, capability);
    addEntity(world, { rules, needs }, (fields, added) => add(fields, capability, added));
  }
  return [...found.values()];
}

/** What the tables say for an account's country and agreement. */
export function rulesOf({ state }: Pick<AccountWorld, "state">): CountryRequirements {
  return countryRequirements(state.country, isRecipient(state.given) ? "recipient" : "full");
}

type Added = Pick<RequiredField, "person" | "eventually" | "afterFirst">;
type Add = (fields: readonly string[], added?: Added) => void;
const FIRST: Added = { person: null, eventually: false, afterFirst: false };
const LATER: Added = { ...FIRST, eventually: true };
const AFTER_FIRST: Added = { ...LATER, afterFirst: true };

/** Who is behind an account: the person it is, or the company with its people. */
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

/** What the company says when everybody of a role was named. A representative is one, and needs nothing said. */
const CONFIRMATIONS = { owner: "owners_provided", director: "directors_provided", executive: "executives_provided" } as const;

/** Somebody who must be named: until the company says that there is nobody more, it is asked to, and for one where there is none. */
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

/** What is asked of whoever will represent an account before it is known what the account is. */
const UNTYPED = ["dob.day", "dob.month", "dob.year", "email", "first_name", "last_name"];

function prefixed(prefix: string, fields: readonly string[]): string[] {
  return fields.map((field) => `${prefix}.${field}`);
}

/** The person an account is, where it is one. */
export function individualOf({ persons, state }: Pick<AccountWorld, "persons" | "state">): Person | undefined {
  const { business_type: type } = state.given;
  if (type !== undefined && type !== "individual") return undefined;
  return persons.find(({ row }) => row.id === state.individualId);
}

/** A person's field as the account's `requirements` name it. */
export function nameOf(world: AccountWorld, person: Person, field: string): string {
  return individualOf(world)?.row.id === person.row.id ? `individual.${field}` : `${person.row.id}.${field}`;
}

const ROLES: readonly PersonRole[] = ["representative", "owner", "director", "executive"];

/** What a person is to the company. */
export function rolesOf({ state }: Person): PersonRole[] {
  const relationship: JsonObject = hashOf(state.given.relationship);
  return ROLES.filter((role) => relationship[role] === true);
}

function enforcesFuture({ state }: AccountWorld): boolean {
  const { email } = state.given;
  return !state.livemode && typeof email === "string" && email.includes(ENFORCES_FUTURE);
}
