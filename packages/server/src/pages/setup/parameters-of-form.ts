import { hashOf } from "../../operations/merge-change.ts";
import { GIVEN_AS } from "../../resources/connected-account/requirements/given-field.ts";
import type { AccountWorld } from "../../resources/connected-account/state/account-world.ts";
import { passingValues } from "../../resources/onboarding/passing-values.ts";
import type { Json, JsonObject } from "../../store/contract/rows.ts";
import type { AskedField, Section } from "./asked-fields.ts";

/** A form's values, by the fields of the page. */
export type FormEntries = ReadonlyMap<string, string>;

/** Fields for a requirement that is not itself a value. */
export const BANK_FIELDS = ["external_account.account_number", "external_account.routing_number"] as const;

/** The parameters, by owner. */
export interface FormParameters {
  account: JsonObject;
  /** By person id. */
  persons: ReadonlyMap<string, JsonObject>;
  bank: { account_number: string; routing_number?: string } | null;
}

/** An error of a field, or of the whole form if it has no field. */
export interface FieldError {
  field: string | null;
  message: string;
}

/** When, from where and with which browser terms were accepted. */
export interface Acceptance {
  date: number;
  ip?: string;
  user_agent?: string;
}

/** Reads a form: returns its parameters, or which fields are missing. The values are not checked yet. */
export function parametersOfForm(
  sections: readonly Section[],
  entered: FormEntries,
  acceptance: Acceptance,
): FormParameters | readonly FieldError[] {
  const account: JsonObject = {};
  const persons = new Map<string, JsonObject>();
  const errors: FieldError[] = [];
  let bank: FormParameters["bank"] = null;
  for (const field of sections.flatMap(({ fields }) => fields)) {
    const missing = missingFields(field, entered);
    errors.push(...missing);
    if (missing.length > 0) continue;
    if (field.name === "external_account") bank = bankOf(entered);
    else tell(field, entered, acceptance, { account, persons });
  }
  const described = entered.get("business_profile.product_description");
  if (described !== undefined) put(account, "business_profile.product_description", described);
  return errors.length > 0 ? errors : { account, persons, bank };
}

/** Stores a field's value under its parameter. */
function tell(
  { name, subject, path }: AskedField,
  entered: FormEntries,
  acceptance: Acceptance,
  { account, persons }: Pick<FormParameters, "account"> & { persons: Map<string, JsonObject> },
): void {
  const terms = /^(.*)tos_acceptance\.(?:date|ip)$/.exec(name);
  const role = roleConfirmed(name);
  const value = entered.get(name);
  if (terms !== null) put(account, `${terms[1]}tos_acceptance`, { ...acceptance });
  else if (role !== null) put(account, `company.${role}s_provided`, true);
  else if (value !== undefined) {
    const told = /document$/.test(path) ? { front: value } : /\.files$|^full_name_aliases$/.test(path) ? [value] : value;
    const person =
      subject === "account" ? account : subject === "individual" || subject === "representative" ? account : (persons.get(subject) ?? {});
    put(person, person === account && subject !== "account" ? `individual.${path}` : (GIVEN_AS[path] ?? path), told);
    if (person !== account) persons.set(subject, person);
  }
}

/** The role for which a field confirms that everyone is named; null for any other field. */
export function roleConfirmed(name: string): "owner" | "director" | "executive" | null {
  const [, one, other] = /^(?:relationship\.(owner|director|executive)|company\.(owner|director|executive)s_provided)$/.exec(name) ?? [];
  return ((one ?? other) as "owner" | "director" | "executive" | undefined) ?? null;
}

function missingFields({ name, required, path }: AskedField, entered: FormEntries): FieldError[] {
  if (!required) return [];
  const lacking = (fields: readonly string[]) =>
    fields.filter((field) => !entered.has(field)).map((field) => ({ field, message: "This field is required." }));
  if (name === "external_account") return lacking([BANK_FIELDS[0]]);
  if (name.endsWith("tos_acceptance.date")) return entered.has(name) ? [] : [{ field: name, message: "Accept the terms to continue." }];
  if (name.endsWith("tos_acceptance.ip")) return [];
  if (roleConfirmed(name) !== null) return entered.has(name) ? [] : [{ field: name, message: "Confirm this to continue." }];
  if (path === "business_profile.url" && entered.has("business_profile.product_description")) return [];
  return lacking([name]);
}

function bankOf(entered: FormEntries): FormParameters["bank"] {
  const [number, routing] = BANK_FIELDS;
  const routingNumber = entered.get(routing);
  return { account_number: entered.get(number) ?? "", ...(routingNumber === undefined ? {} : { routing_number: routingNumber }) };
}

function put(into: JsonObject, path: string, value: Json): void {
  const [key = "", ...rest] = path.split(".");
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  const inner = hashOf(into[key]);
  into[key] = inner;
  put(inner, rest.join("."), value);
}

/** The value of a field that passes in test mode; undefined if there is none. */
export function testValue(world: AccountWorld, { name, path }: AskedField): string | undefined {
  const passing = passingValues(name, world);
  if (passing === null || passing.of === "external_account") return undefined;
  const told = passing.of === "account" && passing.told.individual !== undefined ? hashOf(passing.told.individual) : passing.told;
  let value: Json | undefined = told;
  for (const key of (GIVEN_AS[path] ?? path).split(".")) value = Array.isArray(value) ? value[0] : hashOf(value)[key];
  if (Array.isArray(value)) value = value[0];
  const document = hashOf(value).front;
  const found = document ?? value;
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean" ? String(found) : undefined;
}
