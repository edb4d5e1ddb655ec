import type Stripe from "stripe";
import { withDefaults } from "../../../operations/with-defaults.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import type { ExternalAccount } from "../state/external-account-state.ts";
import { bankAccountRequirements } from "./ownership-check.ts";

/**
 * The BankAccount or Card object of an external account. Source:
 * https://docs.stripe.com/api/external_account_bank_accounts/object and
 * https://docs.stripe.com/api/external_account_cards/object
 */
export function renderExternalAccount({ row, state }: ExternalAccount): Stripe.ExternalAccount {
  const { country, currency, defaultForCurrency, status, shown, metadata } = state;
  if (state.kind === "bank_account")
    return {
      id: row.id,
      object: "bank_account",
      account: row.accountId,
      ...withDefaults(
        {
          account_holder_name: null,
          account_holder_type: null,
          account_type: null,
          available_payout_methods: ["standard"] as Stripe.BankAccount.AvailablePayoutMethod[],
          bank_name: null,
        },
        shown,
      ),
      country,
      currency,
      default_for_currency: defaultForCurrency,
      ...withDefaults({ fingerprint: null }, shown),
      future_requirements: { currently_due: [], errors: [], past_due: [], pending_verification: [] },
      ...withDefaults({ last4: "" }, shown),
      metadata,
      requirements: bankAccountRequirements(state),
      ...withDefaults({ routing_number: null }, shown),
      status,
    } satisfies Stripe.BankAccount;
  return {
    id: row.id,
    object: "card",
    account: row.accountId,
    country,
    currency,
    default_for_currency: defaultForCurrency,
    metadata,
    status,
    ...withDefaults({ available_payout_methods: ["standard"] as Stripe.Card.AvailablePayoutMethod[] }, shown),
    ...renderCardDetails(shown),
  } satisfies Stripe.Card;
}

/** The card fields that both payouts and payments show. */
export function renderCardDetails(shown: JsonObject) {
  return {
    ...withDefaults(
      {
        address_city: null,
        address_country: null,
        address_line1: null,
        address_line1_check: null,
        address_line2: null,
        address_state: null,
        address_zip: null,
        address_zip_check: null,
        brand: "Unknown",
        cvc_check: null,
        dynamic_last4: null,
        exp_month: 0,
        exp_year: 0,
        fingerprint: null,
        funding: "unknown",
        last4: "",
        name: null,
      },
      shown,
    ),
    regulated_status: null,
    tokenization_method: null,
  };
}
