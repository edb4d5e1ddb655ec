import { describe, expect, test } from "vitest";
import { mergeChange } from "../../../operations/merge-change.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { ACCOUNT_CORRESPONDENCES, ONLY_IN_V2 } from "./account-correspondences.ts";
import { businessNumbersInV1, businessNumbersInV2 } from "./business-id-numbers.ts";
import { inV1, inV2 } from "./correspondence.ts";
import { valueAt } from "./path.ts";

const ADDRESS = { city: "Berlin", country: "de", line1: "Hauptstr. 1", line2: null, postal_code: "10827", state: null };
const DECLARED = { date: "2026-01-31T12:00:00.000Z", ip: "127.0.0.1", user_agent: "curl" };
const FILES = { files: ["file_1"], type: "files" };
const SIDES = { front_back: { back: null, front: "file_1" }, type: "front_back" };

/** A value of each row that is more than a word. */
const VALUES: Readonly<Record<string, JsonObject[string]>> = {
  "identity.business_details.documents.primary_verification": SIDES,
  "identity.business_details.annual_revenue": { amount: { currency: "usd", value: 5 }, fiscal_year_end: "2025-12-31" },
  "identity.business_details.monthly_estimated_revenue": { amount: { currency: "usd", value: 5 } },
  "identity.business_details.additional_addresses": [
    { ...ADDRESS, purpose: "administrative" },
    { ...ADDRESS, purpose: "principal_place_of_business" },
  ],
  "identity.attestations.terms_of_service.account": DECLARED,
};

function valueFor(path: string): JsonObject[string] {
  const known = VALUES[path];
  if (known !== undefined) return known;
  if (/(?:^|[.])address$|script_addresses/.test(path)) return ADDRESS;
  if (/declaration$/.test(path)) return DECLARED;
  return /documents\./.test(path) ? FILES : "text";
}

describe("what both APIs have of an account", () => {
  const [rows, only] = [ACCOUNT_CORRESPONDENCES, ONLY_IN_V2];

  test.each([...rows.map(({ v2 }) => v2), ...only])("%s: what v2 is told is what it shows", (path) => {
    const told: JsonObject = path.split(".").reduceRight<JsonObject>((inner, key) => ({ [key]: inner }), valueFor(path) as JsonObject);
    const given = mergeChange({}, inV1(rows, only, told));
    // Empty sides and lines are not stored.
    const shown = valueAt(inV2(rows, only, given), path);
    expect(withoutNull(shown)).toEqual(withoutNull(valueFor(path)));
  });

  test("no two of them share a path", () => {
    const v1 = rows.flatMap(({ v1 }) => v1);
    expect(new Set(v1).size).toBe(v1.length);
    expect(new Set(rows.map(({ v2 }) => v2)).size).toBe(rows.length);
  });

  test("null unsets each of them, and null for a hash all within", () => {
    for (const { v2 } of rows) {
      const told = v2.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), valueFor(v2)) as JsonObject;
      const given = mergeChange({}, inV1(rows, only, told));
      const gone = mergeChange(given, inV1(rows, only, { [v2.split(".")[0] as string]: null }));
      expect(valueAt(inV2(rows, only, gone), v2)).toBeUndefined();
    }
  });
});

describe("the numbers of a business", () => {
  const given = (...numbers: Parameters<typeof businessNumbersInV1>[0] & object[]) => businessNumbersInV1(numbers, "id_numbers");

  test("go to v1's fields, and only their types are kept", () => {
    const change = given({ type: "de_vat", value: "DE123" }, { type: "de_hrn", value: "HRB 1", registrar: "Berlin" });
    expect(change).toMatchObject({ tax_id: "HRB 1", tax_id_registrar: "Berlin", vat_id: "DE123" });
    expect(JSON.stringify(change.v2)).not.toMatch(/HRB 1|DE123/);
    const company = { tax_id_provided: true, tax_id_registrar: "Berlin", vat_id_provided: true, v2: change.v2 ?? null };
    expect(businessNumbersInV2(company, "DE")).toEqual([{ type: "de_hrn", registrar: "Berlin" }, { type: "de_vat" }]);
    expect(businessNumbersInV2({ ...company, vat_id_provided: false }, "DE")).toEqual([{ type: "de_hrn", registrar: "Berlin" }]);
  });

  test("that v1 was given have the usual type of the country", () => {
    expect(businessNumbersInV2({ tax_id_provided: true }, "US")).toEqual([{ type: "us_ein" }]);
    expect(businessNumbersInV2({ tax_id_provided: true, vat_id_provided: true }, "GB")).toEqual([{ type: "gb_crn" }, { type: "gb_vat" }]);
  });

  test("are refused where v1 has one field for two", () => {
    expect(() => given({ type: "de_hrn", value: "1" }, { type: "de_stn", value: "2" })).toThrow(/id_numbers\[1\]/);
  });
});

function withoutNull(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, inner) => (inner === null ? undefined : inner)));
}
