import type Stripe from "stripe";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import {
  choice,
  clearableChoice,
  clearableFormatted,
  clearableHash,
  clearableInteger,
  flag,
  formatted,
  hash,
  integer,
  list,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../../operations/parameters.ts";
import { paymentMethodData } from "../../customers/payment-methods/payment-method-parameters.ts";
import { shippingParameters } from "../shipping-parameters.ts";
import { paymentMethodOptions } from "./card-options.ts";

/** Documented parameters for payment methods other than cards, or for what no test card needs. */
type Elsewhere =
  | "allowed_payment_method_types"
  | "amount_details"
  | "confirmation_token"
  | "excluded_payment_method_types"
  | "hooks"
  | "mandate"
  | "mandate_data"
  | "off_session"
  | "payment_details"
  | "payment_method_configuration"
  | "payment_method_data"
  | "payment_method_options"
  | "radar_options"
  | "transfer_data";

const common = {
  customer: optional(text()),
  customer_account: optional(text()),
  description: optional(text(1_000)),
  metadata: optional(metadata()),
  payment_method: optional(text()),
  payment_method_data: optional(paymentMethodData),
  payment_method_options: optional(paymentMethodOptions),
  payment_method_types: optional(list(choice(["card"]))),
  statement_descriptor: optional(text(22)),
  statement_descriptor_suffix: optional(text(22)),
  transfer_group: optional(text()),
};

export const createIntentParameters = coversStripeParams<Omit<Stripe.PaymentIntentCreateParams, Elsewhere>>()(
  params({
    ...common,
    amount: integer(),
    application_fee_amount: optional(integer(0)),
    automatic_payment_methods: optional(hash({ allow_redirects: optional(choice(["always", "never"])), enabled: flag() })),
    capture_method: optional(choice(["automatic", "automatic_async", "manual"])),
    confirm: optional(flag()),
    confirmation_method: optional(choice(["automatic", "manual"])),
    currency: text(),
    error_on_requires_action: optional(flag()),
    off_session: optional(flag()),
    on_behalf_of: optional(text()),
    receipt_email: optional(formatted("email", 512)),
    return_url: optional(text()),
    setup_future_usage: optional(choice(["off_session", "on_session"])),
    shipping: optional(shippingParameters),
    transfer_data: optional(hash({ amount: optional(integer(1)), destination: text() })),
    use_stripe_sdk: optional(flag()),
  }),
);

export const updateIntentParameters = coversStripeParams<Omit<Stripe.PaymentIntentUpdateParams, Elsewhere>>()(
  params({
    ...common,
    amount: optional(integer()),
    application_fee_amount: optional(clearableInteger(0)),
    capture_method: optional(choice(["automatic", "automatic_async", "manual"])),
    currency: optional(text()),
    receipt_email: optional(clearableFormatted("email", 512)),
    setup_future_usage: optional(clearableChoice(["off_session", "on_session"])),
    shipping: optional(clearableHash({ ...shippingParameters.properties })),
    transfer_data: optional(hash({ amount: optional(integer(1)) })),
  }),
);

export const confirmIntentParameters = coversStripeParams<Omit<Stripe.PaymentIntentConfirmParams, Elsewhere | "amount_to_confirm">>()(
  params({
    capture_method: optional(choice(["automatic", "automatic_async", "manual"])),
    error_on_requires_action: optional(flag()),
    off_session: optional(flag()),
    payment_method: optional(text()),
    payment_method_data: optional(paymentMethodData),
    payment_method_options: optional(paymentMethodOptions),
    receipt_email: optional(clearableFormatted("email", 512)),
    return_url: optional(text()),
    setup_future_usage: optional(clearableChoice(["off_session", "on_session"])),
    shipping: optional(clearableHash({ ...shippingParameters.properties })),
    use_stripe_sdk: optional(flag()),
  }),
);

export const captureIntentParameters = coversStripeParams<Omit<Stripe.PaymentIntentCaptureParams, Elsewhere | "final_capture">>()(
  params({
    amount_to_capture: optional(integer(1)),
    application_fee_amount: optional(integer(0)),
    metadata: optional(metadata()),
    statement_descriptor: optional(text(22)),
    statement_descriptor_suffix: optional(text(22)),
  }),
);

export const listIntentParameters = coversStripeParams<Stripe.PaymentIntentListParams>()(
  params({ ...pageProperties, created: optional(timeFilter()), customer: optional(text()), customer_account: optional(text()) }),
);
