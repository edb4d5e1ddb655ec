import type Stripe from "stripe";
import type { SourceType } from "../../balance/balance-state.ts";
import { type MoneyObject, moneyKind } from "../money-object.ts";

export const TRANSFER = moneyKind("transfer", "transfer");
export const TRANSFER_REVERSAL = moneyKind("transfer_reversal", "transfer reversal");

/** The internal state of a transfer. */
export interface TransferKept {
  /** When its funds become available to the destination, in Unix milliseconds. */
  availableOn: number;
  sourceType: SourceType;
  /** The fee that was taken from it, if any. */
  applicationFee: string | null;
}

export type Transfer = MoneyObject<Stripe.Transfer, TransferKept>;
