import { isHash } from "../../../operations/merge-change.ts";
import type { Json, JsonObject } from "../../../store/contract/rows.ts";

/** Fields for which only the fact that they were given is stored. */
const SECRET = new Set(["tax_id", "vat_id", "id_number", "id_number_secondary", "ssn_last_4"]);
/** The suffix of the flag that is stored instead. */
const PROVIDED = /_provided$/;
/** Confirmations that all persons of a role were named: only `true` counts as given. */
const CONFIRMATION = /^(directors|executives|owners)_provided$/;

/** Requirements that are given under another name. */
export const GIVEN_AS: Readonly<Record<string, string>> = { "company.business_vat_id_number": "company.vat_id" };

/**
 * Whether a person or an account has a field, by its path: `address.city`, `company.tax_id`. `given` is the stored
 * data.
 */
export function isGiven(given: JsonObject, field: string): boolean {
  const path = field.split(".");
  const last = path.pop() ?? "";
  let at: JsonObject = given;
  for (const key of path) {
    const inner = at[key];
    if (!isHash(inner)) return false;
    at = inner;
  }
  if (last === "ssn_last_4" && at.id_number_provided === true) return true;
  if (SECRET.has(last)) return at[`${last}_provided`] === true;
  // An empty list of names means that there are no such names.
  if (last === "full_name_aliases") return Array.isArray(at[last]);
  return CONFIRMATION.test(last) ? at[last] === true : isThere(at[last]);
}

/** A document counts as given when one of its sides was given. */
function isThere(value: Json | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  return isHash(value) ? Object.values(value).some(isThere) : true;
}

/**
 * The paths of everything in a hash: `dob.day`, `verification.document.front` and the hashes on the way. The flag of a
 * given number counts as the number's path.
 */
export function fieldsIn(told: JsonObject): string[] {
  return Object.entries(told).flatMap(([key, value]) => [
    SECRET.has(key.replace(PROVIDED, "")) ? key.replace(PROVIDED, "") : key,
    ...(isHash(value) ? fieldsIn(value).map((inner) => `${key}.${inner}`) : []),
  ]);
}
