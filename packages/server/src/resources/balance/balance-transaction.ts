import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { expanderOf, type ObjectKind } from "../../operations/object-kind.ts";
import { seconds } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import type { SourceType } from "./balance-state.ts";

export const BALANCE_TRANSACTION = "balance_transaction";

/** An entry that changes a balance. Amounts are in the currency's smallest unit; debits are negative. */
export interface LedgerEntry {
  amount: number;
  /** Deducted from the amount; the sum of its details. */
  fee: number;
  feeDetails: readonly Stripe.BalanceTransaction.FeeDetail[];
  /** ISO 4217, lower case. */
  currency: string;
  type: TransactionType;
  /** The id of the object that caused it. */
  source: string;
  sourceType: SourceType;
  /** Unix milliseconds: a future UTC midnight, or a past time for funds available at once. */
  availableOn: number;
  description: string | null;
  /** Its reporting category, when the type does not determine it. */
  reportingCategory?: "dispute" | "dispute_reversal";
}

/** The reporting category of each type of transaction. Source: https://docs.stripe.com/reports/reporting-categories */
const REPORTING_CATEGORIES = {
  adjustment: "other_adjustment",
  application_fee: "platform_earning",
  application_fee_refund: "platform_earning_refund",
  charge: "charge",
  payment: "charge",
  payment_refund: "refund",
  payout: "payout",
  payout_cancel: "payout_reversal",
  payout_failure: "payout_reversal",
  refund: "refund",
  stripe_fee: "fee",
  topup: "topup",
  topup_reversal: "topup_reversal",
  transfer: "transfer",
  transfer_refund: "transfer_reversal",
} as const satisfies Partial<Record<Stripe.BalanceTransaction.Type, string>>;

/** The transaction types that this server creates. */
export type TransactionType = keyof typeof REPORTING_CATEGORIES;

/** A transaction as its row stores it: an entry, with the field names that `where` filters use. */
export type TransactionState = Pick<
  LedgerEntry,
  "amount" | "fee" | "feeDetails" | "currency" | "type" | "source" | "availableOn" | "description" | "reportingCategory"
>;

/** The data of a transaction's row. */
export function transactionData({ sourceType: _, ...entry }: LedgerEntry): JsonObject {
  return { ...entry } as unknown as JsonObject;
}

export function readTransaction(row: ObjectRow): TransactionState {
  return row.data as unknown as TransactionState;
}

/**
 * Renders the BalanceTransaction object at a given time.
 * Source: https://docs.stripe.com/api/balance_transactions/object
 */
export function renderBalanceTransaction(row: ObjectRow, now: number): JsonObject {
  const { amount, fee, feeDetails, currency, type, source, availableOn, description, reportingCategory } = readTransaction(row);
  return asJson({
    id: row.id,
    object: "balance_transaction",
    amount,
    available_on: seconds(availableOn),
    balance_type: "payments",
    created: seconds(row.created),
    currency,
    description,
    exchange_rate: null,
    fee,
    fee_details: [...feeDetails],
    net: amount - fee,
    reporting_category: reportingCategory ?? REPORTING_CATEGORIES[type],
    source,
    status: availableOn <= now ? "available" : "pending",
    type,
  } satisfies Stripe.BalanceTransaction);
}

export const BALANCE_TRANSACTION_KIND: ObjectKind = {
  object: BALANCE_TRANSACTION,
  name: "balance transaction",
  show: (row, { now }) => renderBalanceTransaction(row, now),
};

/** Loads a balance transaction named in a response. */
export const expandBalanceTransaction = expanderOf(BALANCE_TRANSACTION_KIND);
