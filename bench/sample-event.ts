import type { JsonObject } from "../packages/server/src/store/contract/rows.ts";

/** An object that makes a delivery's body about two kilobytes long, like a payout with metadata. */
export function sampleObject(n: number): JsonObject {
  return {
    id: `po_${String(n).padStart(24, "0")}`,
    object: "payout",
    amount: 1_100 + n,
    arrival_date: 1_763_942_400,
    automatic: true,
    balance_transaction: "txn_1Mg82SKtjYJMPxxdblK6kkRJ",
    created: 1_763_942_400,
    currency: "usd",
    description: "STRIPE PAYOUT",
    destination: "ba_1Mg82SKtjYJMPxxdblK6kkRJ",
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata: Object.fromEntries(Array.from({ length: 18 }, (_, key) => [`order_${key}`, `value-${key}-${"x".repeat(20)}`])),
    method: "standard",
    original_payout: null,
    reconciliation_status: "in_progress",
    reversed_by: null,
    source_type: "card",
    statement_descriptor: null,
    status: "in_transit",
    trace_id: null,
    type: "bank_account",
  };
}
