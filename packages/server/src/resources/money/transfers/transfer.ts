import type Stripe from "stripe";
import type { SourceType } from "../../balance/balance-state.ts";
import { type MoneyObject, moneyKind } from "../money-object.ts";

export const TRANSFER = moneyKind("transfer", "transfer");
export const TRANSFER_REVERSAL = moneyKind("transfer_reversal", "transfer reversal");

/** What is known of a transfer and not shown. */
export interface TransferKept {
  /** When its funds are available to the account that gets them, in Unix milliseconds. */
  availableOn: number;
  sourceType: SourceType;
  /** The fee that was taken from it, if any. */
  applicationFee: string | null;
}

export type Transfer = MoneyObject<Stripe.Transfer, TransferKept>;
