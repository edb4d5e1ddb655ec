import { isHash } from "../../../operations/merge-change.ts";
import type { Json, JsonObject } from "../../../store/contract/rows.ts";

/** Fields of which only that they were given is kept. */
const SECRET = new Set(["tax_id", "vat_id", "id_number", "id_number_secondary", "ssn_last_4"]);
/** What is kept instead of it ends in this. */
const PROVIDED = /_provided$/;
/** What confirms that all were named: only a yes counts. */
const CONFIRMATION = /^(directors|executives|owners)_provided$/;

/** What an account gives under another name than the one it is asked for. */
export const GIVEN_AS: Readonly<Record<string, string>> = { "company.business_vat_id_number": "company.vat_id" };

/** Whether a field was given to a person or an account, by the way to it: `address.city`, `company.tax_id`. `given` is what is kept. */
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
  // An empty list of names says that there are none.
  if (last === "full_name_aliases") return Array.isArray(at[last]);
  return CONFIRMATION.test(last) ? at[last] === true : isThere(at[last]);
}

/** A document is there when one of its sides is. */
function isThere(value: Json | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  return isHash(value) ? Object.values(value).some(isThere) : true;
}

/**
 * The ways to everything in a hash: `dob.day`, `verification.document.front` and the hashes on the way. That a number was
 * given is the way to the number.
 */
export function fieldsIn(told: JsonObject): string[] {
  return Object.entries(told).flatMap(([key, value]) => [
    SECRET.has(key.replace(PROVIDED, "")) ? key.replace(PROVIDED, "") : key,
    ...(isHash(value) ? fieldsIn(value).map((inner) => `${key}.${inner}`) : []),
  ]);
}
