import { apiError } from "@carabiner/protocol";
import type { Static } from "typebox";
import { asJson } from "../../../operations/as-json.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import { mergeMetadata } from "../../../operations/parameters.ts";
import { finishMoneyChange, newMoneyChange } from "../money-change.ts";
import { changeMoneyObject } from "../money-object.ts";
import { closeDispute } from "./decide-dispute.ts";
import { CLOSED_DISPUTES, DISPUTE_TASK, type Dispute, isInquiry, verdictOf } from "./dispute.ts";
import type { updateDisputeParameters } from "./dispute-parameters.ts";

/**
 * Stores evidence and metadata of a dispute, and submits the evidence to the bank unless the call defers that. The
 * dispute stays undecided, but in test mode some words of evidence decide it after a while. Throws `dispute_closed` or
 * `dispute_evidence_too_long`.
 * Source: https://docs.stripe.com/api/disputes/update
 */
export async function updateDispute(
  context: OperationContext,
  dispute: Dispute,
  { evidence, metadata, submit }: Static<typeof updateDisputeParameters>,
): Promise<Dispute> {
  const { account, livemode, limits, now, tx } = context;
  const { shown } = dispute;
  if (CLOSED_DISPUTES.includes(shown.status)) throw apiError("dispute_closed");
  const given = { ...shown.evidence, ...evidence };
  const chars = Object.values(given).reduce((sum, value) => sum + (typeof value === "string" ? value.length : 0), 0);
  if (chars > limits.disputeEvidenceChars)
    throw apiError("dispute_evidence_too_long", { max: limits.disputeEvidenceChars, param: "evidence" });
  const hasEvidence = Object.values(given).some((value) => typeof value === "string");
  // A change of metadata does not submit anything.
  const submits = submit ?? evidence !== undefined;
  if (submits && !hasEvidence) throw apiError("dispute_evidence_missing", { param: "evidence" });
  const { after, previous } = await changeMoneyObject(context, dispute, {
    evidence: given,
    evidence_details: {
      ...shown.evidence_details,
      has_evidence: hasEvidence,
      ...(submits ? { submission_count: shown.evidence_details.submission_count + 1, submission_method: "manual" } : {}),
    },
    metadata: mergeMetadata(shown.metadata, metadata),
    ...(submits ? { status: isInquiry(shown) ? ("warning_under_review" as const) : ("under_review" as const) } : {}),
  });
  if (submits) {
    const task = { accountId: account.id, livemode, kind: DISPUTE_TASK, subject: shown.id };
    if (verdictOf(after.shown) === null) await tx.cancelTask(task);
    else await tx.scheduleTask({ ...task, dueAt: now + limits.disputeReviewMs });
  }
  if (previous !== null)
    await context.record([
      { account, livemode, type: "charge.dispute.updated", object: asJson(after.shown), previousAttributes: previous },
    ]);
  return after;
}

/** Accepts a dispute as lost. Throws `dispute_closed`. Source: https://docs.stripe.com/api/disputes/close */
export async function giveUpDispute(context: OperationContext, dispute: Dispute): Promise<Dispute> {
  if (CLOSED_DISPUTES.includes(dispute.shown.status)) throw apiError("dispute_closed");
  const change = newMoneyChange();
  const closed = await closeDispute(context, change, context.account, dispute, "lost");
  await finishMoneyChange(context, change);
  return closed;
}
