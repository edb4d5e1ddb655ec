import { hashOf } from "../../operations/merge-change.ts";
import type { AccountWorld } from "../../resources/connected-account/state/account-world.ts";
import { passingValues } from "../../resources/onboarding/passing-values.ts";
import type { Json, JsonObject } from "../../store/store.ts";
import type { AskedField, Section } from "./asked-fields.ts";

/** What a form says, by the fields of the page. */
export type Entered = ReadonlyMap<string, string>;

/** Fields that stand for a requirement that is no value of its own. */
export const BANK_FIELDS = ["external_account.account_number", "external_account.routing_number"] as const;
export const REPRESENTATIVE_FIELDS = ["relationship.representative.first_name", "relationship.representative.last_name"] as const;

/** What is told to whom. */
export interface Told {
  account: JsonObject;
  /** By a person's id. */
  persons: ReadonlyMap<string, JsonObject>;
  /** A person to be made, who represents the business. */
  representative: JsonObject | null;
  bank: { account_number: string; routing_number?: string } | null;
}

/** Something wrong with a field; with the whole form where it has none. */
export interface FieldError {
  field: string | null;
  message: string;
}

/** When, from where and by which browser terms were accepted. */
export interface Acceptance {
  date: number;
  ip?: string;
  user_agent?: string;
}

/** Reads a form: what is told, or which fields are missing. What is told is not looked at yet. */
export function toldOfForm(sections: readonly Section[], entered: Entered, acceptance: Acceptance): Told | readonly FieldError[] {
  const account: JsonObject = {};
  const persons = new Map<string, JsonObject>();
  const errors: FieldError[] = [];
  let representative: JsonObject | null = null;
  let bank: Told["bank"] = null;
  for (const field of sections.flatMap(({ fields }) => fields)) {
    const missing = missingFields(field, entered);
    errors.push(...missing);
    if (missing.length > 0) continue;
    if (field.name === "external_account") bank = bankOf(entered);
    else if (field.name === "relationship.representative") {
      const [first, last] = REPRESENTATIVE_FIELDS;
      representative = {
        first_name: entered.get(first) ?? "",
        last_name: entered.get(last) ?? "",
        relationship: { representative: true },
      };
    } else tell(field, entered, acceptance, { account, persons });
  }
  const described = entered.get("business_profile.product_description");
  if (described !== undefined) put(account, "business_profile.product_description", described);
  return errors.length > 0 ? errors : { account, persons, representative, bank };
}

/** Puts what a field says where it belongs. */
function tell(
  { name, subject, path }: AskedField,
  entered: Entered,
  acceptance: Acceptance,
  { account, persons }: Pick<Told, "account"> & { persons: Map<string, JsonObject> },
): void {
  const terms = /^(.*)tos_acceptance\.(?:date|ip)$/.exec(name);
  const role = ROLE_CONFIRMED[name];
  const value = entered.get(name);
  if (terms !== null) put(account, `${terms[1]}tos_acceptance`, { ...acceptance });
  else if (role !== undefined) put(account, role, true);
  else if (value !== undefined) {
    const told = /document$/.test(path) ? { front: value } : path.endsWith(".files") ? [value] : value;
    const person =
      subject === "account" ? account : subject === "individual" || subject === "representative" ? account : (persons.get(subject) ?? {});
    put(person, person === account && subject !== "account" ? `individual.${path}` : path, told);
    if (person !== account) persons.set(subject, person);
  }
}

/** What confirms that everybody of a role has been named. */
const ROLE_CONFIRMED: Readonly<Record<string, string>> = {
  "relationship.director": "company.directors_provided",
  "relationship.executive": "company.executives_provided",
  "relationship.owner": "company.owners_provided",
};

function missingFields({ name, required, path }: AskedField, entered: Entered): FieldError[] {
  if (!required) return [];
  const lacking = (fields: readonly string[]) =>
    fields.filter((field) => !entered.has(field)).map((field) => ({ field, message: "Fill this in." }));
  if (name === "external_account") return lacking([BANK_FIELDS[0]]);
  if (name === "relationship.representative") return lacking(REPRESENTATIVE_FIELDS);
  if (name.endsWith("tos_acceptance.date")) return entered.has(name) ? [] : [{ field: name, message: "Accept the terms to go on." }];
  if (name.endsWith("tos_acceptance.ip")) return [];
  if (ROLE_CONFIRMED[name] !== undefined) return entered.has(name) ? [] : [{ field: name, message: "Confirm this to go on." }];
  if (path === "business_profile.url" && entered.has("business_profile.product_description")) return [];
  return lacking([name]);
}

function bankOf(entered: Entered): Told["bank"] {
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

/** What a field holds that passes in test mode; undefined where nothing does. */
export function testValue(world: AccountWorld, { name, path }: AskedField): string | undefined {
  const passing = passingValues(name, world);
  if (passing === null || passing.of === "external_account") return undefined;
  const told = passing.of === "account" && passing.told.individual !== undefined ? hashOf(passing.told.individual) : passing.told;
  let value: Json | undefined = told;
  for (const key of path.split(".")) value = Array.isArray(value) ? value[0] : hashOf(value)[key];
  if (Array.isArray(value)) value = value[0];
  const document = hashOf(value).front;
  const found = document ?? value;
  return typeof found === "string" || typeof found === "number" ? String(found) : undefined;
}
