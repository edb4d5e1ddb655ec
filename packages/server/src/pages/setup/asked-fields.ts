import type { AccountWorld } from "../../resources/connected-account/state/account-world.ts";
import type { SessionState } from "../../resources/connections/page-link.ts";

/** A field that the page asks the user for. */
export interface AskedField {
  /** The name of its field in the form, as in the account's `requirements`. */
  name: string;
  /** The owner: `account`, `individual`, `representative`, or a person's id. */
  subject: string;
  /** Its name within the owner. */
  path: string;
  required: boolean;
}

/** Fields that are shown together. */
export interface Section {
  title: string;
  fields: readonly AskedField[];
}

/** What an `account_update` link lets the user change, in addition to what is due. */
const CHANGEABLE = [
  "business_profile.name",
  "business_profile.product_description",
  "business_profile.support_email",
  "business_profile.support_phone",
  "business_profile.url",
  "email",
];

type Asking = Pick<SessionState, "purpose" | "fields" | "future">;

/**
 * The fields that the page asks the user for now, in sections. The kind of business comes first, on a separate page,
 * because everything else depends on it. If a platform collects bank accounts itself, the page does not ask for them.
 * Source: https://docs.stripe.com/connect/custom/hosted-onboarding
 */
export function askedSections(world: AccountWorld, asking: Asking): Section[] {
  const names = askedNames(world, asking);
  if (names.includes("business_type")) return [{ title: "What kind of business is it?", fields: [fieldOf(world, "business_type")] }];
  const required = names.map((name) => fieldOf(world, name));
  const optional = asking.purpose === "account_update" ? CHANGEABLE.filter((name) => !names.includes(name)) : [];
  const all = [...required, ...optional.map((name) => ({ ...fieldOf(world, name), required: false }))];
  const bySection = Map.groupBy(all, (field) => sectionOf(world, field));
  const order = [...SECTIONS, ...world.persons.map((person) => aboutPerson(world, person.row.id)), ...LAST_SECTIONS];
  return [...new Set(order)].flatMap((title) => {
    const fields = bySection.get(title);
    return fields === undefined ? [] : [{ title, fields: fields.sort(inOrder) }];
  });
}

/** The names of the fields, each once. */
function askedNames({ state }: AccountWorld, { purpose, fields, future }: Asking): string[] {
  const { requirements, futureRequirements } = state.derived;
  const lists = [requirements, ...(future ? [futureRequirements] : [])];
  const eventually = fields === "eventually_due" || purpose === "account_update";
  const due = lists.flatMap((list) => [
    ...(list.currently_due ?? []),
    ...(list.past_due ?? []),
    ...(eventually ? (list.eventually_due ?? []) : []),
  ]);
  const collectedByPlatform = state.controller.requirementCollection === "application";
  return [...new Set(due)].filter((name) => (name !== "external_account" || !collectedByPlatform) && !NOT_HERE.test(name));
}

/** This page does not ask for people not named yet, or for the user's documents. The platform collects these. */
const NOT_HERE = /^(?:(?:owners|directors|executives)\.|(?:individual|representative)\.documents\.)/;
/** Confirms that everyone with a role was named. */
const CONFIRMED = /^(?:relationship\.|company\.(?:owners|directors|executives)_provided$)/;

const BUSINESS = "Your business";
const COMPANY = "The company";
const YOU = "About you";
const PEOPLE = "The people behind it";
const BANK = "Where your payouts go";
const TERMS = "Terms";
const SECTIONS = [BUSINESS, COMPANY, YOU, PEOPLE];
const LAST_SECTIONS = [BANK, TERMS];

function sectionOf(world: AccountWorld, { subject, path, name }: AskedField): string {
  if (name === "external_account") return BANK;
  if (/(^|\.)tos_acceptance\./.test(name)) return TERMS;
  if (CONFIRMED.test(path) && subject === "account") return PEOPLE;
  if (subject === "individual" || subject === "representative") return YOU;
  if (subject !== "account") return aboutPerson(world, subject);
  return path.startsWith("company.") ? COMPANY : BUSINESS;
}

function aboutPerson(world: AccountWorld, id: string): string {
  const given = world.persons.find(({ row }) => row.id === id)?.state.given;
  if (id === world.state.individualId) return YOU;
  const name = [given?.first_name, given?.last_name].filter((part) => typeof part === "string").join(" ");
  return name === "" ? "About the person" : `About ${name}`;
}

function fieldOf(world: AccountWorld, name: string): AskedField {
  const [first = "", ...rest] = name.split(".");
  const ofPerson = first === "individual" || first === "representative" || world.persons.some(({ row }) => row.id === first);
  return ofPerson
    ? { name, subject: first, path: rest.join("."), required: true }
    : { name, subject: "account", path: name, required: true };
}

/** The order in which people expect the fields. */
const ORDER = [
  "business_profile.name",
  "company.name",
  "first_name",
  "last_name",
  "email",
  "phone",
  "dob",
  "address.line1",
  "address.postal_code",
  "address.city",
  "address.state",
  "relationship",
];

function inOrder(one: AskedField, other: AskedField): number {
  return rank(one) - rank(other) || (one.path < other.path ? -1 : 1);
}

function rank({ path }: AskedField): number {
  const within = path.replace(/^company\.(?=address|phone)/, "");
  const index = ORDER.findIndex((start) => within.startsWith(start));
  return index === -1 ? ORDER.length : index;
}
