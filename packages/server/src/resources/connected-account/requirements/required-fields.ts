import { hashOf, isHash } from "../../../operations/merge-change.ts";
import type { JsonObject } from "../../../store/store.ts";
import type { AccountWorld } from "../state/account-world.ts";
import { CAPABILITIES, type CapabilityName } from "../state/capabilities.ts";
import type { Person } from "../state/person-state.ts";
import { type CapabilityRequirements, capabilityRequirements, OF_EVERY_ACCOUNT } from "./capability-requirements.ts";
import { type CompanyType, countryRequirements, type PersonRequirements, type Role } from "./country-requirements.ts";
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
  const add = (fields: readonly string[], by: CapabilityName | null, person: Person | null = null, eventually = false) => {
    for (const field of fields) {
      const name = person === null ? field : nameOf(world, person, field);
      const known = found.get(name);
      const neededBy = new Set([...(known?.neededBy ?? []), ...(by === null ? [] : [by])]);
      found.set(name, { name, person, field, neededBy, eventually: eventually && known?.eventually !== false });
    }
  };
  add([...OF_EVERY_ACCOUNT, "external_account"], null);
  for (const capability of requested) {
    const needs = capabilityRequirements(capability);
    const collected = world.state.controller.requirementCollection === "stripe" ? needs.collectedByStripe : [];
    add([...OF_EVERY_ACCOUNT, ...needs.first, ...collected], capability);
    if (enforcesFuture(world)) add(countryRequirements(world.state.country).future, capability);
    addEntity(world, needs, (fields, person, eventually) => add(fields, capability, person, eventually));
  }
  return [...found.values()];
}

type Add = (fields: readonly string[], person: Person | null, eventually: boolean) => void;

/** Who is behind an account: the person it is, or the company with its people. */
function addEntity(world: AccountWorld, needs: CapabilityRequirements, add: Add): void {
  const country = countryRequirements(world.state.country);
  const type = world.state.given.business_type as CompanyType | "individual" | undefined;
  const addPerson = (person: Person, { first, eventually }: PersonRequirements, also: readonly string[] = []) => {
    add([...first, ...also], person, false);
    add(eventually, person, true);
  };
  const individual = individualOf(world);
  if (type === "individual" || (type === undefined && individual !== undefined)) {
    if (individual !== undefined) addPerson(individual, country.individual, needs.ofIndividual);
    else add(prefixed("individual", [...country.individual.first, ...needs.ofIndividual]), null, false);
    if (individual === undefined) add(prefixed("individual", country.individual.eventually), null, true);
    return;
  }
  if (type === undefined) {
    const representative = world.persons.find((person) => rolesOf(person).includes("representative"));
    if (representative === undefined) add(prefixed("representative", UNTYPED), null, false);
    else add(UNTYPED, representative, false);
    return;
  }
  add(country.company, null, false);
  for (const role of country.roles[type]) add([`relationship.${role}`], null, false);
  for (const person of world.persons) for (const role of rolesOf(person)) addPerson(person, country.people[role]);
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

const ROLES: readonly Role[] = ["representative", "owner", "director", "executive"];

/** What a person is to the company. */
export function rolesOf({ state }: Person): Role[] {
  const relationship: JsonObject = hashOf(state.given.relationship);
  return ROLES.filter((role) => relationship[role] === true);
}

function enforcesFuture({ state }: AccountWorld): boolean {
  const { email } = state.given;
  return !state.livemode && typeof email === "string" && email.includes(ENFORCES_FUTURE);
}
