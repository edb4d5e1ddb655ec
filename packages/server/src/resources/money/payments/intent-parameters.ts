import type Stripe from "stripe";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import {
  choice,
  clearableChoice,
  clearableFormatted,
  clearableHash,
  clearableInteger,
  flag,
  flagOr,
  formatted,
  hash,
  integer,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../../operations/parameters.ts";
import { paymentMethodData } from "../../customers/payment-methods/payment-method-parameters.ts";
import { paymentMethodTypes } from "../../customers/payment-methods/payment-method-types.ts";
import { shippingParameters } from "../shipping-parameters.ts";
import { paymentMethodOptions } from "./card-options.ts";
import { mandateData } from "./mandate-data.ts";
import { changedTransferData, newTransferData } from "./transfer-data.ts";

/** Parameters that are compared with their own types. */
type Nested = "payment_method_data" | "payment_method_options" | "transfer_data";

/** Whether the cardholder is absent. The words are older names for the reason. */
const offSession = optional(flagOr(["one_off", "recurring"]));

/** Documented parameters for payment methods other than cards, or for things that no test card needs. */
const NOT_HERE = ["allowed_payment_method_types", "amount_details", "excluded_payment_method_types", "hooks", "payment_details"] as const;

const common = {
  customer: optional(text()),
  customer_account: optional(text()),
  description: optional(text(1_000)),
  metadata: optional(metadata()),
  payment_method: optional(text()),
  payment_method_data: optional(paymentMethodData),
  payment_method_options: optional(paymentMethodOptions),
  payment_method_types: optional(paymentMethodTypes),
  statement_descriptor: optional(text(22)),
  statement_descriptor_suffix: optional(text(22)),
  transfer_group: optional(text()),
};

export const createIntentParameters = coversStripeParams<Omit<Stripe.PaymentIntentCreateParams, Nested>>()(
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
    mandate_data: optional(mandateData),
    off_session: offSession,
    on_behalf_of: optional(text()),
    receipt_email: optional(formatted("email", 512)),
    return_url: optional(text()),
    setup_future_usage: optional(choice(["off_session", "on_session"])),
    shipping: optional(shippingParameters),
    transfer_data: optional(newTransferData),
    use_stripe_sdk: optional(flag()),
  }),
  [...NOT_HERE, "confirmation_token", "mandate", "payment_method_configuration", "radar_options"],
);

export const updateIntentParameters = coversStripeParams<Omit<Stripe.PaymentIntentUpdateParams, Nested>>()(
  params({
    ...common,
    amount: optional(integer()),
    application_fee_amount: optional(clearableInteger(0)),
    capture_method: optional(choice(["automatic", "automatic_async", "manual"])),
    currency: optional(text()),
    receipt_email: optional(clearableFormatted("email", 512)),
    setup_future_usage: optional(clearableChoice(["off_session", "on_session"])),
    shipping: optional(clearableHash({ ...shippingParameters.properties })),
    transfer_data: optional(changedTransferData),
  }),
  [...NOT_HERE, "payment_method_configuration"],
);

export const confirmIntentParameters = coversStripeParams<Omit<Stripe.PaymentIntentConfirmParams, Nested>>()(
  params({
    capture_method: optional(choice(["automatic", "automatic_async", "manual"])),
    error_on_requires_action: optional(flag()),
    mandate_data: optional(mandateData),
    off_session: offSession,
    payment_method: optional(text()),
    payment_method_data: optional(paymentMethodData),
    payment_method_options: optional(paymentMethodOptions),
    receipt_email: optional(clearableFormatted("email", 512)),
    return_url: optional(text()),
    setup_future_usage: optional(clearableChoice(["off_session", "on_session"])),
    shipping: optional(clearableHash({ ...shippingParameters.properties })),
    use_stripe_sdk: optional(flag()),
  }),
  [...NOT_HERE, "amount_to_confirm", "confirmation_token", "mandate", "radar_options"],
);

export const captureIntentParameters = coversStripeParams<Stripe.PaymentIntentCaptureParams>()(
  params({
    amount_to_capture: optional(integer(1)),
    application_fee_amount: optional(integer(0)),
    metadata: optional(metadata()),
    statement_descriptor: optional(text(22)),
    statement_descriptor_suffix: optional(text(22)),
    transfer_data: optional(hash({ amount: optional(integer(1)) })),
  }),
  ["amount_details", "final_capture", "hooks", "payment_details"],
);

export const listIntentParameters = coversStripeParams<Stripe.PaymentIntentListParams>()(
  params({ ...pageProperties, created: optional(timeFilter()), customer: optional(text()), customer_account: optional(text()) }),
);
