import { hashOf, isHash } from "../../operations/merge-change.ts";
import type { Json, JsonObject } from "../../store/contract/rows.ts";
import type { AccountChange } from "../accounts/change-account.ts";
import { CAPABILITIES } from "../connected-account/state/capabilities.ts";
import { currencyOf } from "../connected-account/state/countries.ts";

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
  const email = text("email", /^[^\s@]+@[^\s@]+\.[^\s@]+$/, 800);
  const businessType = BUSINESS_TYPES[text("business_type") ?? ""];
  const businessName = text("business_name");
  const phone = known === undefined ? undefined : text("phone_number", /^\d{10}$/);
  const currency = known === undefined ? undefined : text("currency", /^[a-z]{3}$/);
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
      url: text("url", /^https?:\/\/\S+\.\S+$/, 2_000),
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
