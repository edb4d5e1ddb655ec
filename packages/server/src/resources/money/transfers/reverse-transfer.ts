import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import { fundsOf, readBalance } from "../../balance/balance-state.ts";
import { readAccountState } from "../../connected-account/state/account-state.ts";
import { feeOfCharge, plain, refundApplicationFee, stillPending } from "../application-fees/application-fee-moves.ts";
import { type MoneyChange, post } from "../money-change.ts";
import { changeMoneyObject, insertMoneyObject, newIdentity, readMoneyObject, withNewest } from "../money-object.ts";
import type { Charge } from "../payments/charge.ts";
import { REFUND } from "../refunds/refund.ts";
import { applicationFeeDetail } from "../stripe-fee.ts";
import { TRANSFER_REVERSAL, type Transfer } from "./transfer.ts";

/** The input of a transfer reversal. */
export interface ReversalAsked {
  amount: number;
  description: string | null;
  metadata: Stripe.Metadata;
  /** The part of the application fee that the platform refunds with it. */
  feeBack: number;
  /** The refund of the charge that leads to it. */
  sourceRefund: string | null;
}

/**
 * Takes funds back from the destination of a transfer. Throws `transfer_already_reversed`, `reversal_too_large`, or
 * `balance_insufficient` when the account lacks the funds and bears its own losses.
 * Source: https://docs.stripe.com/api/transfer_reversals
 */
export async function reverseTransfer(
  context: OperationContext,
  change: MoneyChange,
  transfer: Transfer,
  asked: ReversalAsked,
): Promise<{ reversal: Stripe.TransferReversal; after: Transfer }> {
  const { tx, account, livemode, now } = context;
  const { shown, kept } = transfer;
  const { amount, feeBack } = asked;
  const left = shown.amount - shown.amount_reversed;
  if (left === 0) throw apiError("transfer_already_reversed", { transfer: shown.id });
  if (amount > left) throw apiError("reversal_too_large", { amount, left, param: "amount" });
  const destination = await tx.account(shown.destination as string);
  const paymentRow = await tx.object(shown.destination_payment as string);
  if (destination === null || paymentRow === null) throw new Error("A transfer goes to an account, as a payment.");
  const payment: Charge = readMoneyObject(paymentRow);
  const { currency } = shown;
  const availableOn = stillPending(kept.availableOn, now);
  if (availableOn <= now && readAccountState(destination.data).controller.losses !== "application") {
    const { available } = fundsOf(await readBalance(tx, destination.id, livemode, now), currency, kept.sourceType);
    if (available < amount - feeBack) throw apiError("balance_insufficient", { currency, available, param: "amount" });
  }

  const { livemode: _, ...identity } = newIdentity(context, "transfer_reversal");
  const { livemode: __, ...back } = newIdentity(context, "payment_refund");
  const { application } = payment.shown;
  const taken = await post(context, change, destination, {
    ...plain(-amount, currency, back.id, availableOn),
    ...(feeBack === 0 || typeof application !== "string"
      ? {}
      : { fee: -feeBack, feeDetails: [applicationFeeDetail(-feeBack, currency, application)] }),
    sourceType: kept.sourceType,
    type: "payment_refund",
    description: "REFUND FOR PAYMENT",
  });
  const given = await post(context, change, account, {
    ...plain(amount, currency, identity.id, availableOn),
    sourceType: kept.sourceType,
    type: "transfer_refund",
    description: asked.description,
  });
  const refund = {
    ...back,
    object: "refund",
    amount,
    balance_transaction: taken,
    charge: payment.shown.id,
    currency,
    customer: null,
    customer_account: null,
    metadata: {},
    payment_intent: null,
    payment_method: null,
    reason: null,
    receipt_number: null,
    source_transfer_reversal: identity.id,
    status: "succeeded",
    transfer_reversal: null,
  } satisfies Stripe.Refund;
  await insertMoneyObject(context, destination, REFUND.object, { shown: refund, kept: {}, parent: payment.shown.id });
  const amountRefunded = payment.shown.amount_refunded + amount;
  await changeMoneyObject(context, payment, { amount_refunded: amountRefunded, refunded: amountRefunded === payment.shown.amount });
  const reversal = {
    ...identity,
    object: "transfer_reversal",
    amount,
    balance_transaction: given,
    currency,
    destination_payment_refund: back.id,
    metadata: asked.metadata,
    source_refund: asked.sourceRefund,
    transfer: shown.id,
  } satisfies Stripe.TransferReversal;
  await insertMoneyObject(context, account, TRANSFER_REVERSAL.object, { shown: reversal, kept: {}, parent: shown.id });
  const { after } = await changeMoneyObject(context, transfer, {
    amount_reversed: shown.amount_reversed + amount,
    reversed: amount === left,
    reversals: counted(shown.reversals, withNewest(shown.reversals, reversal, context.limits.listItemsDefault)),
  });
  change.drafts.push({ account, livemode, type: "transfer.reversed", object: asJson(after.shown) });
  if (feeBack > 0) await giveFeeBack(context, change, kept.applicationFee, feeBack);
  return { reversal, after };
}

/** Adds an item to a list and to its count. */
function counted(
  before: Stripe.Transfer["reversals"] & { total_count?: number },
  { data, has_more }: Pick<Stripe.Transfer["reversals"], "data" | "has_more">,
): Stripe.Transfer["reversals"] & { total_count: number } {
  return { ...before, data, has_more, total_count: (before.total_count ?? before.data.length) + 1 };
}

async function giveFeeBack(context: OperationContext, change: MoneyChange, feeId: string | null, amount: number): Promise<void> {
  const fee = feeId === null ? null : await feeOfCharge(context, feeId);
  if (fee === null) throw new Error("What is given back of a fee was taken.");
  await refundApplicationFee(context, change, fee, { amount });
}

/** The share of a total that belongs to a partial amount: in proportion, and never more than is left. */
export function inProportion(whole: number, part: number, of: number, left: number): number {
  return Math.min(left, Math.round((whole * part) / of));
}
