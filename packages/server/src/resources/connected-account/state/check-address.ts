import { apiError } from "@carabiner/protocol";
import { isStateOf } from "./states.ts";

/** The parts of an address that depend on its country. */
export interface AddressTold {
  country?: string | null | undefined;
  postal_code?: string | null | undefined;
  state?: string | null | undefined;
}

/** What is known about an address before the call's values. */
export interface AddressKnown {
  /** The parameter that contains the address. */
  param: string;
  /** The address before the call. */
  before: AddressTold;
  /** The country of the account; null if it is not known yet, as for a token. */
  country: string | null;
}

/**
 * Throws `postal_code_invalid` for a postal code that cannot exist in the address's country, and
 * `account_country_invalid_state` for a state that the country does not have. The rules of countries that are not
 * listed here are unknown. Source: https://docs.stripe.com/error-codes and
 * https://support.stripe.com/questions/connect-address-validation
 */
export function checkAddress(told: AddressTold | null | undefined, { param, before, country: ofAccount }: AddressKnown): void {
  if (told === null || told === undefined) return;
  const country = told.country ?? (told.country === null ? null : before.country) ?? ofAccount;
  if (country === null) return;
  const { postal_code: code, state } = told;
  const form = POSTAL_CODES[country];
  if (typeof code === "string" && form !== undefined && !form.test(code.trim()))
    throw apiError("postal_code_invalid", { value: code.slice(0, 40), country, param: `${param}[postal_code]` });
  if (typeof state === "string" && !isStateOf(country, state))
    throw apiError("account_country_invalid_state", { value: state.slice(0, 80), country, param: `${param}[state]` });
}

/**
 * The form of postal codes in countries where a wrong one is certain to be a mistake. Elsewhere Stripe accepts codes
 * that do not exist: test mode created an account with 12345 in Singapore. Source: the post of each country
 */
const POSTAL_CODES: Readonly<Record<string, RegExp>> = {
  AU: /^\d{4}$/,
  CA: /^[a-z]\d[a-z][ -]?\d[a-z]\d$/i,
  DE: /^(?:d[- ]?)?\d{5}$/i,
  GB: /^(?:gir ?0aa|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})$/i,
  US: /^\d{5}(?:[- ]?\d{4})?$/,
};
