import { type EventType, objectClassOf } from "./event-types.ts";

/** Classes whose `object` is not their name in lower case. */
const NAMES: Readonly<Record<string, string>> = {
  ExternalAccount: "bank_account",
  InvoiceItem: "invoiceitem",
  "Sigma.ScheduledQueryRun": "scheduled_query_run",
};

/** The prefix of ids, where it is known. Other ids begin with the kind's name. */
const PREFIXES: Readonly<Record<string, string>> = {
  account: "acct",
  application: "ca",
  application_fee: "fee",
  bank_account: "ba",
  charge: "ch",
  "checkout.session": "cs_test",
  coupon: "coupon",
  credit_note: "cn",
  customer: "cus",
  dispute: "dp",
  fee_refund: "fr",
  file: "file",
  "identity.verification_session": "vs",
  invoice: "in",
  invoiceitem: "ii",
  "issuing.authorization": "iauth",
  "issuing.card": "ic",
  "issuing.cardholder": "ich",
  "issuing.dispute": "idp",
  "issuing.transaction": "ipi",
  mandate: "mandate",
  payment_intent: "pi",
  payment_link: "plink",
  payment_method: "pm",
  payout: "po",
  person: "person",
  plan: "plan",
  price: "price",
  product: "prod",
  promotion_code: "promo",
  quote: "qt",
  "radar.early_fraud_warning": "issfr",
  refund: "re",
  review: "prv",
  setup_intent: "seti",
  source: "src",
  subscription: "sub",
  subscription_schedule: "sub_sched",
  tax_id: "txi",
  tax_rate: "txr",
  "terminal.reader": "tmr",
  topup: "tu",
  transfer: "tr",
};

/** Further fields of the most common kinds: enough for a handler to work. */
const CONTENT: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  charge: { amount: 2_000, amount_refunded: 0, currency: "usd", paid: true, refunded: false, status: "succeeded" },
  "checkout.session": { amount_total: 2_000, currency: "usd", mode: "payment", payment_status: "paid", status: "complete" },
  customer: { email: "jenny@example.com", name: "Jenny Rosen", default_source: null },
  dispute: { amount: 2_000, currency: "usd", charge: "ch_sample", reason: "fraudulent", status: "needs_response" },
  invoice: { amount_due: 2_000, amount_paid: 0, currency: "usd", customer: "cus_sample", status: "open", lines: emptyList() },
  payment_intent: { amount: 2_000, currency: "usd", status: "succeeded", payment_method_types: ["card"] },
  payment_method: { type: "card", customer: null },
  payout: { amount: 2_000, currency: "usd", status: "paid", method: "standard" },
  price: { active: true, currency: "usd", product: "prod_sample", type: "one_time", unit_amount: 2_000 },
  product: { active: true, name: "Sample" },
  refund: { amount: 2_000, currency: "usd", charge: "ch_sample", status: "succeeded" },
  setup_intent: { status: "succeeded", usage: "off_session", payment_method_types: ["card"] },
  subscription: { currency: "usd", customer: "cus_sample", status: "active", items: emptyList() },
  topup: { amount: 2_000, currency: "usd", status: "succeeded" },
  transfer: { amount: 2_000, currency: "usd", destination: "acct_sample", reversed: false },
};

/** The fields of an object that differ because its event happened. */
const AFTERWARDS: Readonly<Partial<Record<EventType, Readonly<Record<string, unknown>>>>> = {
  "charge.dispute.closed": { status: "lost" },
  "charge.dispute.funds_reinstated": { status: "won" },
  "charge.failed": { paid: false, status: "failed", failure_code: "card_declined", failure_message: "Your card was declined." },
  "charge.pending": { paid: false, status: "pending" },
  "charge.refunded": { amount_refunded: 2_000, refunded: true },
  "checkout.session.async_payment_failed": { payment_status: "unpaid" },
  "checkout.session.expired": { payment_status: "unpaid", status: "expired" },
  "customer.subscription.deleted": { status: "canceled" },
  "customer.subscription.paused": { status: "paused" },
  "invoice.created": { status: "draft" },
  "invoice.paid": { amount_paid: 2_000, status: "paid" },
  "invoice.payment_succeeded": { amount_paid: 2_000, status: "paid" },
  "invoice.voided": { status: "void" },
  "payment_intent.amount_capturable_updated": { amount_capturable: 2_000, status: "requires_capture" },
  "payment_intent.canceled": { status: "canceled" },
  "payment_intent.created": { status: "requires_payment_method" },
  "payment_intent.payment_failed": { status: "requires_payment_method" },
  "payment_intent.processing": { status: "processing" },
  "payment_intent.requires_action": { status: "requires_action" },
  "payment_method.attached": { customer: "cus_sample" },
  "payout.canceled": { status: "canceled" },
  "payout.created": { status: "pending" },
  "payout.failed": { status: "failed", failure_code: "account_closed", failure_message: "The bank account has been closed." },
  "refund.failed": { status: "failed", failure_reason: "unknown" },
  "setup_intent.canceled": { status: "canceled" },
  "setup_intent.created": { status: "requires_payment_method" },
  "setup_intent.setup_failed": { status: "requires_payment_method" },
  "topup.canceled": { status: "canceled" },
  "topup.created": { status: "pending" },
  "topup.failed": { status: "failed" },
  "transfer.reversed": { reversed: true },
};

/**
 * An object of the kind that events of a type carry: its `object`, an id, and the fields that most handlers use.
 * `created` is in Unix seconds.
 */
export function sampleObject(type: EventType, created: number, livemode: boolean): Record<string, unknown> {
  const object = objectOf(type);
  const prefix = PREFIXES[object] ?? object.replaceAll(".", "_");
  return { id: `${prefix}_sample`, object, created, livemode, metadata: {}, ...CONTENT[object], ...AFTERWARDS[type] };
}

/** The `object` value in events of a type, such as `payout`. */
export function objectOf(type: EventType): string {
  const name = objectClassOf(type);
  return NAMES[name] ?? name.replace(/(?<=[a-z\d])(?=[A-Z])/g, "_").toLowerCase();
}

function emptyList() {
  return { object: "list", data: [], has_more: false };
}
