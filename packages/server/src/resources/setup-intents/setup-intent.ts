import { type ApiError, apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import type { PaymentMethod } from "../customers/payment-methods/card.ts";
import { type MoneyObject, moneyKind } from "../money/money-object.ts";

export const SETUP_INTENT = moneyKind("setup_intent", "setupintent");
export const SETUP_ATTEMPT = moneyKind("setup_attempt", "setup attempt");

/** What is known of a setup intent and not shown. */
export interface SetupIntentKept {
  method: PaymentMethod | null;
}

export type SetupIntent = MoneyObject<Stripe.SetupIntent, SetupIntentKept>;

/** States in which a setup intent can still change. */
const OPEN: readonly Stripe.SetupIntent.Status[] = ["requires_payment_method", "requires_confirmation", "requires_action"];

/** Throws where a setup intent cannot be updated, confirmed or canceled any more; the error shows it as it is. */
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

/** The error for what cannot be done to a setup intent in its state. Source: https://docs.stripe.com/error-codes#setup-intent-unexpected-state */
export function unexpectedState(intent: Stripe.SetupIntent, error: StateError, values: Record<string, string> = {}): ApiError {
  return apiError(error, values, { setup_intent: asJson(intent) });
}
