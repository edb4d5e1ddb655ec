import type Stripe from "stripe";
import type { DocumentFault, ExternalAccountState } from "../state/external-account-state.ts";

/** The requirement. */
const DOCUMENT = "documents.bank_account_ownership_verification.files";

const REASONS: Readonly<Record<DocumentFault, string>> = {
  verification_document_failed_test_mode: "The document is one that stands for a failed verification in test mode.",
  verification_document_failed_other: "The document does not show who owns the bank account.",
};

/** A bank account after its ownership check has ended; unchanged when none is due by `now`. */
export function afterOwnershipCheck(state: ExternalAccountState, now: number): ExternalAccountState {
  const { ownership, ...rest } = state;
  if (ownership === undefined || ownership.stage === "document_needed" || ownership.dueAt > now) return state;
  if (ownership.result === "verified") return { ...rest, status: state.status === "verification_failed" ? "new" : state.status };
  const because = ownership.stage === "checking" ? null : ownership.result;
  return { ...state, status: "verification_failed", ownership: { stage: "document_needed", because } };
}

/**
 * A bank account with a new document, which starts an ownership check if one was required. `dueAt` is when the check
 * ends.
 */
export function withOwnershipDocument(
  state: ExternalAccountState,
  { dueAt, result }: { dueAt: number; result: "verified" | DocumentFault },
): ExternalAccountState {
  if (state.ownership === undefined) return state;
  return { ...state, ownership: { stage: "document_checking", dueAt, result } };
}

/** When the ownership check ends, in Unix milliseconds; null without a running check. */
export function ownershipDueAt({ ownership }: ExternalAccountState): number | null {
  return ownership === undefined || ownership.stage === "document_needed" ? null : ownership.dueAt;
}

/** The `requirements` of a bank account. */
export function bankAccountRequirements({ ownership }: ExternalAccountState): Stripe.BankAccount.Requirements {
  const nothing = { currently_due: [], errors: [], past_due: [], pending_verification: [] };
  if (ownership === undefined) return nothing;
  if (ownership.stage !== "document_needed") return { ...nothing, pending_verification: [DOCUMENT] };
  const { because } = ownership;
  return {
    ...nothing,
    currently_due: [DOCUMENT],
    errors: because === null ? [] : [{ code: because, reason: REASONS[because], requirement: DOCUMENT }],
  };
}
