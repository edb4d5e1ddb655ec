import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import type { ChangeContext, OperationContext } from "../../../operations/operation.ts";
import { seconds } from "../../../operations/time-range.ts";
import type { AccountRow } from "../../../store/contract/rows.ts";
import { renderBalanceTransaction } from "../../balance/balance-transaction.ts";
import { readAccountState } from "../../connected-account/state/account-state.ts";
import { midnightAfter } from "../../connected-account/state/utc-day.ts";
import type { DisputeCause } from "../../customers/payment-methods/card.ts";
import { plain } from "../application-fees/application-fee-moves.ts";
import { type MoneyChange, post } from "../money-change.ts";
import { changeMoneyObject, insertMoneyObject, newIdentity } from "../money-object.ts";
import type { Charge } from "../payments/charge.ts";
import { cardOfDispute, DISPUTE, DISPUTE_TASK, type Dispute, NO_EVIDENCE } from "./dispute.ts";
import { disputeFee, disputeFeeDetail } from "./dispute-fee.ts";

/**
 * Opens a dispute on the account of the charge, and drafts its events. Unless it is an inquiry, the charged amount and
 * a fee are withdrawn at once. A platform that pays the fees of a direct charge also pays the fee of its dispute. A
 * transfer made from the charge stays. Returns the updated charge.
 * Source: https://docs.stripe.com/connect/disputes
 */
export async function openDispute(context: OperationContext, change: MoneyChange, charge: Charge, cause: DisputeCause): Promise<Charge> {
  const { account, livemode, limits, now, tx } = context;
  const { shown } = charge;
  const inquiry = cause.caseType === "inquiry";
  const payer = feePayer(context);
  const dueAt = midnightAfter(now + limits.disputeResponseMs, 1) - 1;
  const opened = {
    ...newIdentity(context, "dispute"),
    object: "dispute",
    amount: shown.amount_captured,
    balance_transactions: [],
    charge: shown.id,
    currency: shown.currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: seconds(dueAt),
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "not_submitted",
    },
    intended_submission_method: null,
    is_charge_refundable: inquiry,
    livemode,
    metadata: {},
    payment_intent: shown.payment_intent as string | null,
    payment_method_details: cardOfDispute(shown.payment_method_details?.card?.brand ?? "unknown", cause),
    reason: cause.reason,
    status: inquiry ? "warning_needs_response" : "needs_response",
  } satisfies Stripe.Dispute;
  const row: Dispute = await insertMoneyObject(context, account, DISPUTE.object, {
    shown: opened,
    kept: { feePayer: payer.id },
    parent: shown.id,
  });
  const dispute = inquiry ? row : await withdrawDisputed(context, change, account, row, payer);
  await tx.scheduleTask({ accountId: account.id, livemode, kind: DISPUTE_TASK, subject: opened.id, dueAt });
  const object = asJson(dispute.shown);
  change.drafts.push({ account, livemode, type: "charge.dispute.created", object });
  if (!inquiry) change.drafts.push({ account, livemode, type: "charge.dispute.funds_withdrawn", object });
  const { after, previous } = await changeMoneyObject(context, charge, { dispute: opened.id, disputed: true });
  change.drafts.push({ account, livemode, type: "charge.updated", object: asJson(after.shown), previousAttributes: previous ?? {} });
  return after;
}

/**
 * The account that pays a dispute's fee: the platform of the direct charge, if it pays such fees, otherwise the account
 * itself.
 */
function feePayer({ account, caller }: OperationContext): AccountRow {
  return account.id !== caller.id && readAccountState(account.data).controller.fees === "application" ? caller : account;
}

/** Debits the account's balance by the disputed amount, even below zero, and charges the fee to its payer. */
export async function withdrawDisputed(
  context: ChangeContext,
  change: MoneyChange,
  account: AccountRow,
  dispute: Dispute,
  payer: AccountRow,
): Promise<Dispute> {
  const { now } = context;
  const { id, amount, currency, charge } = dispute.shown;
  const fee = disputeFee(currency);
  const own = payer.id === account.id;
  const transaction = await post(context, change, account, {
    ...plain(-amount, currency, id, now),
    ...(own ? { fee, feeDetails: [disputeFeeDetail(fee, currency)] } : {}),
    type: "adjustment",
    reportingCategory: "dispute",
    description: `Chargeback withdrawal for ${charge as string}`,
  });
  if (!own)
    await post(context, change, payer, {
      ...plain(-fee, currency, id, now),
      type: "stripe_fee",
      description: `Dispute fee for ${charge as string}`,
    });
  return withTransaction(context, dispute, transaction);
}

/** Adds a balance transaction to the dispute, which shows its transactions in full. */
export async function withTransaction(context: ChangeContext, dispute: Dispute, transaction: string): Promise<Dispute> {
  const row = await context.tx.object(transaction);
  if (row === null) throw new Error("What was posted is there.");
  const shown = renderBalanceTransaction(row, context.now) as unknown as Stripe.BalanceTransaction;
  const { after } = await changeMoneyObject(context, dispute, {
    balance_transactions: [...dispute.shown.balance_transactions, shown],
  });
  return after;
}
