import { ApiError } from "@carabiner/protocol";
import { hashOf, isHash } from "../../operations/merge-change.ts";
import { readTextFormat, type TextFormat } from "../../operations/text-format.ts";
import type { Json, JsonObject } from "../../store/contract/rows.ts";
import type { AccountChange } from "../accounts/change-account.ts";
import { CAPABILITIES } from "../connected-account/state/capabilities.ts";
import { checkAddress } from "../connected-account/state/check-address.ts";
import { currencyOf } from "../connected-account/state/countries.ts";
import { checkPerson } from "../persons/check-person.ts";

/** A platform's data about a user who is about to create an account, as the form shows it. */
export interface Prefill {
  email?: string;
  country?: string;
  businessName?: string;
  /** All other data, as account parameters. */
  told: AccountChange;
}

const BUSINESS_TYPES: Readonly<Record<string, "individual" | "company" | "non_profit">> = {
  corporation: "company",
  llc: "company",
  non_profit: "non_profit",
  partnership: "company",
  sole_prop: "individual",
};

/**
 * Parses `stripe_user[…]`. Silently ignores invalid values, as documented.
 * Source: https://docs.stripe.com/connect/oauth-reference (GET /oauth/authorize, `stripe_user`)
 */
export function readPrefill(given: Json | undefined): Prefill {
  const user = hashOf(given);
  const text = (name: string, form = /\S/, maxChars = 100): string | undefined => {
    const value = user[name];
    return typeof value === "string" && value.length <= maxChars && form.test(value) ? value : undefined;
  };
  const number = (name: string, min: number, max: number): number | undefined => {
    const value = Number(text(name, /^\d{1,4}$/));
    return value >= min && value <= max ? value : undefined;
  };
  const country = text("country", /^[A-Za-z]{2}$/)?.toUpperCase();
  const known = country !== undefined && currencyOf(country) !== undefined ? country : undefined;
  const formatted = (name: string, format: TextFormat, form: RegExp, maxChars?: number): string | undefined => {
    const value = text(name, form, maxChars);
    return value !== undefined && "text" in readTextFormat(format, value) ? value : undefined;
  };
  const email = formatted("email", "email", /\S/, 800);
  const businessType = BUSINESS_TYPES[text("business_type") ?? ""];
  const businessName = text("business_name");
  const phone = known === undefined ? undefined : text("phone_number", /^\d{10}$/);
  const currency = known === undefined ? undefined : formatted("currency", "currency", /^[a-z]{3}$/);
  const address = present({
    city: text("city"),
    country: known,
    line1: text("street_address"),
    postal_code: text("zip", /^[\w -]{2,12}$/),
    state: known === undefined ? undefined : text("state", /^[A-Za-z]{2,3}$/),
  });
  const placed = address !== undefined && Object.keys(address).some((key) => key !== "country") ? address : undefined;
  const [day, month, year] = [number("dob_day", 1, 31), number("dob_month", 1, 12), number("dob_year", 1901, 9999)];
  const person = present({
    dob: day === undefined || month === undefined || year === undefined ? undefined : { day, month, year },
    first_name: text("first_name"),
    last_name: text("last_name"),
    ...(businessType === "individual" ? { address: placed, phone } : {}),
  });
  const company = businessType === "individual" ? undefined : present({ address: placed, name: businessName, phone });
  const told = present({
    business_profile: present({
      product_description: text("product_description", /\S/, 40_000),
      url: formatted("url", "url", /^https?:\/\//, 2_000),
    }),
    business_type: businessType,
    default_currency: currency,
    company: businessType === undefined ? undefined : company,
    individual: businessType === "individual" ? person : undefined,
  });
  return {
    ...(email === undefined ? {} : { email }),
    ...(known === undefined ? {} : { country: known }),
    ...(businessName === undefined ? {} : { businessName }),
    told: (told ?? {}) as AccountChange,
  };
}

/**
 * The prefilled data for an account in a country, which may differ from the platform's choice, because the user chose
 * another. Leaves out a date of birth and addresses that are not valid for such an account. `now` is in Unix
 * milliseconds.
 */
export function prefillFor({ company, individual, ...told }: AccountChange, country: string, now: number): AccountChange {
  const { address, ...ofCompany } = company ?? {};
  const { dob, address: home, ...ofPerson } = individual ?? {};
  const isFine = (check: () => void): boolean => {
    try {
      check();
      return true;
    } catch (thrown) {
      if (thrown instanceof ApiError) return false;
      throw thrown;
    }
  };
  const known = { before: {}, country, param: "address" };
  const isThere = (address?.country ?? country) === country && isFine(() => checkAddress(address, known));
  return {
    ...told,
    ...(company === undefined ? {} : { company: { ...ofCompany, ...(address !== undefined && isThere ? { address } : {}) } }),
    ...(individual === undefined
      ? {}
      : {
          individual: {
            ...ofPerson,
            ...(dob !== undefined && isFine(() => checkPerson({ dob }, { hash: "", now, country })) ? { dob } : {}),
            ...(home !== undefined && isFine(() => checkAddress(home, known)) ? { address: home } : {}),
          },
        }),
  };
}

/** The defined fields of a hash; undefined when there are none. */
function present(hash: Readonly<Record<string, Json | undefined>>): JsonObject | undefined {
  const entries = Object.entries(hash).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/**
 * The capabilities a platform suggests for an Express account, as account parameters. Ignores unknown ones.
 * Source: same page, `suggested_capabilities`
 */
export function readSuggestedCapabilities(given: Json | undefined): AccountChange["capabilities"] {
  const names = Array.isArray(given) ? given : isHash(given) ? Object.values(given) : [];
  const known = CAPABILITIES.filter((name) => names.includes(name));
  return known.length === 0 ? undefined : Object.fromEntries(known.map((name) => [name, { requested: true }]));
}
