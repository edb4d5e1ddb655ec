import type { JsonObject, ObjectRow } from "../../../store/contract/rows.ts";

/** A bank account or card for payouts, without its id: what its row stores in `data`. Its number is never stored. */
export interface ExternalAccountState {
  kind: "bank_account" | "card";
  /** Two letters of ISO 3166-1. */
  country: string;
  /** Three letters of ISO 4217, lower case. */
  currency: string;
  defaultForCurrency: boolean;
  /**
   * `errored` after a failed payout, until it is updated. `verification_failed` while its owner is unknown. Cards only
   * have `new` and `errored`.
   */
  status: "new" | "errored" | "verification_failed" | "tokenized_account_number_deactivated";
  /** All other displayed fields, by their displayed names. */
  shown: JsonObject;
  metadata: Record<string, string>;
  /** How payouts to it fail, according to its test number; null when they succeed. */
  payoutOutcome: PayoutOutcome | null;
  /** The progress of its ownership check; omitted when there is none or it has succeeded. */
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
 * The progress of a bank account's ownership check: it either runs until `dueAt`, in Unix milliseconds, or waits for a
 * document. `because` is the fault of the previous document.
 * Source: https://docs.stripe.com/connect/testing#trigger-bank-account-ownership-verification
 */
export type OwnershipCheck =
  | { stage: "checking"; dueAt: number; result: "verified" | "document_needed" }
  | { stage: "document_needed"; because: DocumentFault | null }
  | { stage: "document_checking"; dueAt: number; result: "verified" | DocumentFault };

/** Why a document was rejected: an error code of requirements. */
export type DocumentFault = "verification_document_failed_test_mode" | "verification_document_failed_other";

/** An external account with its row. The row's `data` is the state as read. */
export interface ExternalAccount {
  row: ObjectRow;
  state: ExternalAccountState;
}

/** The `object` value of their rows: one list holds both kinds. */
export const EXTERNAL_ACCOUNT = "external_account";

export function readExternalAccount(row: ObjectRow): ExternalAccount {
  return { row, state: row.data as unknown as ExternalAccountState };
}

/** The row of an external account with its current state. */
export function writeExternalAccount({ row, state }: ExternalAccount): ObjectRow {
  return { ...row, data: state as unknown as JsonObject };
}
