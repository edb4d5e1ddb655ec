import { type ApiError, apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import type { PaymentMethod } from "../customers/payment-methods/card.ts";
import { type MoneyObject, moneyKind } from "../money/money-object.ts";

export const SETUP_INTENT = moneyKind("setup_intent", "setupintent");
export const SETUP_ATTEMPT = moneyKind("setup_attempt", "setup attempt");

/** The internal state of a setup intent. */
export interface SetupIntentKept {
  method: PaymentMethod | null;
}

export type SetupIntent = MoneyObject<Stripe.SetupIntent, SetupIntentKept>;

/** States in which a setup intent can still change. */
const OPEN: readonly Stripe.SetupIntent.Status[] = ["requires_payment_method", "requires_confirmation", "requires_action"];

/** Throws when a setup intent can no longer be updated, confirmed or canceled. The error includes the setup intent. */
export function checkOpen({ shown }: SetupIntent, action: "cancel" | "confirm" | "update"): void {
  const { status } = shown;
  if (OPEN.includes(status)) return;
  throw action === "cancel" && status !== "canceled"
    ? unexpectedState(shown, "setup_intent_not_cancelable", { status, statuses: OPEN.join(", ") })
    : unexpectedState(shown, status === "canceled" ? "setup_intent_already_canceled" : "setup_intent_already_succeeded", { action });
}

type StateError =
  | "setup_intent_already_canceled"
  | "setup_intent_already_succeeded"
  | "setup_intent_not_cancelable"
  | "setup_intent_without_method";

/**
 * The error for an action that a setup intent's state does not allow.
 * Source: https://docs.stripe.com/error-codes#setup-intent-unexpected-state
 */
export function unexpectedState(intent: Stripe.SetupIntent, error: StateError, values: Record<string, string> = {}): ApiError {
  return apiError(error, values, { setup_intent: asJson(intent) });
}
