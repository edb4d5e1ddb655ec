import { isDeepStrictEqual } from "node:util";
import type Stripe from "stripe";
import { hashOf, isHash } from "../../../operations/merge-change.ts";
import type { OnTheWire } from "../../../operations/on-the-wire.ts";
import { pickGiven } from "../../../operations/with-defaults.ts";
import type { Json, JsonObject } from "../../../store/contract/rows.ts";
import { type IdNumberField, type IdNumberType, idNumberTypeOf } from "../state/id-numbers.ts";
import type { Person } from "../state/person-state.ts";

/** A person as the v2 API shows it, with numbers as they are sent over the wire. */
export type AccountPerson = OnTheWire<Stripe.V2.Core.AccountPerson>;

type Address = NonNullable<AccountPerson["address"]>;
type AdditionalName = AccountPerson["additional_names"] extends (infer Name)[] | undefined ? Name : never;

/**
 * A person of an account in a country, as the v2 API shows it. Values that were not given are left out.
 * Source: https://docs.stripe.com/api/v2/core/persons/object
 */
export function renderAccountPerson({ row, state: { given: from, updated } }: Person, country: string): AccountPerson {
  const { address, registered_address: registered, dob, metadata } = from;
  return {
    id: row.id,
    object: "v2.core.account_person",
    account: row.accountId,
    ...(hasValues(registered) ? { additional_addresses: [{ ...addressIn(registered), purpose: "registered" as const }] } : {}),
    ...whenThere("additional_names", additionalNames(from)),
    ...termsOfService(from),
    ...(hasValues(address) ? { address: addressIn(address) } : {}),
    created: new Date(row.created).toISOString(),
    ...(isHash(dob) ? { date_of_birth: { day: Number(dob.day), month: Number(dob.month), year: Number(dob.year) } } : {}),
    ...documents(from),
    ...whenThere("id_numbers", idNumbers(from, country)),
    livemode: row.livemode,
    metadata: (metadata as Stripe.Metadata | undefined) ?? {},
    ...whenThere("nationalities", nationalities(from)),
    ...relationship(from),
    ...script("script_addresses", { kana: scriptAddress(from.address_kana), kanji: scriptAddress(from.address_kanji) }),
    ...script("script_names", { kana: scriptName(from, "kana"), kanji: scriptName(from, "kanji") }),
    updated: new Date(updated ?? row.created).toISOString(),
    ...pickGiven<AccountPerson>(from, ["email", "phone", "political_exposure"]),
    ...renamed(from, { first_name: "given_name", gender: "legal_gender", last_name: "surname" }),
  };
}

/** An address: v2 writes countries in lower case. */
function addressIn(address: JsonObject): Address {
  const { country, ...rest } = pickGiven<Address>(address, ["city", "country", "line1", "line2", "postal_code", "state", "town"]);
  return { ...rest, ...(typeof country === "string" ? { country: country.toLowerCase() } : {}) };
}

/** Data of a person that only the v2 API can set: it is shown until v1 sets something else. */
export interface OnlyInV2 {
  /** The names in parts, and with their purposes. */
  additional_names?: AdditionalName[] | null;
  /** All nationalities, if there are several. */
  nationalities?: string[] | null;
  /** The type of v1's `id_number`. */
  number_type?: IdNumberType | null;
  /** The type of v1's `ssn_last_4`. */
  last_4_type?: IdNumberType | null;
}

/** The name of additional names in v1. */
export function namesInV1(names: readonly AdditionalName[]): { maiden_name: string | null; full_name_aliases: string[] } {
  const inFull = ({ full_name, given_name, surname }: AdditionalName) =>
    full_name ?? [given_name, surname].filter((part) => part !== undefined).join(" ");
  const maiden = names.find(({ purpose }) => purpose === "maiden");
  return {
    maiden_name: maiden === undefined ? null : (maiden.surname ?? inFull(maiden)),
    full_name_aliases: names.filter(({ purpose }) => purpose === "alias").map(inFull),
  };
}

function additionalNames(from: JsonObject): AdditionalName[] {
  const aliases = Array.isArray(from.full_name_aliases) ? (from.full_name_aliases as string[]) : [];
  const known = { maiden_name: (from.maiden_name as string | undefined) ?? null, full_name_aliases: aliases };
  const { additional_names: told } = hashOf(from.v2) as OnlyInV2;
  if (told !== undefined && told !== null && isDeepStrictEqual(namesInV1(told), known)) return told;
  return [
    ...aliases.map((full_name) => ({ full_name, purpose: "alias" as const })),
    ...(known.maiden_name === null ? [] : [{ purpose: "maiden" as const, surname: known.maiden_name }]),
  ];
}

function nationalities(from: JsonObject): string[] {
  const { nationality } = from;
  if (typeof nationality !== "string") return [];
  const { nationalities: told } = hashOf(from.v2) as OnlyInV2;
  return (told?.[0] === nationality ? told : [nationality]).map((country) => country.toLowerCase());
}

function idNumbers(from: JsonObject, country: string): { type: IdNumberType }[] {
  const { number_type, last_4_type } = hashOf(from.v2) as OnlyInV2;
  const types: Record<IdNumberField, IdNumberType | null | undefined> = {
    id_number: number_type,
    id_number_secondary: undefined,
    ssn_last_4: last_4_type,
  };
  return Object.entries(types).flatMap(([field, told]) => {
    const type = told ?? idNumberTypeOf(field as IdNumberField, country);
    return from[`${field}_provided`] === true && type !== null ? [{ type }] : [];
  });
}

function termsOfService(from: JsonObject): Pick<AccountPerson, "additional_terms_of_service"> {
  const { date, ip, user_agent } = hashOf(hashOf(from.additional_tos_acceptances).account);
  const account = {
    ...(typeof date === "number" ? { date: new Date(date * 1000).toISOString() } : {}),
    ...(typeof ip === "string" ? { ip } : {}),
    ...(typeof user_agent === "string" ? { user_agent } : {}),
  };
  return Object.keys(account).length === 0 ? {} : { additional_terms_of_service: { account } };
}

function documents(from: JsonObject): Pick<AccountPerson, "documents"> {
  const { document, additional_document } = hashOf(from.verification);
  const given: AccountPerson["documents"] = {
    ...sides("primary_verification", document),
    ...sides("secondary_verification", additional_document),
    ...Object.fromEntries(
      Object.entries(hashOf(from.documents)).flatMap(([name, value]) => {
        const { files } = hashOf(value);
        return Array.isArray(files) && files.length > 0 ? [[name, { files: files as string[], type: "files" }]] : [];
      }),
    ),
  };
  return Object.keys(given).length === 0 ? {} : { documents: given };
}

/** A document is shown once it has a front side. */
function sides(name: "primary_verification" | "secondary_verification", document: Json | undefined): AccountPerson["documents"] {
  const { front, back } = hashOf(document);
  if (typeof front !== "string") return {};
  return { [name]: { front_back: { ...(typeof back === "string" ? { back } : {}), front }, type: "front_back" } };
}

function relationship(from: JsonObject): Pick<AccountPerson, "relationship"> {
  const { percent_ownership: percent, ...given } = hashOf(from.relationship);
  const shown: NonNullable<AccountPerson["relationship"]> = {
    ...given,
    ...(typeof percent === "number" ? { percent_ownership: String(percent) } : {}),
  };
  return Object.keys(shown).length === 0 ? {} : { relationship: shown };
}

function scriptAddress(address: Json | undefined): Address | null {
  return hasValues(address) ? addressIn(address) : null;
}

function scriptName(from: JsonObject, kind: "kana" | "kanji"): { given_name?: string; surname?: string } | null {
  const name = renamed(from, { [`first_name_${kind}`]: "given_name", [`last_name_${kind}`]: "surname" });
  return Object.keys(name).length === 0 ? null : name;
}

/** A name or an address in both scripts, as far as they are known. */
function script<Name extends string, Value extends object>(
  name: Name,
  scripts: Record<"kana" | "kanji", Value | null>,
): Partial<Record<Name, { kana?: Value; kanji?: Value }>> {
  const given = Object.fromEntries(Object.entries(scripts).filter(([, value]) => value !== null));
  return (Object.keys(given).length === 0 ? {} : { [name]: given }) as Partial<Record<Name, { kana?: Value; kanji?: Value }>>;
}

function whenThere<Name extends string, Item>(name: Name, items: readonly Item[]): Partial<Record<Name, Item[]>> {
  return (items.length === 0 ? {} : { [name]: items }) as Partial<Record<Name, Item[]>>;
}

/** Texts under their names in v2. */
function renamed<Names extends Readonly<Record<string, string>>>(
  from: JsonObject,
  names: Names,
): Partial<Record<Names[keyof Names], string>> {
  return Object.fromEntries(Object.entries(names).flatMap(([v1, v2]) => (typeof from[v1] === "string" ? [[v2, from[v1]]] : []))) as Partial<
    Record<Names[keyof Names], string>
  >;
}

function hasValues(value: Json | undefined): value is JsonObject {
  return isHash(value) && Object.values(value).some((inner) => inner !== null);
}
