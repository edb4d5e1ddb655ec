import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import type { SourceType } from "../balance/balance-state.ts";
import type { PayoutFailureCode } from "./payout-failures.ts";
import type { PayoutMethod } from "./payout-timing.ts";

/** The `object` value of the rows of payouts. */
export const PAYOUT = "payout";

/** Where a payout stands. */
export type PayoutStatus = "pending" | "in_transit" | "paid" | "failed" | "canceled";

/**
 * From where a payout can go on to where, and no other way. What was paid may still come back.
 * Source: https://docs.stripe.com/api/payouts/object#payout_object-status
 */
export const PAYOUT_ARROWS: Readonly<Record<PayoutStatus, readonly PayoutStatus[]>> = {
  pending: ["in_transit", "canceled"],
  in_transit: ["paid", "failed"],
  paid: ["failed"],
  failed: [],
  canceled: [],
};

/** Every status. */
export const PAYOUT_STATUSES = Object.keys(PAYOUT_ARROWS) as PayoutStatus[];

/** A payout, beside its id: what its row keeps in `data`. The row's parent is its destination. */
export interface PayoutState {
  status: PayoutStatus;
  /** In the currency's smallest unit. Below zero when the money comes from the bank account: a debit, or a reversal. */
  amount: number;
  /** ISO 4217, in small letters. */
  currency: string;
  /** Unix milliseconds. */
  arrivalDate: number;
  automatic: boolean;
  balanceTransaction: string;
  description: string | null;
  destination: string;
  type: "bank_account" | "card";
  /** Of the bank: its business days count. ISO 3166-1. */
  country: string;
  failureBalanceTransaction: string | null;
  failureCode: PayoutFailureCode | null;
  metadata: Record<string, string>;
  method: PayoutMethod;
  /** The payout this one takes back. */
  originalPayout: string | null;
  reconciliation: "completed" | "in_progress" | "not_applicable";
  /** The payout that takes this one back. */
  reversedBy: string | null;
  sourceType: SourceType;
  statementDescriptor: string | null;
  /** What the bank calls it, once it has ended. */
  trace: { status: "pending" | "supported" | "unsupported"; value: string | null };
  /** How it will end: null when it is paid for good. Decided by the number of its destination, or by a test helper. */
  ending: PayoutEnding | null;
}

/** How a payout fails. */
export interface PayoutEnding {
  failureCode: PayoutFailureCode;
  /** The bank says so only after the payout was paid. */
  afterPaid: boolean;
}

/** A payout with its row. The row's `data` is what the state was when it was read. */
export interface Payout {
  row: ObjectRow;
  state: PayoutState;
}

export function readPayout(row: ObjectRow): Payout {
  return { row, state: row.data as unknown as PayoutState };
}

/** The row of a payout, with the state as it is now. */
export function writePayout({ row, state }: Payout): ObjectRow {
  return { ...row, parent: state.destination, data: state as unknown as JsonObject };
}

/** A payout's state at the next place. Throws when no arrow leads there: a bug. */
export function moved(state: PayoutState, status: PayoutStatus, change: Partial<Omit<PayoutState, "status">> = {}): PayoutState {
  if (!PAYOUT_ARROWS[state.status].includes(status)) throw new Error(`A payout cannot go from ${state.status} to ${status}.`);
  return { ...state, ...change, status };
}
