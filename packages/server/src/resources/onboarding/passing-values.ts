import { hashOf } from "../../operations/merge-change.ts";
import type { Json, JsonObject } from "../../store/contract/rows.ts";
import { GIVEN_AS } from "../connected-account/requirements/given-field.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import type { Person } from "../connected-account/state/person-state.ts";
import { individualTold } from "../persons/relationship-rules.ts";
import { countryAddress } from "./country-address.ts";

/** Values that satisfy a requirement in test mode. */
export type PassingValue =
  /** For the account, as parameters of an update. */
  | { of: "account"; told: JsonObject }
  /** For one of its persons. */
  | { of: "person"; personId: string; told: JsonObject }
  /** A token for a bank account whose payouts succeed. */
  | { of: "external_account"; token: string };

/**
 * A date of birth, a number and an address line that match after the usual delay.
 * Source: https://docs.stripe.com/connect/testing
 */
const DATE_OF_BIRTH = { day: 1, month: 1, year: 1901 };
const NUMBER = "000000000";
const FIRST_LINE = "address_full_match";
const DOCUMENT = { front: "file_identity_document_success" };
const FILES = { files: ["file_relationship_document_success"] };
const PHONE = "0000000000";
const IP = "203.0.113.7";

/**
 * A person's values, by the first part of the requirement's name. A requirement for one key of a hash gets only that
 * key.
 */
const OF_PERSON: Readonly<Record<string, Json>> = {
  dob: DATE_OF_BIRTH,
  documents: { company_authorization: FILES, passport: FILES, visa: FILES },
  email: "jenny.rosen@example.com",
  first_name: "Jenny",
  first_name_kana: "ジェニー",
  first_name_kanji: "ジェニー",
  full_name_aliases: ["Jen Rosen"],
  gender: "female",
  id_number: NUMBER,
  id_number_secondary: NUMBER,
  last_name: "Rosen",
  last_name_kana: "ローゼン",
  last_name_kanji: "ローゼン",
  maiden_name: "Rosen",
  nationality: "US",
  phone: PHONE,
  political_exposure: "none",
  relationship: {
    director: true,
    executive: true,
    owner: true,
    percent_ownership: 100,
    representative: true,
    title: "CEO",
  },
  ssn_last_4: "0000",
  verification: { additional_document: DOCUMENT, document: DOCUMENT },
};

/** An account's values, in the same way. `address` and acceptance dates are filled in below. */
const OF_ACCOUNT: Readonly<Record<string, Json>> = {
  business_profile: {
    estimated_worker_count: 3,
    mcc: "5734",
    name: "Rocket Rides",
    product_description: "Rides on rockets",
    support_email: "support@example.com",
    support_phone: PHONE,
    support_url: "https://accessible.stripe.com",
    url: "https://accessible.stripe.com",
  },
  business_type: "individual",
  company: {
    directors_provided: true,
    executives_provided: true,
    name: "Rocket Rides",
    owners_provided: true,
    phone: PHONE,
    registration_number: NUMBER,
    structure: "private_corporation",
    tax_id: NUMBER,
    vat_id: NUMBER,
    verification: { document: DOCUMENT },
  },
  documents: {
    bank_account_ownership_verification: FILES,
    company_license: FILES,
    company_memorandum_of_association: FILES,
    company_ministerial_decree: FILES,
    company_registration_verification: FILES,
    company_tax_id_verification: FILES,
    proof_of_address: FILES,
    proof_of_registration: FILES,
    proof_of_ultimate_beneficial_ownership: FILES,
  },
  email: "jenny.rosen@example.com",
  settings: {
    card_payments: { statement_descriptor_prefix: "ROCKET" },
    payments: { statement_descriptor: "ROCKET RIDES" },
  },
};

/** A role in a company, or the confirmation that all of a role are named: one value satisfies both. */
const ROLE = /^(?:relationship\.(owner|director|executive)$|(owner|director|executive)s\.)/;

/**
 * Values that satisfy an account's requirement in test mode, after the usual verification time. `field` is its name in
 * the account's `requirements`: `company.tax_id`, `person_1.dob.day`. Null for a name without such values. Values of
 * several requirements can be merged.
 */
export function passingValues(field: string, world: AccountWorld): PassingValue | null {
  if (field === "external_account") return { of: "external_account", token: `btok_${world.state.country.toLowerCase()}` };
  const [, one, other] = ROLE.exec(field) ?? [];
  const role = one ?? other;
  if (role !== undefined) return { of: "account", told: { company: { [`${role}s_provided`]: true } } };
  const [subject = "", ...path] = field.split(".");
  if (subject === "individual" || subject === "representative") {
    const told = pick(path, personValues(world, individualTold(world)));
    return told === null ? null : { of: "account", told: { individual: told } };
  }
  const person = world.persons.find(({ row }) => row.id === subject);
  if (person !== undefined) {
    const told = pick(path, personValues(world, person));
    return told === null ? null : { of: "person", personId: subject, told };
  }
  const told = pick((GIVEN_AS[field] ?? field).split("."), accountValues(world));
  return told === null ? null : { of: "account", told };
}

/** A person's values, with addresses that stay in their country. */
function personValues({ state }: AccountWorld, person: Person | undefined): JsonObject {
  const addressIn = (known: Json | undefined) => {
    const country = hashOf(known).country;
    const there = typeof country === "string" ? country : state.country;
    return { ...countryAddress(there), country: there, line1: FIRST_LINE };
  };
  const { address, registered_address } = person?.state.given ?? {};
  return { ...OF_PERSON, address: addressIn(address), registered_address: addressIn(registered_address) };
}

function accountValues({ row, state }: AccountWorld): JsonObject {
  const address = { ...countryAddress(state.country), country: state.country, line1: FIRST_LINE };
  const acceptance = { date: Math.floor(row.created / 1_000), ip: IP };
  return {
    ...OF_ACCOUNT,
    company: {
      ...(OF_ACCOUNT.company as JsonObject),
      address,
      directorship_declaration: acceptance,
      ownership_declaration: acceptance,
      representative_declaration: acceptance,
    },
    settings: {
      ...(OF_ACCOUNT.settings as JsonObject),
      card_issuing: { tos_acceptance: acceptance },
      treasury: { tos_acceptance: acceptance },
    },
    tos_acceptance: acceptance,
  };
}

/** Hashes and lists that can only be given as a whole. */
const WHOLE = new Set(["dob", "document", "additional_document"]);

/** The value at the end of a path, with the hashes on the way; null when there is none. */
function pick(path: readonly string[], from: JsonObject): JsonObject | null {
  const [key, ...rest] = path;
  const value = key === undefined ? undefined : from[key];
  if (key === undefined || value === undefined) return null;
  if (rest.length === 0 || WHOLE.has(key)) return { [key]: value };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const inner = pick(rest, value);
  return inner === null ? null : { [key]: inner };
}
