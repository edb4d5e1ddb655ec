import type Stripe from "stripe";
import { ADDRESS } from "../../../operations/address.ts";
import { asJson } from "../../../operations/as-json.ts";
import { expanderOf, type ObjectKind } from "../../../operations/object-kind.ts";
import { seconds } from "../../../operations/time-range.ts";
import { withDefaults } from "../../../operations/with-defaults.ts";
import type { JsonObject, ObjectRow } from "../../../store/contract/rows.ts";
import type { Card } from "./card.ts";

/** A payment method as its row stores it. One created as a customer's source shows as a card in the sources API. */
export interface PaymentMethodState {
  /** Whether it was created as a customer's source. Its id then begins with `card_`. */
  source: boolean;
  type: "card";
  /** The customer it is attached to, which is also its row's parent. */
  customer: string | null;
  /** The account that the customer was when it was attached. */
  customerAccount?: string | null;
  /** It was used without a customer, or detached, and cannot be used again. */
  spent: boolean;
  card: Card;
  /** The check of the security code; null when none was given. */
  cvcCheck: "pass" | "unchecked" | null;
  billing: JsonObject;
  allowRedisplay: "always" | "limited" | "unspecified";
  metadata: Stripe.Metadata;
}

/** A payment method with its row. */
export interface SavedPaymentMethod {
  row: ObjectRow;
  state: PaymentMethodState;
}

export const PAYMENT_METHOD: ObjectKind = { object: "payment_method", name: "PaymentMethod", show: renderPaymentMethod };

export function readPaymentMethod(row: ObjectRow): SavedPaymentMethod {
  return { row, state: row.data as unknown as PaymentMethodState };
}

/** The data of a payment method's row. */
export function paymentMethodData(state: PaymentMethodState): JsonObject {
  return { ...state } as unknown as JsonObject;
}

/** A payment method with another state, to be written. */
export function withState({ row, state }: SavedPaymentMethod, changed: Partial<PaymentMethodState>): SavedPaymentMethod {
  const after = { ...state, ...changed };
  return { row: { ...row, parent: after.customer, data: paymentMethodData(after) }, state: after };
}

/** The PaymentMethod object. Source: https://docs.stripe.com/api/payment_methods/object */
export function renderPaymentMethod(row: ObjectRow): JsonObject {
  const { card, billing, customer, customerAccount, allowRedisplay, metadata, type, cvcCheck } = readPaymentMethod(row).state;
  const shown = billingShown(billing);
  return asJson({
    id: row.id,
    object: "payment_method",
    allow_redisplay: allowRedisplay,
    billing_details: shown,
    card: {
      brand: card.brand,
      checks: {
        ...addressChecks(card, shown.address),
        cvc_check: cvcCheck,
      },
      country: card.country,
      display_brand: card.brand,
      exp_month: card.expMonth,
      exp_year: card.expYear,
      fingerprint: card.fingerprint ?? null,
      funding: card.funding,
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: "unregulated",
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: seconds(row.created),
    customer,
    customer_account: customerAccount ?? null,
    livemode: row.livemode,
    metadata,
    type,
  } satisfies Stripe.PaymentMethod);
}

/** Billing details in full. */
export function billingShown(billing: JsonObject = {}): Stripe.PaymentMethod.BillingDetails & { address: Stripe.Address } {
  return withDefaults({ address: ADDRESS, email: null, name: null, phone: null, tax_id: null }, billing);
}

/** The checks of a card's address. They pass, except for test cards that define another result. */
export function addressChecks({ checks = {} }: Card, { line1, postal_code }: Stripe.Address) {
  return {
    address_line1_check: line1 === null ? null : (checks.line1 ?? "pass"),
    address_postal_code_check: postal_code === null ? null : (checks.postalCode ?? "pass"),
  };
}

/** Loads a payment method named in a response. */
export const expandPaymentMethod = expanderOf(PAYMENT_METHOD);
