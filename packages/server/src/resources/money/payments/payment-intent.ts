import type Stripe from "stripe";
import type { PaymentMethod } from "../../customers/payment-methods/card.ts";
import { type MoneyObject, moneyKind } from "../money-object.ts";

export const PAYMENT_INTENT = moneyKind("payment_intent", "payment_intent");

/** The internal state of a payment intent. */
export interface IntentKept {
  method: PaymentMethod | null;
}

export type PaymentIntent = MoneyObject<Stripe.PaymentIntent, IntentKept>;
