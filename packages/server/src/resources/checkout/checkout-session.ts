import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import type { ObjectKind } from "../../operations/object-kind.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { type MoneyObject, readMoneyObject } from "../money/money-object.ts";
import type { SessionItem } from "./session-items.ts";

/** What is known of a session and not shown. */
export interface SessionKept {
  /** Whose key made it: the payment is made in that account's name. */
  callerId: string;
  items: SessionItem[];
  /** What its payment intent is made with besides. */
  intentData: JsonObject;
  /** What its setup intent is made with besides. */
  setupData: JsonObject;
  /** What is taken off, and by which coupon. */
  discount: { coupon: string; promotionCode: string | null } | null;
}

/** A Checkout Session with its row. */
export type CheckoutSession = MoneyObject<Stripe.Checkout.Session, SessionKept>;

/** The task that expires a session. Its subject is the session. */
export const EXPIRE_SESSION_TASK = "checkout_session";

export const CHECKOUT_SESSION: ObjectKind = { object: "checkout.session", name: "checkout.session", show: showSession };

/** A session from its row. */
export function readSession(row: ObjectRow): CheckoutSession {
  const { by_email: _, ...data } = row.data;
  return { ...readMoneyObject<Stripe.Checkout.Session, SessionKept>({ ...row, data }), row };
}

/** What a session's row holds: what is shown and what is kept, and the email by which lists are narrowed. */
export function sessionData(shown: Stripe.Checkout.Session, kept: SessionKept): JsonObject {
  return { ...asJson(shown), by_email: shown.customer_details?.email ?? shown.customer_email, kept: asJson(kept) };
}

/** The Checkout Session object. Source: https://docs.stripe.com/api/checkout/sessions/object */
function showSession({ data }: ObjectRow): JsonObject {
  const { kept: _, by_email: __, ...shown } = data;
  return shown;
}
