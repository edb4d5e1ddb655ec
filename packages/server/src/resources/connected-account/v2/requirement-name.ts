import type { JsonObject } from "../../../store/contract/rows.ts";
import { idNumberTypeOf } from "../state/id-numbers.ts";
import { ACCOUNT_CORRESPONDENCES } from "./account-correspondences.ts";
import type { Correspondence } from "./correspondence.ts";
import { businessIdType, vatIdType } from "./id-number-types.ts";

/** A requirement in v2: its description, and the person that it asks for. */
export interface RequirementName {
  description: string;
  reference: JsonObject | null;
}

/**
 * v2's name for a field of v1, as it occurs in an account's requirements: `company.name`, `individual.dob.day`,
 * `person_….first_name`, `owners.email`. A field that v2 does not have keeps its name. `country` is the account's.
 */
export function requirementName(name: string, country: string): RequirementName {
  const [subject = "", ...rest] = name.split(".");
  const field = rest.join(".");
  if (subject.startsWith("person_"))
    return { description: ofPerson(field, country), reference: { inquiry: null, resource: subject, type: "person" } };
  return { description: v2Field(name, country), reference: null };
}

/** The path in v2 of an account's field in v1. */
export function v2Field(name: string, country: string): string {
  const [subject = "", ...rest] = name.split(".");
  const field = rest.join(".");
  if (subject === "individual") return field === "" ? "identity.individual" : `identity.individual.${ofPerson(field, country)}`;
  if (PEOPLE.has(subject) && field !== "") return `${subject}.${ofPerson(field, country)}`;
  return numbersOf(country)[name] ?? found(ACCOUNT_CORRESPONDENCES, name) ?? name;
}

/** Persons who are not known yet, by their role. */
const PEOPLE: ReadonlySet<string> = new Set(["representative", "owners", "directors", "executives"]);

/** The fields of a person that have a different name in v2. */
const PERSON_FIELDS: Readonly<Record<string, string>> = {
  additional_tos_acceptances: "additional_terms_of_service",
  address_kana: "script_addresses.kana",
  address_kanji: "script_addresses.kanji",
  dob: "date_of_birth",
  first_name_kana: "script_names.kana.given_name",
  first_name_kanji: "script_names.kanji.given_name",
  first_name: "given_name",
  full_name_aliases: "additional_names",
  gender: "legal_gender",
  last_name_kana: "script_names.kana.surname",
  last_name_kanji: "script_names.kanji.surname",
  last_name: "surname",
  maiden_name: "additional_names",
  nationality: "nationalities",
  registered_address: "additional_addresses",
  "verification.additional_document": "documents.secondary_verification",
  "verification.document": "documents.primary_verification",
};

function ofPerson(field: string, country: string): string {
  if (field === "id_number" || field === "id_number_secondary" || field === "ssn_last_4") {
    const type = idNumberTypeOf(field, country);
    return type === null ? "id_numbers" : `id_numbers.${type}`;
  }
  for (const [v1, v2] of Object.entries(PERSON_FIELDS)) if (field === v1 || field.startsWith(`${v1}.`)) return v2 + field.slice(v1.length);
  return field;
}

function numbersOf(country: string): Readonly<Record<string, string>> {
  const numbers = "identity.business_details.id_numbers";
  return {
    "company.business_vat_id_number": `${numbers}.${vatIdType(country)}`,
    "company.tax_id": `${numbers}.${businessIdType(country)}`,
    "company.vat_id": `${numbers}.${vatIdType(country)}`,
  };
}

/** The field itself, or a field within it. */
function found(rows: readonly Correspondence[], name: string): string | undefined {
  for (const { v1, v2 } of rows)
    for (const path of typeof v1 === "string" ? [v1] : v1) {
      if (name === path) return v2;
      if (name.startsWith(`${path}.`)) return v2 + name.slice(path.length);
    }
  return undefined;
}
