import { type ApiError, apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";

/** States in which an intent has not collected anything yet. */
export const OPEN: readonly Stripe.PaymentIntent.Status[] = ["requires_payment_method", "requires_confirmation", "requires_action"];

/** States in which an intent can be canceled. */
export const CANCELABLE: readonly Stripe.PaymentIntent.Status[] = [...OPEN, "requires_capture"];

/** The action a call attempts on an intent whose state does not allow it. */
export type Refused = "cancel" | "capture" | "confirm" | { update: string };

/**
 * The error for an action that an intent's state does not allow. It includes the intent.
 * Source: https://docs.stripe.com/error-codes#payment-intent-unexpected-state
 */
export function unexpectedState(intent: Stripe.PaymentIntent, refused: Refused): ApiError {
  const { status } = intent;
  const more = { payment_intent: asJson(intent) };
  if (typeof refused === "object")
    return apiError("payment_intent_not_updatable", { param: refused.update, status, statuses: OPEN.join(", ") }, more);
  switch (refused) {
    case "cancel":
      return apiError(
        "payment_intent_unexpected_state",
        { action: "cancel", done: "canceled", status, statuses: CANCELABLE.join(", ") },
        more,
      );
    case "confirm":
      if (status === "succeeded") return apiError("payment_intent_already_succeeded", {}, more);
      return apiError("payment_intent_unexpected_state", { action: "confirm", done: "confirmed", status, statuses: OPEN.join(", ") }, more);
    case "capture":
      if (status === "succeeded") return apiError("payment_intent_already_captured", {}, more);
      return apiError("payment_intent_not_capturable", { status, statuses: "requires_capture" }, more);
  }
}
