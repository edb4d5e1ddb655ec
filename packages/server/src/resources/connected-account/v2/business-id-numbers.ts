import { apiError } from "@carabiner/protocol";
import { hashOf } from "../../../operations/merge-change.ts";
import type { Json, JsonObject } from "../../../store/contract/rows.ts";
import { BESIDE } from "./correspondence.ts";
import { businessIdType, isVat, vatIdType } from "./id-number-types.ts";

/**
 * The numbers of a business. v2 lists them with their types, and v1 has two fields: `vat_id`, and `tax_id` with its
 * registrar for any other number. The types are stored together with the fields; the numbers are never stored.
 */

/** A number in v2's form. */
interface IdNumber {
  type: string;
  value: string;
  registrar?: string | undefined;
}

/**
 * Converts numbers to the fields of v1's `company`. A number replaces the one in the same field, and the other field
 * stays; null unsets both. `param` names the list. Throws `parameters_exclusive` for two numbers in one field.
 */
export function businessNumbersInV1(numbers: readonly IdNumber[] | null, param: string): JsonObject {
  if (numbers === null) return { tax_id: null, tax_id_registrar: null, vat_id: null, [BESIDE]: null };
  const change: JsonObject = {};
  const types: JsonObject = {};
  for (const [index, { type, value, registrar }] of numbers.entries()) {
    const field = isVat(type) ? "vat_id" : "tax_id";
    const before = numbers.findIndex((one) => isVat(one.type) === isVat(type));
    if (before < index) throw apiError("parameters_exclusive", { param: `${param}[${index}]`, other: `${param}[${before}]` });
    change[field] = value;
    if (field === "tax_id") change.tax_id_registrar = registrar ?? null;
    types[`${field}_type`] = type;
  }
  return { ...change, [BESIDE]: types };
}

/** The types of the known numbers of a business in a country, from the stored data of v1's `company`. */
export function businessNumbersInV2(company: JsonObject, country: string): Json[] {
  const { tax_id_type: tax = businessIdType(country), vat_id_type: vat = vatIdType(country) } = hashOf(company[BESIDE]);
  const { tax_id_registrar: registrar } = company;
  return [
    ...(company.tax_id_provided === true ? [{ type: tax, ...(typeof registrar === "string" ? { registrar } : {}) }] : []),
    ...(company.vat_id_provided === true ? [{ type: vat }] : []),
  ];
}
