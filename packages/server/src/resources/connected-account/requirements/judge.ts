import { hashOf } from "../../../operations/merge-change.ts";
import type { Json, JsonObject } from "../../../store/contract/rows.ts";
import type { Judgement, RequirementErrorCode } from "../state/review.ts";
import {
  BUSINESS_NAMES,
  COMPANY_FIRST_LINES,
  COMPANY_NAMES,
  COMPANY_TAX_IDS,
  DATES_OF_BIRTH,
  DESCRIPTOR_PREFIXES,
  DIRECTOR_FIRST_NAMES,
  IDENTITY_DOCUMENTS,
  OTHER_DATE_OF_BIRTH,
  OWNER_FIRST_NAMES,
  PERSON_FIRST_LINES,
  PERSON_NUMBERS,
  PLAINLY_RIGHT,
  PRODUCT_DESCRIPTIONS,
  RELATIONSHIP_DOCUMENTS,
  RISKY_NAME,
  STATEMENT_DESCRIPTORS,
  URLS,
} from "./magic-values.ts";

/** The judgements by name; null for values that are valid without verification. */
export type Judgements = Record<string, Judgement | null>;

/** The document that replaces the identity data of a person or a company. */
export const PERSON_DOCUMENT = "verification.document";
export const COMPANY_DOCUMENT = "company.verification.document";

/** The names of the judgements that decide the identity verification of a person or a company. */
export const OF_IDENTITY: ReadonlySet<string> = new Set([
  "dob",
  "address",
  "id_number",
  "name",
  "verdict",
  "company.address",
  "company.tax_id",
  "company.name",
  "company.verdict",
]);

/**
 * Judges a person's submission on arrival. The result contains no submitted values. In live mode everything is valid.
 * Source: https://docs.stripe.com/connect/testing#test-verification
 */
export function judgePerson(told: JsonObject, livemode: boolean): Judgements {
  const judged: Judgements = {};
  const magic = (table: Readonly<Record<string, Judgement>>, value: Json | undefined): Judgement | null =>
    livemode || typeof value !== "string" ? null : (inTable(table, value) ?? null);
  if (told.dob !== undefined) judged.dob = dateOfBirth(hashOf(told.dob), livemode);
  if (hashOf(told.address).line1 !== undefined) judged.address = magic(PERSON_FIRST_LINES, hashOf(told.address).line1);
  if (typeof told.ssn_last_4 === "string") judged.id_number = lastFour(magic(PERSON_NUMBERS, told.ssn_last_4.repeat(3).slice(0, 9)));
  if (told.id_number !== undefined) judged.id_number = magic(PERSON_NUMBERS, told.id_number);
  if (told.first_name !== undefined || told.last_name !== undefined) judged.name = null;
  if (told.first_name !== undefined) {
    judged.director = magic(DIRECTOR_FIRST_NAMES, told.first_name);
    judged.owner = magic(OWNER_FIRST_NAMES, told.first_name);
  }
  const { document, additional_document } = hashOf(told.verification);
  if (document !== undefined) judged[PERSON_DOCUMENT] = sides(document, PERSON_DOCUMENT, livemode);
  if (additional_document !== undefined)
    judged["verification.additional_document"] = sides(additional_document, "verification.additional_document", livemode);
  return { ...judged, ...documents(told.documents, livemode) };
}

/** Judges an account's submission in the same way, without the part about its individual. */
export function judgeAccount(told: JsonObject, livemode: boolean): Judgements {
  const judged: Judgements = {};
  const judge = (name: string, value: Json | undefined, table: Readonly<Record<string, Judgement>>) => {
    if (value !== undefined) judged[name] = livemode || typeof value !== "string" ? null : (inTable(table, value) ?? risk(name, value));
  };
  const company = hashOf(told.company);
  judge("company.address", hashOf(company.address).line1, COMPANY_FIRST_LINES);
  judge("company.name", company.name, COMPANY_NAMES);
  judge("company.tax_id", company.tax_id, COMPANY_TAX_IDS);
  const { document } = hashOf(company.verification);
  if (document !== undefined) judged[COMPANY_DOCUMENT] = sides(document, COMPANY_DOCUMENT, livemode);
  const profile = hashOf(told.business_profile);
  judge("business_profile.name", profile.name, BUSINESS_NAMES);
  judge("business_profile.product_description", profile.product_description, PRODUCT_DESCRIPTIONS);
  judge("business_profile.url", typeof profile.url === "string" ? profile.url.replace(/\/$/, "") : profile.url, URLS);
  const { payments, card_payments } = hashOf(told.settings);
  judge("settings.payments.statement_descriptor", hashOf(payments).statement_descriptor, STATEMENT_DESCRIPTORS);
  judge("settings.card_payments.statement_descriptor_prefix", hashOf(card_payments).statement_descriptor_prefix, DESCRIPTOR_PREFIXES);
  for (const [name, judgement] of Object.entries(judged))
    if (judgement?.finding.kind === "right" && !OF_IDENTITY.has(name) && name !== COMPANY_DOCUMENT) judged[name] = null;
  return { ...judged, ...documents(told.documents, livemode) };
}

function inTable<Value>(table: Readonly<Record<string, Value>>, value: string): Value | undefined {
  return Object.hasOwn(table, value) ? table[value] : undefined;
}

function risk(name: string, value: string): Judgement | null {
  return name.endsWith(".name") && value.endsWith(RISKY_NAME.suffix) ? RISKY_NAME.judgement : null;
}

function dateOfBirth({ year, month, day }: JsonObject, livemode: boolean): Judgement | null {
  if (livemode || year === undefined) return null;
  const two = (part: Json | undefined) => String(part).padStart(2, "0");
  return DATES_OF_BIRTH[`${year}-${two(month)}-${two(day)}`] ?? OTHER_DATE_OF_BIRTH;
}

/** A fault of the last four digits is reported for them, not for the whole number. */
function lastFour(judgement: Judgement | null): Judgement | null {
  if (judgement?.finding.kind !== "wrong") return judgement;
  return { ...judgement, finding: { ...judgement.finding, fields: ["ssn_last_4"] } };
}

function sides(document: Json, field: string, livemode: boolean): Judgement | null {
  const given = Object.values(hashOf(document)).filter((file) => typeof file === "string");
  return given.length === 0 ? null : ofFiles(given, field, IDENTITY_DOCUMENTS, livemode);
}

function documents(told: Json | undefined, livemode: boolean): Judgements {
  const judged: Judgements = {};
  for (const [name, document] of Object.entries(hashOf(told))) {
    const { files } = hashOf(document);
    if (!Array.isArray(files)) continue;
    const given = files.filter((file) => typeof file === "string");
    judged[`documents.${name}`] = given.length === 0 ? null : ofFiles(given, `documents.${name}.files`, RELATIONSHIP_DOCUMENTS, livemode);
  }
  return judged;
}

/** Uploaded files are valid. */
function ofFiles(
  files: readonly string[],
  field: string,
  table: Readonly<Record<string, RequirementErrorCode | null>>,
  livemode: boolean,
): Judgement {
  const code = livemode ? undefined : files.map((file) => inTable(table, file)).find((fault) => typeof fault === "string");
  if (code === undefined || code === null) return PLAINLY_RIGHT;
  return { finding: { kind: "wrong", code, fields: [field], stops: "both" }, atOnce: false };
}
