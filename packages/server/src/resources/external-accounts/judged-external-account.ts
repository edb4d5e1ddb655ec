import type { ExternalAccountState } from "../connected-account/state/external-account-state.ts";

/** What is kept of a bank account or card once its number has been judged: everything but the number. */
export interface JudgedExternalAccount extends Pick<ExternalAccountState, "kind" | "country" | "currency" | "shown" | "payoutOutcome"> {
  /** Whether it can be paid out to: a credit card or a prepaid one cannot. */
  payable: boolean;
  /** What comes of the question who owns it, where it is asked. */
  ownership: "verified" | "document_needed" | null;
}

/** What a token for a bank account or card keeps: the id that it gets, and what was judged. */
export interface TokenKept {
  id: string;
  judged: JudgedExternalAccount;
}
