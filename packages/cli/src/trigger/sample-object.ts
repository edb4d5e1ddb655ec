import { type EventType, objectClassOf } from "@carabiner/protocol";

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

/**
 * An object of the kind that events of a type carry: its `object`, an id, and the fields that most handlers use.
 * `created` is in Unix seconds.
 */
export function sampleObject(type: EventType, created: number, livemode: boolean): Record<string, unknown> {
  const object = objectNameOf(type);
  const prefix = PREFIXES[object] ?? object.replaceAll(".", "_");
  return { id: `${prefix}_sample`, object, created, livemode, metadata: {}, ...CONTENT[object] };
}

function objectNameOf(type: EventType): string {
  const name = objectClassOf(type);
  return NAMES[name] ?? name.replace(/(?<=[a-z\d])(?=[A-Z])/g, "_").toLowerCase();
}

function emptyList() {
  return { object: "list", data: [], has_more: false };
}
