import { apiError } from "@carabiner/protocol";
import { v2Time } from "../../operations/v2-time-filter.ts";
import { namesInV1, type OnlyInV2 } from "../connected-account/rendering/render-account-person.ts";
import { fieldOfIdNumber, type IdNumberField } from "../connected-account/state/id-numbers.ts";
import type { ToldOfAccountPerson } from "./account-person-parameters.ts";
import type { ChangedPerson } from "./change-person.ts";

/** Parameters of a person in the v2 API that have the same names and values in v1. */
const SAME = ["address", "email", "metadata", "phone", "political_exposure", "relationship"] as const;

/** Texts that have a different name in v1. */
const RENAMED = { given_name: "first_name", legal_gender: "gender", surname: "last_name" } as const;

const NO_ADDRESS = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null, town: null };

/**
 * The v2 API's parameters for a person, converted to v1's. Values without a place in v1 are added under `v2`. Lists
 * replace earlier lists, except for numbers: a number replaces the one of its kind, and the others stay. `hash` is the
 * hash that contains the person, if any. Throws `timestamp_invalid`, and `parameters_exclusive` for two numbers of one
 * kind.
 */
export function toldInV1(told: ToldOfAccountPerson, hash: string): ChangedPerson {
  const nameOf = (param: string) => (hash === "" ? param : `${hash}[${param}]`);
  const change: Record<string, unknown> = {};
  for (const name of SAME) if (told[name] !== undefined) change[name] = told[name];
  for (const [name, v1] of Object.entries(RENAMED)) {
    const value = told[name as keyof typeof RENAMED];
    if (value !== undefined) change[v1] = value;
  }
  if (told.date_of_birth !== undefined) change.dob = told.date_of_birth;
  if (told.additional_addresses !== undefined) change.registered_address = registeredAddress(told.additional_addresses);
  if (told.additional_terms_of_service?.account !== undefined)
    change.additional_tos_acceptances = {
      account: acceptance(told.additional_terms_of_service.account, nameOf("additional_terms_of_service")),
    };
  for (const kind of ["kana", "kanji"] as const) {
    const name = told.script_names?.[kind];
    if (name?.given_name !== undefined) change[`first_name_${kind}`] = name.given_name;
    if (name?.surname !== undefined) change[`last_name_${kind}`] = name.surname;
    const address = told.script_addresses?.[kind];
    if (address !== undefined) change[`address_${kind}`] = address;
  }
  const { numbers, types } = numbersOf(told.id_numbers ?? [], nameOf("id_numbers"));
  const v2: OnlyInV2 = types;
  if (told.additional_names !== undefined) {
    Object.assign(change, namesInV1(told.additional_names));
    v2.additional_names = told.additional_names;
  }
  if (told.nationalities !== undefined) {
    change.nationality = told.nationalities[0] ?? null;
    v2.nationalities = told.nationalities.length > 1 ? told.nationalities : null;
  }
  return { ...change, ...numbers, ...documents(told.documents), ...(Object.keys(v2).length === 0 ? {} : { v2 }) };
}

/** The registered address; null if there is none. */
function registeredAddress([address]: NonNullable<ToldOfAccountPerson["additional_addresses"]>) {
  if (address === undefined) return null;
  const { purpose: _, ...given } = address;
  return { ...NO_ADDRESS, ...given };
}

type Terms = NonNullable<NonNullable<ToldOfAccountPerson["additional_terms_of_service"]>["account"]>;

function acceptance({ date, ...by }: Terms, param: string) {
  return { ...by, ...(date === undefined ? {} : { date: Math.floor(v2Time(date, `${param}[account][date]`) / 1000) }) };
}

function numbersOf(told: NonNullable<ToldOfAccountPerson["id_numbers"]>, param: string) {
  const numbers: Partial<Record<IdNumberField, string>> = {};
  const types: OnlyInV2 = {};
  const at: Partial<Record<IdNumberField, number>> = {};
  for (const [index, { type, value }] of told.entries()) {
    const field = fieldOfIdNumber(type);
    if (at[field] !== undefined) throw apiError("parameters_exclusive", { param: `${param}[${index}]`, other: `${param}[${at[field]}]` });
    at[field] = index;
    numbers[field] = value;
    if (field === "id_number") types.number_type = type;
    if (field === "ssn_last_4") types.last_4_type = type;
  }
  return { numbers, types };
}

function documents(told: ToldOfAccountPerson["documents"]): Record<string, unknown> {
  if (told === undefined) return {};
  const { primary_verification: primary, secondary_verification: secondary, ...papers } = told;
  const files = Object.entries(papers).flatMap(([name, paper]) => (paper === undefined ? [] : [[name, { files: paper.files }] as const]));
  const verification = {
    ...(primary === undefined ? {} : { document: primary.front_back }),
    ...(secondary === undefined ? {} : { additional_document: secondary.front_back }),
  };
  return {
    ...(files.length === 0 ? {} : { documents: Object.fromEntries(files) }),
    ...(Object.keys(verification).length === 0 ? {} : { verification }),
  };
}
