import { type ApiError, apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import { amountShown, checkChargeAmount } from "../../balance/currency.ts";
import { attachPaymentMethod, spendPaymentMethod } from "../../customers/payment-methods/attach-payment-method.ts";
import type { Decline, PaymentMethod } from "../../customers/payment-methods/card.ts";
import { errorKept } from "../../customers/payment-methods/declines.ts";
import { renderPaymentMethod } from "../../customers/payment-methods/payment-method.ts";
import { finishMoneyChange, type MoneyChange } from "../money-change.ts";
import { changeMoneyObject, readMoneyObject } from "../money-object.ts";
import { transferAbout } from "../transfers/transfer-about.ts";
import { holdsOnly, savesCard } from "./card-options.ts";
import type { ChargeKept, ShownCharge } from "./charge.ts";
import { connectParts } from "./connect-parts.ts";
import { type CaptureAbout, type ConnectParts, captureCharge, crossedThreshold, makeCharge } from "./make-charge.ts";
import type { PaymentIntent } from "./payment-intent.ts";
import { savedMethod } from "./payment-method-given.ts";
import { transferDataShown } from "./transfer-data.ts";
import { unexpectedState } from "./unexpected-state.ts";

/** The other accounts involved in a payment intent. */
export function partsOfIntent(
  context: OperationContext,
  { shown }: PaymentIntent,
  captured: { amount?: number; applicationFee?: number | null; transferred?: number | undefined } = {},
): Promise<ConnectParts> {
  const { amount, application_fee_amount, on_behalf_of, transfer_data } = shown;
  return connectParts(context, {
    amount: captured.amount ?? amount,
    applicationFee: captured.applicationFee ?? application_fee_amount,
    onBehalfOf: on_behalf_of as string | null,
    transferData:
      transfer_data === null || transfer_data === undefined
        ? null
        : {
            destination: transfer_data.destination as string,
            amount: captured.transferred ?? transfer_data.amount ?? null,
            about: transferAbout(transfer_data),
          },
  });
}

/** How a payment is confirmed. */
export interface Confirming {
  /** The cardholder is absent and cannot authenticate. */
  offSession: boolean;
  /** A card that requires authentication is declined instead. */
  errorOnRequiresAction: boolean;
}

/** Source: https://docs.stripe.com/declines/codes */
const AUTHENTICATION_REQUIRED: Decline = {
  error: "card_authentication_required",
  reason: "Your card was declined. This transaction requires authentication.",
  declineCode: "authentication_required",
};

/**
 * Charges the card of a payment intent, and records everything that follows. Returns the updated intent. For a declined
 * card it also returns an error to respond with, and keeps all other changes.
 */
export async function confirmIntent(
  context: OperationContext,
  change: MoneyChange,
  intent: PaymentIntent,
  given: PaymentMethod,
  { offSession, errorOnRequiresAction }: Confirming,
): Promise<PaymentIntent | ApiError> {
  const { account, livemode } = context;
  const { shown } = intent;
  checkChargeAmount(shown.amount, shown.currency, context.limits);
  const parts = await partsOfIntent(context, intent);
  const asks = given.card.needsAuthentication && !(offSession && given.card.setUpForOffSession === true);
  const declines = asks && (offSession || errorOnRequiresAction);
  const decline = (offSession ? given.card.declineOffSession : undefined) ?? AUTHENTICATION_REQUIRED;
  const method = declines ? { ...given, card: { ...given.card, decline } } : given;
  if (asks && !declines) {
    const waiting = await become(context, change, intent, "requires_action", {
      payment_method: method.id,
      next_action: { type: "use_stripe_sdk", use_stripe_sdk: {} },
    });
    await finishMoneyChange(context, change);
    return waiting;
  }
  const manual = holdsOnly(shown);
  const { charge, declined } = await makeCharge(context, change, {
    amount: shown.amount,
    currency: shown.currency,
    method,
    parts,
    capture: !manual,
    about: {
      customer: shown.customer as string | null,
      description: shown.description,
      metadata: shown.metadata,
      payment_intent: shown.id,
      receipt_email: shown.receipt_email,
      shipping: shown.shipping,
      source: null,
      statement_descriptor: shown.statement_descriptor,
      statement_descriptor_suffix: shown.statement_descriptor_suffix,
      transfer_group: shown.transfer_group,
    },
  });
  const paid = await settleMethod(context, change, intent, given, declined === null);
  if (declined !== null) {
    const failed = await become(
      context,
      change,
      intent,
      "requires_payment_method",
      {
        latest_charge: charge.shown.id,
        last_payment_error: { ...errorKept(declined), ...(paid === null ? {} : { payment_method: paid }) },
        payment_method: null,
      },
      null,
    );
    await finishMoneyChange(context, change);
    return declined.with({ payment_intent: failed.shown, ...(paid === null ? {} : { payment_method: paid }) });
  }
  const done = await become(context, change, intent, manual ? "requires_capture" : "succeeded", {
    ...(manual ? { amount_capturable: shown.amount } : { amount_received: shown.amount }),
    last_payment_error: null,
    latest_charge: charge.shown.id,
    next_action: null,
    payment_method: method.id,
    transfer_group: charge.shown.transfer_group,
  });
  change.accounts.set(account.id, account);
  await finishMoneyChange(context, change);
  if (livemode === false) await crossedThreshold(context, method, parts);
  return done;
}

/**
 * Attaches the payment method to the customer if the payment saves it. Otherwise it cannot be used again. Returns the
 * rendered method; null when it has no row.
 * Source: https://docs.stripe.com/payments/save-during-payment
 */
async function settleMethod(
  context: OperationContext,
  change: MoneyChange,
  { shown }: PaymentIntent,
  method: PaymentMethod,
  succeeded: boolean,
): Promise<Stripe.PaymentMethod | null> {
  const saved = await savedMethod(context, method);
  if (saved === null) return null;
  const saving = savesCard(shown) && succeeded;
  const used = saving ? saved : await spendPaymentMethod(context, saved);
  const customer = shown.customer as string | null;
  const after =
    saving && customer !== null && used.state.customer === null ? await attachPaymentMethod(context, change.drafts, used, customer) : used;
  return renderPaymentMethod(after.row) as unknown as Stripe.PaymentMethod;
}

/** Captures all or part of the funds an intent holds. */
export async function captureIntent(
  context: OperationContext,
  change: MoneyChange,
  intent: PaymentIntent,
  asked: {
    amount: number | null;
    applicationFee: number | null;
    transferred: number | undefined;
    descriptors: Pick<CaptureAbout, "statement_descriptor" | "statement_descriptor_suffix">;
    metadata: Stripe.Metadata;
  },
): Promise<PaymentIntent> {
  const { shown } = intent;
  if (shown.status !== "requires_capture") throw unexpectedState(shown, "capture");
  const amount = asked.amount ?? shown.amount;
  if (amount > shown.amount)
    throw apiError("capture_too_large", {
      max: amountShown(shown.amount, shown.currency),
      currency: shown.currency,
      param: "amount_to_capture",
    });
  const applicationFee = asked.applicationFee ?? shown.application_fee_amount;
  const parts = await partsOfIntent(context, intent, { amount, applicationFee, transferred: asked.transferred });
  const row = await context.tx.object(shown.latest_charge as string);
  if (row === null) throw new Error("What is captured was charged.");
  await captureCharge(context, change, readMoneyObject<ShownCharge, ChargeKept>(row), amount, parts, "charge.captured", asked.descriptors);
  const done = await become(context, change, intent, "succeeded", {
    ...asked.descriptors,
    metadata: asked.metadata,
    ...(asked.transferred === undefined
      ? {}
      : { transfer_data: transferDataShown({ amount: asked.transferred }, shown.transfer_data ?? null) }),
    amount_capturable: 0,
    amount_received: amount,
    application_fee_amount: applicationFee,
  });
  await finishMoneyChange(context, change);
  return done;
}

/** The event for each state an intent enters. */
const EVENTS = {
  requires_action: "payment_intent.requires_action",
  requires_payment_method: "payment_intent.payment_failed",
  requires_capture: "payment_intent.amount_capturable_updated",
  succeeded: "payment_intent.succeeded",
  canceled: "payment_intent.canceled",
} as const;

/** Moves an intent to a state, and drafts the event. */
export async function become(
  context: OperationContext,
  change: MoneyChange,
  intent: PaymentIntent,
  status: keyof typeof EVENTS,
  changed: Partial<Stripe.PaymentIntent>,
  method: PaymentMethod | null = intent.kept.method,
): Promise<PaymentIntent> {
  const { after } = await changeMoneyObject(context, intent, { ...changed, status }, { method });
  change.drafts.push({ account: context.account, livemode: context.livemode, type: EVENTS[status], object: asJson(after.shown) });
  return after;
}
