import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import {
  choice,
  clearableText,
  flag,
  hash,
  list,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../operations/parameters.ts";
import { paymentMethodData } from "../customers/payment-methods/payment-method-parameters.ts";

/** Documented parameters for payment methods other than cards, mandates, or an account's own payments. */
type Elsewhere =
  | "allowed_payment_method_types"
  | "attach_to_self"
  | "confirmation_token"
  | "excluded_payment_method_types"
  | "flow_directions"
  | "mandate_data"
  | "payment_method_configuration"
  | "payment_method_data"
  | "payment_method_options"
  | "single_use";

const types = optional(list(choice(["card"])));

export const createSetupIntentParameters = coversStripeParams<Omit<Stripe.SetupIntentCreateParams, Elsewhere>>()(
  params({
    automatic_payment_methods: optional(hash({ allow_redirects: optional(choice(["always", "never"])), enabled: flag() })),
    confirm: optional(flag()),
    customer: optional(text()),
    customer_account: optional(text()),
    description: optional(text(1_000)),
    metadata: optional(metadata()),
    on_behalf_of: optional(text()),
    payment_method: optional(text()),
    payment_method_data: optional(paymentMethodData),
    payment_method_types: types,
    return_url: optional(text()),
    usage: optional(choice(["off_session", "on_session"])),
    use_stripe_sdk: optional(flag()),
  }),
);

export const updateSetupIntentParameters = coversStripeParams<Omit<Stripe.SetupIntentUpdateParams, Elsewhere>>()(
  params({
    customer: optional(text()),
    customer_account: optional(text()),
    description: optional(clearableText(1_000)),
    metadata: optional(metadata()),
    payment_method: optional(text()),
    payment_method_data: optional(paymentMethodData),
    payment_method_types: types,
  }),
);

export const confirmSetupIntentParameters = coversStripeParams<Omit<Stripe.SetupIntentConfirmParams, Elsewhere>>()(
  params({
    payment_method: optional(text()),
    payment_method_data: optional(paymentMethodData),
    return_url: optional(text()),
    use_stripe_sdk: optional(flag()),
  }),
);

export const cancelSetupIntentParameters = coversStripeParams<Stripe.SetupIntentCancelParams>()(
  params({ cancellation_reason: optional(choice(["abandoned", "duplicate", "requested_by_customer"])) }),
);

export const listSetupIntentParameters = coversStripeParams<Omit<Stripe.SetupIntentListParams, "attach_to_self">>()(
  params({
    ...pageProperties,
    created: optional(timeFilter()),
    customer: optional(text()),
    customer_account: optional(text()),
    payment_method: optional(text()),
  }),
);
