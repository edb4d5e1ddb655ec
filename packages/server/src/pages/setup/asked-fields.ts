import type { AccountWorld } from "../../resources/connected-account/state/account-world.ts";
import type { SessionState } from "../../resources/connections/page-link.ts";

/** Something the user is asked for. */
export interface AskedField {
  /** As the account's `requirements` name it: the name of its field in the form. */
  name: string;
  /** Whose it is: `account`, `individual`, `representative`, or a person's id. */
  subject: string;
  /** Its name within that. */
  path: string;
  required: boolean;
}

/** Fields that are shown together. */
export interface Section {
  title: string;
  fields: readonly AskedField[];
}

/** What an `account_update` link lets the user change beside what is due. */
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
 * What the user is asked for now, in sections. What kind of business it is comes first and alone, since the rest hangs on
 * it. A platform that collects bank accounts itself has them not asked for here.
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

/** The names of what is asked for, each once. */
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

/** Whom nobody has named yet, the user names to the platform and confirms here; a document of whoever he is himself it takes as well. */
const NOT_HERE = /^(?:(?:owners|directors|executives)\.|(?:individual|representative)\.documents\.)/;
/** What confirms that everybody of a role was named. */
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

/** The order in which people expect to be asked. */
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
