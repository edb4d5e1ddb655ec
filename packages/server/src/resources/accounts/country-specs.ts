import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Limits } from "../../limits.ts";
import { asJson } from "../../operations/as-json.ts";
import { CURRENCIES } from "../../operations/currency-codes.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import { pageOf } from "../../operations/page-of.ts";
import { listAnswer, pageProperties, params } from "../../operations/parameters.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { deriveWorld } from "../connected-account/requirements/derive-world.ts";
import { COUNTRIES, currencyOf } from "../connected-account/state/countries.ts";
import { newAccount } from "../connected-account/state/new-account.ts";

/**
 * The available features and the requirements of accounts in each country.
 * Source: https://docs.stripe.com/api/country_specs
 */
export const countrySpecs: Resource = {
  object: "country_spec",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/v1/country_specs",
      params: params(pageProperties),
      async run({ limits, now }, page) {
        const knows = async (id: string) => COUNTRIES.includes(id);
        const { rows, hasMore } = pageOf(COUNTRIES, (country) => country, await pageAsked(page, limits, { name: "country", knows }));
        return listAnswer(
          "/v1/country_specs",
          rows.map((country) => countrySpec(country, now, limits)),
          hasMore,
        );
      },
    }),
    operation({
      method: "GET",
      path: "/v1/country_specs/:country",
      params: params({}),
      async run({ limits, now }, _, { country = "" }) {
        const id = country.toUpperCase();
        if (!COUNTRIES.includes(id)) throw apiError("country_unsupported", { value: country.slice(0, 80), param: "country" });
        return countrySpec(id, now, limits);
      },
    }),
  ],
};

/** The Country Spec object. Source: https://docs.stripe.com/api/country_specs/object */
function countrySpec(country: string, now: number, limits: Limits): JsonObject {
  const currency = currencyOf(country) as string;
  return asJson({
    id: country,
    object: "country_spec",
    default_currency: currency,
    supported_bank_account_currencies: { [currency]: [country] },
    supported_payment_currencies: [...CURRENCIES],
    supported_payment_methods: ["card"],
    // Nothing is converted and no real money moves, so funds can be sent to any country.
    supported_transfer_countries: [...COUNTRIES],
    verification_fields: {
      company: fieldsOf(country, "company", now, limits),
      individual: fieldsOf(country, "individual", now, limits),
    },
  } satisfies Stripe.CountrySpec);
}

/** The initial and additional requirements of a new account that requests the usual capabilities. */
function fieldsOf(country: string, business_type: string, now: number, limits: Limits): { minimum: string[]; additional: string[] } {
  const requested = { requested: true };
  const state = {
    ...newAccount({ country, type: "custom", livemode: false }),
    given: { business_type, capabilities: { card_payments: requested, transfers: requested } },
  };
  const row = { id: "acct_spec", created: now, apiVersion: "", deleted: false, data: {} };
  const { requirements } = deriveWorld({ row, state, persons: [], externalAccounts: [], customer: null }, now, limits).world.state.derived;
  const minimum = [...(requirements.currently_due ?? [])].sort();
  return { minimum, additional: (requirements.eventually_due ?? []).filter((field) => !minimum.includes(field)).sort() };
}
