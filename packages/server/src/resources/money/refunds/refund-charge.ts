import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import { accountOf } from "../../customers/customer.ts";
import { feeOfCharge, plain, refundApplicationFee, stillPending } from "../application-fees/application-fee-moves.ts";
import { DISPUTE, type Dispute } from "../disputes/dispute.ts";
import { type MoneyChange, post } from "../money-change.ts";
import { changeMoneyObject, insertMoneyObject, newIdentity, readMoneyObject } from "../money-object.ts";
import type { Charge } from "../payments/charge.ts";
import { refundTooLarge } from "../refund-too-large.ts";
import { applicationFeeDetail } from "../stripe-fee.ts";
import { inProportion, reverseTransfer } from "../transfers/reverse-transfer.ts";
import type { Transfer } from "../transfers/transfer.ts";
import { REFUND } from "./refund.ts";

/** The input of a refund. */
export interface RefundAsked {
  /** Null refunds everything that is left. */
  amount: number | null;
  reason: Stripe.Refund.Reason | null;
  metadata: Stripe.Metadata;
  refundApplicationFee: boolean;
  reverseTransfer: boolean;
}

/**
 * Refunds all or part of a charge from the account's balance, which may go below zero. On request, the platform's fee
 * and a transfer made from the charge are returned in proportion. Stripe's fee is never returned.
 * Source: https://docs.stripe.com/api/refunds/create
 */
export async function refundCharge(
  context: OperationContext,
  change: MoneyChange,
  charge: Charge,
  asked: RefundAsked,
): Promise<Stripe.Refund> {
  const { account, livemode, now } = context;
  const { shown, kept } = charge;
  const { amount, left } = amountOf(charge, asked.amount);
  const dispute = shown.disputed ? await disputeOf(context, charge) : null;
  if (dispute !== null && !dispute.shown.is_charge_refundable) throw apiError("charge_disputed", { charge: shown.id, param: "charge" });
  const transfer = await transferOf(context, charge);
  if (asked.reverseTransfer && transfer === null)
    throw apiError("refund_has_nothing_to_reverse", { charge: shown.id, what: "transfer", param: "reverse_transfer" });
  const fee = typeof shown.application_fee === "string" ? await feeOfCharge(context, shown.application_fee) : null;
  // A destination charge may keep its share without a fee. Recorded answers show that Stripe accepts the parameter
  // there, without any effect.
  if (asked.refundApplicationFee && fee === null && transfer === null)
    throw apiError("refund_has_nothing_to_reverse", { charge: shown.id, what: "application fee", param: "refund_application_fee" });
  refuseReachingOn(context, asked, transfer);
  const feeLeft = fee === null ? 0 : fee.shown.amount - fee.shown.amount_refunded;
  const feeBack = fee === null || !asked.refundApplicationFee ? 0 : inProportion(fee.shown.amount, amount, shown.amount_captured, feeLeft);
  const availableOn = stillPending(kept.availableOn ?? now, now);
  const { livemode: _, ...identity } = newIdentity(context, "refund");

  const direct = transfer === null ? feeBack : 0;
  const transaction = await post(context, change, account, {
    ...plain(-amount, shown.currency, identity.id, availableOn),
    ...(direct === 0 || fee === null
      ? {}
      : { fee: -direct, feeDetails: [applicationFeeDetail(-direct, shown.currency, fee.shown.application as string)] }),
    type: "refund",
    description: shown.description === null ? "REFUND FOR CHARGE" : `REFUND FOR CHARGE (${shown.description})`,
  });
  const at = change.drafts.length;
  const back =
    transfer === null
      ? 0
      : inProportion(transfer.shown.amount, amount, shown.amount_captured, transfer.shown.amount - transfer.shown.amount_reversed);
  const reversal =
    transfer === null || !asked.reverseTransfer || back === 0
      ? null
      : await reverseTransfer(context, change, transfer, {
          amount: back,
          description: null,
          metadata: {},
          feeBack,
          sourceRefund: identity.id,
        });
  if (fee !== null && feeBack > 0 && reversal === null) {
    const feeRefund = await refundApplicationFee(context, change, fee, { amount: feeBack });
    if (transfer !== null) await giveToAccount(context, change, transfer, feeRefund);
  }
  const refund = {
    ...identity,
    object: "refund",
    amount,
    balance_transaction: transaction,
    charge: shown.id,
    currency: shown.currency,
    customer: shown.customer as string | null,
    customer_account: await accountOf(context, shown.customer as string | null),
    destination_details: {
      card: { reference_status: "pending", reference_type: "acquirer_reference_number", type: "refund" },
      type: "card",
    },
    metadata: asked.metadata,
    payment_intent: shown.payment_intent as string | null,
    payment_method: shown.payment_method,
    reason: asked.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: "succeeded",
    transfer_reversal: reversal?.reversal.id ?? null,
  } satisfies Stripe.Refund;
  await insertMoneyObject(context, account, REFUND.object, { shown: refund, kept: {}, parent: shown.id });
  const { after } = await changeMoneyObject(context, charge, {
    amount_refunded: shown.amount_refunded + amount,
    refunded: amount === left,
  });
  change.drafts.splice(
    at,
    0,
    { account, livemode, type: "refund.created", object: asJson(refund) },
    { account, livemode, type: "charge.refunded", object: asJson(after.shown) },
  );
  return refund;
}

/**
 * Stops a platform that acts for an account from changing the balance of an account connected to it, by reversing a
 * transfer or refunding its fee. Throws `own_key_required`.
 */
function refuseReachingOn({ caller, account }: OperationContext, asked: RefundAsked, transfer: Transfer | null): void {
  if (account.id === caller.id || transfer === null) return;
  const param = asked.reverseTransfer ? "reverse_transfer" : asked.refundApplicationFee ? "refund_application_fee" : null;
  if (param !== null) throw apiError("own_key_required", { account: account.id, param });
}

/** The dispute of a charge. */
async function disputeOf({ tx, account, livemode }: OperationContext, { shown }: Charge): Promise<Dispute | null> {
  const [row] = (await tx.objects({ object: DISPUTE.object, accountId: account.id, livemode, parent: shown.id }, { limit: 1 })).rows;
  return row === undefined ? null : readMoneyObject(row);
}

/** The amount to refund, and the most that can be refunded. Throws for a charge that cannot be refunded. */
function amountOf({ shown }: Charge, asked: number | null): { amount: number; left: number } {
  const reason =
    shown.source_transfer !== null
      ? "it is a transfer's payment: reverse the transfer"
      : shown.status !== "succeeded"
        ? "it failed"
        : shown.captured
          ? null
          : "it has not been captured: cancel its PaymentIntent";
  if (reason !== null) throw apiError("charge_not_refundable", { charge: shown.id, reason, param: "charge" });
  const left = shown.amount - shown.amount_refunded;
  if (left === 0) throw apiError("charge_already_refunded", { charge: shown.id, param: "charge" });
  const amount = asked ?? left;
  if (amount > left) throw refundTooLarge(shown, amount, "charge");
  return { amount, left };
}

/** The transfer that was made with a charge. */
async function transferOf({ tx }: OperationContext, { shown }: Charge): Promise<Transfer | null> {
  const row = typeof shown.transfer === "string" ? await tx.object(shown.transfer) : null;
  return row === null ? null : readMoneyObject(row);
}

/** Credits an account with the fee that the platform refunded, unless a reversal does. */
async function giveToAccount(context: OperationContext, change: MoneyChange, transfer: Transfer, refund: Stripe.FeeRefund): Promise<void> {
  const destination = await context.tx.account(transfer.shown.destination as string);
  if (destination === null) throw new Error("A transfer goes to an account.");
  await post(context, change, destination, {
    ...plain(refund.amount, refund.currency, refund.id, stillPending(transfer.kept.availableOn, context.now)),
    type: "adjustment",
    description: "Application fee refund",
  });
}
