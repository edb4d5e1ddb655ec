import type Stripe from "stripe";
import type { MoneyKind, MoneyObject } from "../money-object.ts";
import type { PaymentMethod } from "./card.ts";

export const PAYMENT_INTENT: MoneyKind = { object: "payment_intent", name: "payment_intent", url: "/v1/payment_intents" };

/** What is known of a payment intent and not shown. */
export interface IntentKept {
  method: PaymentMethod | null;
}

export type PaymentIntent = MoneyObject<Stripe.PaymentIntent, IntentKept>;
