import type Stripe from "stripe";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import {
  choice,
  clearableFormatted,
  clearableHash,
  clearableText,
  hash,
  integer,
  metadata,
  optional,
  pageProperties,
  params,
  text,
} from "../../../operations/parameters.ts";
import { OTHER_PAYMENT_METHODS } from "./other-payment-methods.ts";

/** The parts of an address. The empty string unsets each. */
export const addressFields = {
  city: optional(clearableText()),
  country: optional(clearableText()),
  line1: optional(clearableText()),
  line2: optional(clearableText()),
  postal_code: optional(clearableText()),
  state: optional(clearableText()),
};

const allowRedisplay = choice(["always", "limited", "unspecified"]);

const billingDetails = hash({
  // The country of a customer's address may be any text; the country of a payment method must exist.
  address: optional(clearableHash({ ...addressFields, country: optional(clearableFormatted("country")) })),
  email: optional(clearableFormatted("email", 512)),
  name: optional(clearableText()),
  phone: optional(clearableText()),
  tax_id: optional(text()),
});

const card = coversStripeParams<Stripe.PaymentMethodCreateParams.Card>()(
  hash({
    cvc: optional(text(4)),
    exp_month: optional(integer(1, 12)),
    exp_year: optional(integer(1970, 2100)),
    number: optional(text(30)),
    token: optional(text()),
  }),
  ["networks"],
);

/** Payment method details within another call: a card, by token or number. */
export const paymentMethodData = coversStripeParams<Stripe.PaymentIntentCreateParams.PaymentMethodData>()(
  hash({
    allow_redisplay: optional(allowRedisplay),
    billing_details: optional(billingDetails),
    card: optional(card),
    metadata: optional(metadata()),
    type: choice(["card"], OTHER_PAYMENT_METHODS),
  }),
  ["interac_present", "radar_options", ...OTHER_PAYMENT_METHODS],
);

export const createPaymentMethodParameters = coversStripeParams<Omit<Stripe.PaymentMethodCreateParams, "card">>()(
  params({
    allow_redisplay: optional(allowRedisplay),
    billing_details: optional(billingDetails),
    card: optional(card),
    customer: optional(text()),
    metadata: optional(metadata()),
    payment_method: optional(text()),
    type: optional(choice(["card"], OTHER_PAYMENT_METHODS)),
  }),
  ["custom", "interac_present", "radar_options", ...OTHER_PAYMENT_METHODS],
);

export const updatePaymentMethodParameters = coversStripeParams<Omit<Stripe.PaymentMethodUpdateParams, "card">>()(
  params({
    allow_redisplay: optional(allowRedisplay),
    billing_details: optional(billingDetails),
    card: optional(
      coversStripeParams<Stripe.PaymentMethodUpdateParams.Card>()(hash({ exp_month: optional(integer()), exp_year: optional(integer()) }), [
        "networks",
      ]),
    ),
    metadata: optional(metadata()),
  }),
  ["us_bank_account"],
);

/** Parameters of a customer's list, which the path names. */
export const customersPaymentMethodsParameters = coversStripeParams<Stripe.CustomerListPaymentMethodsParams>()(
  params({ ...pageProperties, allow_redisplay: optional(allowRedisplay), type: optional(text()) }),
);

export const listPaymentMethodsParameters = coversStripeParams<Stripe.PaymentMethodListParams>()(
  params({
    ...pageProperties,
    allow_redisplay: optional(allowRedisplay),
    customer: optional(text()),
    customer_account: optional(text()),
    type: optional(text()),
  }),
);
