import type { ExternalAccountState } from "../connected-account/state/external-account-state.ts";

/** The stored data of a judged bank account or card: everything but the number. */
export interface JudgedExternalAccount extends Pick<ExternalAccountState, "kind" | "country" | "currency" | "shown" | "payoutOutcome"> {
  /** Whether it can receive payouts: credit and prepaid cards cannot. */
  payable: boolean;
  /** The result of an ownership check, where there is one. */
  ownership: "verified" | "document_needed" | null;
}

/** The data of a bank account or card token: the future id, and the judged data. */
export interface TokenKept {
  id: string;
  judged: JudgedExternalAccount;
}
