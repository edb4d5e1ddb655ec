import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import {
  choice,
  clearableText,
  flag,
  hash,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../operations/parameters.ts";
import { paymentMethodData } from "../customers/payment-methods/payment-method-parameters.ts";
import { paymentMethodTypes } from "../customers/payment-methods/payment-method-types.ts";
import { mandateData } from "../money/payments/mandate-data.ts";

/** Documented parameters for payment methods other than cards, mandates, or an account's own payments. */
const NOT_HERE = ["allowed_payment_method_types", "payment_method_options"] as const;
const NOT_HERE_BEFORE_CONFIRMATION = [
  ...NOT_HERE,
  "attach_to_self",
  "excluded_payment_method_types",
  "flow_directions",
  "payment_method_configuration",
] as const;

const types = optional(paymentMethodTypes);

export const createSetupIntentParameters = coversStripeParams<Omit<Stripe.SetupIntentCreateParams, "payment_method_data">>()(
  params({
    automatic_payment_methods: optional(hash({ allow_redirects: optional(choice(["always", "never"])), enabled: flag() })),
    confirm: optional(flag()),
    customer: optional(text()),
    customer_account: optional(text()),
    description: optional(text(1_000)),
    mandate_data: optional(mandateData),
    metadata: optional(metadata()),
    on_behalf_of: optional(text()),
    payment_method: optional(text()),
    payment_method_data: optional(paymentMethodData),
    payment_method_types: types,
    return_url: optional(text()),
    usage: optional(choice(["off_session", "on_session"])),
    use_stripe_sdk: optional(flag()),
  }),
  [...NOT_HERE_BEFORE_CONFIRMATION, "confirmation_token", "single_use"],
);

export const updateSetupIntentParameters = coversStripeParams<Omit<Stripe.SetupIntentUpdateParams, "payment_method_data">>()(
  params({
    customer: optional(text()),
    customer_account: optional(text()),
    description: optional(clearableText(1_000)),
    metadata: optional(metadata()),
    payment_method: optional(text()),
    payment_method_data: optional(paymentMethodData),
    payment_method_types: types,
  }),
  NOT_HERE_BEFORE_CONFIRMATION,
);

export const confirmSetupIntentParameters = coversStripeParams<Omit<Stripe.SetupIntentConfirmParams, "payment_method_data">>()(
  params({
    mandate_data: optional(mandateData),
    payment_method: optional(text()),
    payment_method_data: optional(paymentMethodData),
    return_url: optional(text()),
    use_stripe_sdk: optional(flag()),
  }),
  [...NOT_HERE, "confirmation_token"],
);

export const cancelSetupIntentParameters = coversStripeParams<Stripe.SetupIntentCancelParams>()(
  params({ cancellation_reason: optional(choice(["abandoned", "duplicate", "requested_by_customer"])) }),
);

export const listSetupIntentParameters = coversStripeParams<Stripe.SetupIntentListParams>()(
  params({
    ...pageProperties,
    created: optional(timeFilter()),
    customer: optional(text()),
    customer_account: optional(text()),
    payment_method: optional(text()),
  }),
  ["attach_to_self"],
);
