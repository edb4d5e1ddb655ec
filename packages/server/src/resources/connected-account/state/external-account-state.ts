import type { JsonObject, ObjectRow } from "../../../store/contract/rows.ts";

/** A bank account or card that an account is paid out to, beside the id: what its row keeps in `data`. Its number is never kept. */
export interface ExternalAccountState {
  kind: "bank_account" | "card";
  /** Two letters of ISO 3166-1. */
  country: string;
  /** Three letters of ISO 4217, lower case. */
  currency: string;
  defaultForCurrency: boolean;
  /**
   * `errored` once a payout to it failed, until it is updated. `verification_failed` while it is not known who owns it.
   * Cards know `new` and `errored` alone.
   */
  status: "new" | "errored" | "verification_failed" | "tokenized_account_number_deactivated";
  /** Everything else that is shown, by the names it is shown under. */
  shown: JsonObject;
  metadata: Record<string, string>;
  /** What becomes of payouts to it, as its test number says; null when they succeed. */
  payoutOutcome: PayoutOutcome | null;
  /** How far the question is who owns it; left out where nobody asks, or the answer is known. */
  ownership?: OwnershipCheck;
}

/** How payouts to a test number fail. */
export interface PayoutOutcome {
  /** A failure code of https://docs.stripe.com/api/payouts/failures */
  failureCode: string;
  /** Whether only instant payouts fail. */
  instantOnly: boolean;
}

/**
 * How far the question is who owns a bank account: it is being looked into until `dueAt`, in Unix milliseconds; or a
 * document is awaited. `because` says what was wrong with the one before.
 * Source: https://docs.stripe.com/connect/testing#trigger-bank-account-ownership-verification
 */
export type OwnershipCheck =
  | { stage: "checking"; dueAt: number; result: "verified" | "document_needed" }
  | { stage: "document_needed"; because: DocumentFault | null }
  | { stage: "document_checking"; dueAt: number; result: "verified" | DocumentFault };

/** Why a document does not convince: an error code of requirements. */
export type DocumentFault = "verification_document_failed_test_mode" | "verification_document_failed_other";

/** An external account with its row. The row's `data` is what the state was when it was read. */
export interface ExternalAccount {
  row: ObjectRow;
  state: ExternalAccountState;
}

/** The `object` value their rows have: one list holds both kinds. */
export const EXTERNAL_ACCOUNT = "external_account";

export function readExternalAccount(row: ObjectRow): ExternalAccount {
  return { row, state: row.data as unknown as ExternalAccountState };
}

/** The row of an external account, with the state as it is now. */
export function writeExternalAccount({ row, state }: ExternalAccount): ObjectRow {
  return { ...row, data: state as unknown as JsonObject };
}
