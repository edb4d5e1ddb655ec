import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import type { ObjectKind } from "../../operations/object-kind.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { type MoneyObject, readMoneyObject } from "../money/money-object.ts";
import type { SessionItem } from "./session-items.ts";

/** The internal state of a session. */
export interface SessionKept {
  /** The account whose key created it, and which makes the payment. */
  callerId: string;
  items: SessionItem[];
  /** Further parameters of its payment intent. */
  intentData: JsonObject;
  /** Further parameters of its setup intent. */
  setupData: JsonObject;
  /** Its discount, and the coupon that grants it. */
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

/** The data of a session's row: the rendered object, the internal state, and the email that lists filter by. */
export function sessionData(shown: Stripe.Checkout.Session, kept: SessionKept): JsonObject {
  return { ...asJson(shown), by_email: shown.customer_details?.email ?? shown.customer_email, kept: asJson(kept) };
}

/** The Checkout Session object. Source: https://docs.stripe.com/api/checkout/sessions/object */
function showSession({ data }: ObjectRow): JsonObject {
  const { kept: _, by_email: __, ...shown } = data;
  return shown;
}
