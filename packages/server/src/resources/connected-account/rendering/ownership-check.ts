import type Stripe from "stripe";
import type { DocumentFault, ExternalAccountState } from "../state/external-account-state.ts";

/** What is asked for. */
const DOCUMENT = "documents.bank_account_ownership_verification.files";

const REASONS: Readonly<Record<DocumentFault, string>> = {
  verification_document_failed_test_mode: "The document is one that stands for a failed verification in test mode.",
  verification_document_failed_other: "The document does not show who owns the bank account.",
};

/** A bank account once the look into who owns it has ended; the same where none is due by `now`. */
export function afterOwnershipCheck(state: ExternalAccountState, now: number): ExternalAccountState {
  const { ownership, ...rest } = state;
  if (ownership === undefined || ownership.stage === "document_needed" || ownership.dueAt > now) return state;
  if (ownership.result === "verified") return { ...rest, status: state.status === "verification_failed" ? "new" : state.status };
  const because = ownership.stage === "checking" ? null : ownership.result;
  return { ...state, status: "verification_failed", ownership: { stage: "document_needed", because } };
}

/** A bank account for which a document was given: it is looked into, where one was asked for. `dueAt` is when the answer is there. */
export function withOwnershipDocument(
  state: ExternalAccountState,
  { dueAt, result }: { dueAt: number; result: "verified" | DocumentFault },
): ExternalAccountState {
  if (state.ownership === undefined) return state;
  return { ...state, ownership: { stage: "document_checking", dueAt, result } };
}

/** When the answer is there, in Unix milliseconds; null where nothing is looked into. */
export function ownershipDueAt({ ownership }: ExternalAccountState): number | null {
  return ownership === undefined || ownership.stage === "document_needed" ? null : ownership.dueAt;
}

/** What a bank account shows under `requirements`. */
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
