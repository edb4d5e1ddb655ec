import { apiError } from "@carabiner/protocol";
import { isStateOf } from "./states.ts";

/** The parts of an address that its country decides about. */
export interface AddressTold {
  country?: string | null | undefined;
  postal_code?: string | null | undefined;
  state?: string | null | undefined;
}

/** Where an address is, as far as it is known without what is told. */
export interface AddressKnown {
  /** The parameter that has the address. */
  param: string;
  /** The address before the call. */
  before: AddressTold;
  /** The country of the account; null if it is not known yet, as for a token. */
  country: string | null;
}

/**
 * Throws `postal_code_invalid` for a postal code that the address's country cannot have, and
 * `account_country_invalid_state` for a state that it does not have. Other countries than those listed have rules that
 * are not known here. Source: https://docs.stripe.com/error-codes and
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
 * The form of postal codes where a wrong one is certain to be a mistake. Elsewhere Stripe takes what the post does not
 * have: test mode answered 12345 in Singapore with an account. Source: the post of each country
 */
const POSTAL_CODES: Readonly<Record<string, RegExp>> = {
  AU: /^\d{4}$/,
  CA: /^[a-z]\d[a-z][ -]?\d[a-z]\d$/i,
  DE: /^(?:d[- ]?)?\d{5}$/i,
  GB: /^(?:gir ?0aa|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})$/i,
  US: /^\d{5}(?:[- ]?\d{4})?$/,
};
