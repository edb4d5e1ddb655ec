import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import type { SourceType } from "../balance/balance-state.ts";
import type { PayoutFailureCode } from "./payout-failures.ts";
import type { PayoutMethod } from "./payout-timing.ts";

/** The `object` value of payout rows. */
export const PAYOUT = "payout";

/** A payout's status. */
export type PayoutStatus = "pending" | "in_transit" | "paid" | "failed" | "canceled";

/**
 * All transitions between statuses. A paid payout may still be returned.
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

/** A payout without its id: what its row stores in `data`. The row's parent is its destination. */
export interface PayoutState {
  status: PayoutStatus;
  /** In the currency's smallest unit. Negative when the money comes from the bank account: a debit, or a reversal. */
  amount: number;
  /** ISO 4217, lower case. */
  currency: string;
  /** Unix milliseconds. */
  arrivalDate: number;
  automatic: boolean;
  balanceTransaction: string;
  description: string | null;
  destination: string;
  type: "bank_account" | "card";
  /** The bank's country, whose business days count. ISO 3166-1. */
  country: string;
  failureBalanceTransaction: string | null;
  failureCode: PayoutFailureCode | null;
  metadata: Record<string, string>;
  method: PayoutMethod;
  /** The payout that this one reverses. */
  originalPayout: string | null;
  reconciliation: "completed" | "in_progress" | "not_applicable";
  /** The payout that reverses this one. */
  reversedBy: string | null;
  sourceType: SourceType;
  statementDescriptor: string | null;
  /** The bank's reference, once it has ended. */
  trace: { status: "pending" | "supported" | "unsupported"; value: string | null };
  /** Its outcome: null when it stays paid. Decided by its destination's number, or by a test helper. */
  ending: PayoutEnding | null;
}

/** How a payout fails. */
export interface PayoutEnding {
  failureCode: PayoutFailureCode;
  /** The bank reports the failure only after the payout was paid. */
  afterPaid: boolean;
}

/** A payout with its row. The row's `data` is the state as read. */
export interface Payout {
  row: ObjectRow;
  state: PayoutState;
}

export function readPayout(row: ObjectRow): Payout {
  return { row, state: row.data as unknown as PayoutState };
}

/** The row of a payout with its current state. */
export function writePayout({ row, state }: Payout): ObjectRow {
  return { ...row, parent: state.destination, data: state as unknown as JsonObject };
}

/** A payout with another status. Throws for a transition that does not exist, which is a bug. */
export function moved(state: PayoutState, status: PayoutStatus, change: Partial<Omit<PayoutState, "status">> = {}): PayoutState {
  if (!PAYOUT_ARROWS[state.status].includes(status)) throw new Error(`A payout cannot go from ${state.status} to ${status}.`);
  return { ...state, ...change, status };
}
