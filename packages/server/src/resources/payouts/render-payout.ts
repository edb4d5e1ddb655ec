import type Stripe from "stripe";
import { seconds } from "../../operations/time-range.ts";
import { PAYOUT_FAILURES } from "./payout-failures.ts";
import type { Payout } from "./payout-state.ts";

/** The Payout object. Source: https://docs.stripe.com/api/payouts/object */
export function renderPayout({ row, state }: Payout): Stripe.Payout {
  return {
    id: row.id,
    object: "payout",
    amount: state.amount,
    application_fee: null,
    application_fee_amount: null,
    arrival_date: seconds(state.arrivalDate),
    automatic: state.automatic,
    balance_transaction: state.balanceTransaction,
    created: seconds(row.created),
    currency: state.currency,
    description: state.description,
    destination: state.destination,
    failure_balance_transaction: state.failureBalanceTransaction,
    failure_code: state.failureCode,
    failure_message: state.failureCode === null ? null : PAYOUT_FAILURES[state.failureCode],
    livemode: row.livemode,
    metadata: state.metadata,
    method: state.method,
    original_payout: state.originalPayout,
    payout_method: null,
    reconciliation_status: state.reconciliation,
    reversed_by: state.reversedBy,
    source_type: state.sourceType,
    statement_descriptor: state.statementDescriptor,
    status: state.status,
    trace_id: state.trace,
    type: state.type,
  };
}
