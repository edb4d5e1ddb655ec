import type { ApiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { EventDraft } from "../../events/event-draft.ts";
import { asJson } from "../../operations/as-json.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { attachPaymentMethod, spendPaymentMethod } from "../customers/payment-methods/attach-payment-method.ts";
import type { PaymentMethod } from "../customers/payment-methods/card.ts";
import { cardDeclined, errorKept } from "../customers/payment-methods/declines.ts";
import { renderPaymentMethod, type SavedPaymentMethod } from "../customers/payment-methods/payment-method.ts";
import { changeMoneyObject, insertMoneyObject, newIdentity } from "../money/money-object.ts";
import { SETUP_ATTEMPT, type SetupIntent } from "./setup-intent.ts";

/**
 * Tries to set up a payment method, and drafts the events. Attaches it to the customer, if there is one. Returns the
 * updated setup intent. For a declined card it also returns an error to respond with, and keeps all other changes.
 * Source: https://docs.stripe.com/payments/setup-intents
 */
export async function confirmSetupIntent(
  context: OperationContext,
  drafts: EventDraft[],
  intent: SetupIntent,
  method: SavedPaymentMethod,
): Promise<SetupIntent | ApiError> {
  const { shown } = intent;
  const { card } = method.state;
  const kept = { id: method.row.id, card };
  const declined = card.decline !== null && card.savable !== true ? cardDeclined(card.decline) : null;
  if (declined !== null) {
    const spent = await spendPaymentMethod(context, method);
    const payment_method = renderPaymentMethod(spent.row) as unknown as Stripe.PaymentMethod;
    const error = { ...errorKept(declined), payment_method };
    const attempt = await recordAttempt(context, shown, method, "failed", error);
    const failed = await become(
      context,
      drafts,
      intent,
      "requires_payment_method",
      { last_setup_error: error, latest_attempt: attempt, next_action: null, payment_method: null },
      null,
    );
    return declined.with({ payment_method, setup_intent: failed.shown });
  }
  if (card.needsAuthentication) {
    const attempt = await recordAttempt(context, shown, method, "requires_action", null);
    const asking = { type: "use_stripe_sdk", use_stripe_sdk: {} };
    return become(
      context,
      drafts,
      intent,
      "requires_action",
      { latest_attempt: attempt, next_action: asking, payment_method: method.row.id },
      kept,
    );
  }
  const attempt = await recordAttempt(context, shown, method, "succeeded", null);
  const customer = shown.customer as string | null;
  if (customer === null) await spendPaymentMethod(context, method);
  else if (method.state.customer === null) await attachPaymentMethod(context, drafts, method, customer);
  return become(
    context,
    drafts,
    intent,
    "succeeded",
    { last_setup_error: null, latest_attempt: attempt, next_action: null, payment_method: method.row.id },
    kept,
  );
}

/** The event for each state a setup intent enters. */
const EVENTS = {
  canceled: "setup_intent.canceled",
  requires_action: "setup_intent.requires_action",
  requires_payment_method: "setup_intent.setup_failed",
  succeeded: "setup_intent.succeeded",
} as const;

/** Moves a setup intent to a state, and drafts the event. */
export async function become(
  context: OperationContext,
  drafts: EventDraft[],
  intent: SetupIntent,
  status: keyof typeof EVENTS,
  changed: Partial<Stripe.SetupIntent>,
  method: PaymentMethod | null = intent.kept.method,
): Promise<SetupIntent> {
  const { after } = await changeMoneyObject(context, intent, { ...changed, status }, { method });
  drafts.push({ account: context.account, livemode: context.livemode, type: EVENTS[status], object: asJson(after.shown) });
  return after;
}

/** Writes an attempt with its outcome. Returns its id. Source: https://docs.stripe.com/api/setup_attempts/object */
async function recordAttempt(
  context: OperationContext,
  intent: Stripe.SetupIntent,
  { row, state }: SavedPaymentMethod,
  status: "failed" | "requires_action" | "succeeded",
  error: Stripe.SetupAttempt.SetupError | null,
): Promise<string> {
  const { card, cvcCheck } = state;
  const shown = {
    ...newIdentity(context, "setup_attempt"),
    object: "setup_attempt",
    application: intent.application as string | null,
    customer: intent.customer as string | null,
    customer_account: intent.customer_account ?? null,
    flow_directions: null,
    on_behalf_of: intent.on_behalf_of as string | null,
    payment_method: row.id,
    payment_method_details: {
      card: {
        brand: card.brand,
        checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: cvcCheck },
        country: card.country,
        exp_month: card.expMonth,
        exp_year: card.expYear,
        fingerprint: card.fingerprint ?? null,
        funding: card.funding,
        last4: card.last4,
        network: card.brand,
        three_d_secure: null,
        wallet: null,
      },
      type: "card",
    },
    setup_error: error,
    setup_intent: intent.id,
    status,
    usage: intent.usage,
  } satisfies Stripe.SetupAttempt;
  await insertMoneyObject(context, context.account, SETUP_ATTEMPT.object, { shown, kept: {}, parent: intent.id });
  return shown.id;
}
