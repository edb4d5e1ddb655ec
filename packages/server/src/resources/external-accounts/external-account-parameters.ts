import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { files } from "../../operations/identity-parameters.ts";
import { choice, clearableChoice, either, flag, hash, integer, metadata, optional, params, text } from "../../operations/parameters.ts";

const HOLDER_TYPES = ["company", "individual"] as const;

const address = {
  address_city: optional(text()),
  address_country: optional(text()),
  address_line1: optional(text()),
  address_line2: optional(text()),
  address_state: optional(text()),
  address_zip: optional(text()),
};

/** The fields of a bank account. */
export const bankAccountProperties = {
  account_holder_name: optional(text()),
  account_holder_type: optional(choice(HOLDER_TYPES)),
  account_number: text(64),
  country: text(2),
  currency: optional(text(3)),
  routing_number: optional(text(64)),
};

/** The fields of a card. */
export const cardProperties = {
  ...address,
  currency: optional(text(3)),
  cvc: optional(text(4)),
  exp_month: integer(),
  exp_year: integer(),
  name: optional(text()),
  number: text(64),
};

const ACCOUNT_TYPES = ["checking", "futsu", "savings", "toza"] as const;

/** A new bank account: a token, or its fields. `object` is optional. */
export const bankAccountParameter = () =>
  either(
    text(),
    hash({
      ...bankAccountProperties,
      account_type: optional(choice(ACCOUNT_TYPES)),
      default_for_currency: optional(flag()),
      metadata: optional(metadata()),
      object: optional(choice(["bank_account"])),
    }),
  );

/**
 * A new bank account or card: a token, or a hash that says which of the two it is. `judge-external-account.ts` checks
 * the fields that each requires.
 */
export const externalAccountParameter = () =>
  either(
    text(),
    hash({
      ...address,
      account_holder_name: optional(text()),
      account_holder_type: optional(choice(HOLDER_TYPES)),
      account_number: optional(text(64)),
      account_type: optional(choice(ACCOUNT_TYPES)),
      country: optional(text(2)),
      currency: optional(text(3)),
      cvc: optional(text(4)),
      default_for_currency: optional(flag()),
      exp_month: optional(integer()),
      exp_year: optional(integer()),
      metadata: optional(metadata()),
      name: optional(text()),
      number: optional(text(64)),
      object: choice(["bank_account", "card"]),
      routing_number: optional(text(64)),
      token: optional(text()),
    }),
  );

/**
 * Parameters of a creation.
 * Source: https://docs.stripe.com/api/external_account_bank_accounts/create and
 * https://docs.stripe.com/api/external_account_cards/create
 */
export const createExternalAccountParameters = coversStripeParams<Stripe.AccountCreateExternalAccountParams>()(
  params({
    // The older name of `external_account`.
    bank_account: optional(bankAccountParameter()),
    default_for_currency: optional(flag()),
    external_account: optional(externalAccountParameter()),
    metadata: optional(metadata()),
  }),
);

/**
 * Parameters of an update.
 * Source: https://docs.stripe.com/api/external_account_bank_accounts/update and
 * https://docs.stripe.com/api/external_account_cards/update
 */
export const updateExternalAccountParameters = coversStripeParams<Stripe.AccountUpdateExternalAccountParams>()(
  params({
    ...address,
    account_holder_name: optional(text()),
    account_holder_type: optional(clearableChoice(HOLDER_TYPES)),
    account_type: optional(choice(ACCOUNT_TYPES)),
    default_for_currency: optional(flag()),
    documents: optional(hash({ bank_account_ownership_verification: optional(hash(files)) })),
    exp_month: optional(integer()),
    exp_year: optional(integer()),
    metadata: optional(metadata()),
    name: optional(text()),
  }),
);
