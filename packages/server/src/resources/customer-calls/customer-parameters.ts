import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import {
  clearableChoice,
  clearableFormatted,
  clearableHash,
  clearableList,
  clearableText,
  hash,
  integer,
  metadata,
  optional,
  params,
  text,
} from "../../operations/parameters.ts";
import { addressFields } from "../customers/payment-methods/payment-method-parameters.ts";

/** Documented parameters for cash balances, tax, and bank accounts as sources. */
const NOT_HERE = ["cash_balance", "tax", "validate"] as const;

const changeable = {
  address: optional(clearableHash(addressFields)),
  balance: optional(integer()),
  business_name: optional(clearableText(150)),
  description: optional(clearableText()),
  email: optional(clearableFormatted("email", 512)),
  individual_name: optional(clearableText(150)),
  invoice_prefix: optional(text(12)),
  invoice_settings: optional(
    hash({
      custom_fields: optional(clearableList(hash({ name: text(40), value: text(140) }), 4)),
      default_payment_method: optional(clearableText()),
      footer: optional(clearableText()),
      rendering_options: optional(
        clearableHash({
          amount_tax_display: optional(clearableChoice(["exclude_tax", "include_inclusive_tax"])),
          template: optional(clearableText()),
        }),
      ),
    }),
  ),
  metadata: optional(metadata()),
  name: optional(clearableText(256)),
  next_invoice_sequence: optional(integer(1)),
  phone: optional(clearableText(20)),
  preferred_locales: optional(clearableList(text())),
  shipping: optional(clearableHash({ address: hash(addressFields), name: text(), phone: optional(clearableText(20)) })),
  source: optional(text()),
  tax_exempt: optional(clearableChoice(["exempt", "none", "reverse"])),
};

export const createCustomerParameters = coversStripeParams<Stripe.CustomerCreateParams>()(
  // `card` is an older name of `source`.
  params({ ...changeable, card: optional(text()), payment_method: optional(text()) }),
  [...NOT_HERE, "tax_id_data", "test_clock"],
);

export const updateCustomerParameters = coversStripeParams<Stripe.CustomerUpdateParams>()(
  params({ ...changeable, default_source: optional(text()) }),
  NOT_HERE,
);
