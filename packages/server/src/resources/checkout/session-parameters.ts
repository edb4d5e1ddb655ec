import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import type { OnTheWire } from "../../operations/on-the-wire.ts";
import {
  choice,
  flag,
  formatted,
  hash,
  integer,
  list,
  metadata,
  off,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
  timestamp,
} from "../../operations/parameters.ts";
import { paymentMethodTypes } from "../customers/payment-methods/payment-method-types.ts";
import { shippingParameters } from "../money/shipping-parameters.ts";
import { itemParameters } from "./session-items.ts";

/**
 * Documented parameters for things the page does not ask for or show, or for features that are not implemented here.
 */
const NOT_HERE = [
  "after_expiration",
  "allowed_payment_method_types",
  "branding_settings",
  "consent_collection",
  "custom_fields",
  "custom_text",
  "customer_update",
  "excluded_payment_method_types",
  "integration_identifier",
  "name_collection",
  "optional_items",
  "origin_context",
  "payment_method_configuration",
  "payment_method_data",
  "payment_method_options",
  "permissions",
  "redirect_on_completion",
  "return_url",
  "saved_payment_method_options",
  "shipping_address_collection",
  "shipping_options",
  "subscription_data",
  "wallet_options",
] as const;

type Told = Stripe.Checkout.SessionCreateParams;

/** Features that this server lacks, and that calls may turn off. */
const turnedOff = {
  adaptive_pricing: optional(coversStripeParams<Stripe.Checkout.SessionCreateParams.AdaptivePricing>()(hash({ enabled: optional(off()) }))),
  automatic_tax: optional(coversStripeParams<Stripe.Checkout.SessionCreateParams.AutomaticTax>()(hash({ enabled: off() }), ["liability"])),
  invoice_creation: optional(
    coversStripeParams<Stripe.Checkout.SessionCreateParams.InvoiceCreation>()(hash({ enabled: off() }), ["invoice_data"]),
  ),
  managed_payments: optional(coversStripeParams<Stripe.Checkout.SessionCreateParams.ManagedPayments>()(hash({ enabled: optional(off()) }))),
  tax_id_collection: optional(
    coversStripeParams<Stripe.Checkout.SessionCreateParams.TaxIdCollection>()(hash({ enabled: off() }), ["required"]),
  ),
};

/** The parameters of a session's payment intent. */
const intentData = {
  application_fee_amount: optional(integer(0)),
  capture_method: optional(choice(["automatic", "automatic_async", "manual"])),
  description: optional(text(1_000)),
  metadata: optional(metadata()),
  on_behalf_of: optional(text()),
  receipt_email: optional(formatted("email", 512)),
  setup_future_usage: optional(choice(["off_session", "on_session"])),
  shipping: optional(shippingParameters),
  statement_descriptor: optional(text(22)),
  statement_descriptor_suffix: optional(text(22)),
  transfer_data: optional(hash({ amount: optional(integer(1)), destination: text() })),
  transfer_group: optional(text()),
};

export const createSessionParameters = coversStripeParams<OnTheWire<Omit<Told, "line_items" | keyof typeof turnedOff>>>()(
  params({
    ...turnedOff,
    allow_promotion_codes: optional(flag()),
    billing_address_collection: optional(choice(["auto", "required"])),
    cancel_url: optional(text(5_000)),
    client_reference_id: optional(text(200)),
    currency: optional(text()),
    customer: optional(text()),
    customer_account: optional(text()),
    customer_creation: optional(choice(["always", "if_required"])),
    customer_email: optional(formatted("email", 512)),
    discounts: optional(list(hash({ coupon: optional(text()), promotion_code: optional(text()) }), 1)),
    expires_at: optional(timestamp()),
    line_items: optional(list(itemParameters, "checkoutLineItems")),
    locale: optional(text(10)),
    metadata: optional(metadata()),
    mode: choice(["payment", "setup", "subscription"]),
    payment_intent_data: optional(hash(intentData)),
    payment_method_collection: optional(choice(["always", "if_required"])),
    payment_method_types: optional(paymentMethodTypes),
    phone_number_collection: optional(hash({ enabled: flag() })),
    setup_intent_data: optional(
      hash({ description: optional(text(1_000)), metadata: optional(metadata()), on_behalf_of: optional(text()) }),
    ),
    submit_type: optional(choice(["auto", "book", "donate", "pay"], ["subscribe"])),
    success_url: optional(text(5_000)),
    /** Versions before 2026-03-25 call `hosted_page` `hosted`. */
    ui_mode: optional(choice(["hosted", "hosted_page"], ["custom", "elements", "embedded", "embedded_page", "form"])),
  }),
  NOT_HERE,
);

export const listSessionParameters = coversStripeParams<Stripe.Checkout.SessionListParams>()(
  params({
    ...pageProperties,
    created: optional(timeFilter()),
    customer: optional(text()),
    customer_account: optional(text()),
    customer_details: optional(hash({ email: text(512) })),
    payment_intent: optional(text()),
    payment_link: optional(text()),
    status: optional(choice(["complete", "expired", "open"])),
  }),
  ["subscription"],
);

export const updateSessionParameters = coversStripeParams<Stripe.Checkout.SessionUpdateParams>()(
  params({ metadata: optional(metadata()) }),
  ["collected_information", "line_items", "payment_intent_data", "shipping_options"],
);
