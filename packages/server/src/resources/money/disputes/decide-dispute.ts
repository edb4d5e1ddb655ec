import type Stripe from "stripe";
import { previousAttributes } from "../../../events/previous-attributes.ts";
import { asJson } from "../../../operations/as-json.ts";
import type { ChangeContext } from "../../../operations/operation.ts";
import type { TaskHandlers } from "../../../operations/task.ts";
import { seconds } from "../../../operations/time-range.ts";
import type { AccountRow } from "../../../store/contract/rows.ts";
import { midnightAfter } from "../../connected-account/state/utc-day.ts";
import { plain } from "../application-fees/application-fee-moves.ts";
import { finishMoneyChange, type MoneyChange, newMoneyChange, post } from "../money-change.ts";
import { changeMoneyObject, readMoneyObject } from "../money-object.ts";
import { CLOSED_DISPUTES, DISPUTE, DISPUTE_TASK, type Dispute, isInquiry, OPEN_DISPUTES, verdictOf } from "./dispute.ts";
import { withdrawDisputed, withTransaction } from "./open-dispute.ts";

/**
 * Closes a dispute, and drafts the events. A won dispute returns the withdrawn amount without the fee. An inquiry,
 * which withdrew nothing, simply closes.
 */
export async function closeDispute(
  context: ChangeContext,
  change: MoneyChange,
  account: AccountRow,
  dispute: Dispute,
  outcome: "won" | "lost",
  changed: Partial<Stripe.Dispute> = {},
): Promise<Dispute> {
  const { livemode, now, tx } = context;
  const inquiry = isInquiry(dispute.shown);
  const { id, amount, currency, charge } = dispute.shown;
  await tx.cancelTask({ accountId: account.id, livemode, kind: DISPUTE_TASK, subject: id });
  const won = outcome === "won" && !inquiry;
  const given = won
    ? await withTransaction(
        context,
        dispute,
        await post(context, change, account, {
          ...plain(amount, currency, id, now),
          type: "adjustment",
          reportingCategory: "dispute_reversal",
          description: `Chargeback reversal for ${charge as string}`,
        }),
      )
    : dispute;
  const { after } = await changeMoneyObject(context, given, {
    ...changed,
    status: inquiry ? "warning_closed" : outcome,
    is_charge_refundable: inquiry || won,
  });
  const object = asJson(after.shown);
  if (won) change.drafts.push({ account, livemode, type: "charge.dispute.funds_reinstated", object });
  change.drafts.push({ account, livemode, type: "charge.dispute.closed", object });
  return after;
}

/** Escalates an inquiry to a chargeback: it withdraws the charged amount, and the account may respond again. */
async function escalate(context: ChangeContext, change: MoneyChange, account: AccountRow, dispute: Dispute): Promise<void> {
  const { livemode, limits, now, tx } = context;
  const { shown } = dispute;
  const dueAt = midnightAfter(now + limits.disputeResponseMs, 1) - 1;
  const withdrawn = await withdrawDisputed(context, change, account, dispute, (await tx.account(dispute.kept.feePayer)) ?? account);
  const { after } = await changeMoneyObject(context, withdrawn, {
    status: "needs_response",
    is_charge_refundable: false,
    evidence: { ...shown.evidence, uncategorized_text: null },
    evidence_details: { ...shown.evidence_details, due_by: seconds(dueAt), has_evidence: false },
    payment_method_details: asChargeback(shown),
  });
  await tx.scheduleTask({ accountId: account.id, livemode, kind: DISPUTE_TASK, subject: shown.id, dueAt });
  const object = asJson(after.shown);
  const previous = previousAttributes(asJson(shown), object) ?? {};
  change.drafts.push(
    { account, livemode, type: "charge.dispute.updated", object, previousAttributes: previous },
    { account, livemode, type: "charge.dispute.funds_withdrawn", object },
  );
}

function asChargeback({ payment_method_details: details, reason }: Stripe.Dispute): Stripe.Dispute.PaymentMethodDetails {
  if (details?.card === undefined) throw new Error("What is disputed was paid by card.");
  const network_reason_code = reason === "product_not_received" ? "13.1" : "10.4";
  return { ...details, card: { ...details.card, case_type: "chargeback", network_reason_code } };
}

/** Runs the step a dispute waited for: the bank decides on the evidence, or the time to respond is over. */
export const disputeTask: TaskHandlers = {
  [DISPUTE_TASK]: async (context, { accountId, subject }) => {
    const [account, row] = [await context.tx.account(accountId), await context.tx.object(subject)];
    if (account === null || account.deleted || row?.object !== DISPUTE.object) return;
    const dispute: Dispute = readMoneyObject(row);
    const { status } = dispute.shown;
    if (CLOSED_DISPUTES.includes(status)) return;
    const late = OPEN_DISPUTES.includes(status);
    const verdict = late ? "lost" : verdictOf(dispute.shown);
    if (verdict === null) return;
    const change = newMoneyChange();
    if (verdict === "escalated") await escalate(context, change, account, dispute);
    else
      await closeDispute(
        context,
        change,
        account,
        dispute,
        verdict,
        late ? { evidence_details: { ...dispute.shown.evidence_details, past_due: true } } : {},
      );
    await finishMoneyChange(context, change);
  },
};
