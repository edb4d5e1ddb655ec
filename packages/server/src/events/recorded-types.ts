import type { EventType } from "@carabiner/protocol";

/**
 * The event types that the server records by itself, because something changed. Every other type of the catalogue is
 * made only when somebody publishes it. `docs/events.md` shows them.
 */
export const RECORDED_TYPES = [
  "account.application.authorized",
  "account.application.deauthorized",
  "account.external_account.created",
  "account.external_account.deleted",
  "account.external_account.updated",
  "account.updated",
  "application_fee.created",
  "application_fee.refund.updated",
  "application_fee.refunded",
  "balance.available",
  "capability.updated",
  "charge.captured",
  "charge.failed",
  "charge.refund.updated",
  "charge.refunded",
  "charge.succeeded",
  "charge.updated",
  "customer.created",
  "customer.deleted",
  "customer.updated",
  "file.created",
  "payment_intent.amount_capturable_updated",
  "payment_intent.canceled",
  "payment_intent.created",
  "payment_intent.payment_failed",
  "payment_intent.requires_action",
  "payment_intent.succeeded",
  "payout.canceled",
  "payout.created",
  "payout.failed",
  "payout.paid",
  "payout.reconciliation_completed",
  "payout.updated",
  "person.created",
  "person.deleted",
  "person.updated",
  "refund.created",
  "refund.updated",
  "topup.canceled",
  "topup.created",
  "topup.failed",
  "topup.succeeded",
  "transfer.created",
  "transfer.reversed",
  "transfer.updated",
] as const satisfies readonly EventType[];

/** A type that the server records by itself. */
export type RecordedType = (typeof RECORDED_TYPES)[number];
