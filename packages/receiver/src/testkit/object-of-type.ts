/** Prefixes of ids that differ from the object's name. */
const PREFIXES: Readonly<Record<string, string>> = {
  account: "acct",
  application: "ca",
  application_fee: "fee",
  bank_account: "ba",
  charge: "ch",
  "checkout.session": "cs",
  customer: "cus",
  dispute: "dp",
  invoice: "in",
  payment_intent: "pi",
  payment_method: "pm",
  payout: "po",
  product: "prod",
  refund: "re",
  setup_intent: "seti",
  subscription: "sub",
  topup: "tu",
  transfer: "tr",
  "v2.core.account": "acct",
  "v2.core.account_person": "person",
  "v2.core.event_destination": "ed",
};

/** The object's name for types that do not contain it. */
const OBJECTS: Readonly<Record<string, string>> = {
  "account.application": "application",
  "account.external_account": "bank_account",
  "customer.subscription": "subscription",
  "charge.dispute": "dispute",
  "charge.refund": "refund",
};

/** The kind of object that events of a subject are about: `account.external_account` is about a `bank_account`. */
export function kindOf(subject: string): string {
  return OBJECTS[subject] ?? subject;
}

/** The id of a fixture's object. An account's own events are about that account. */
export function newObjectId(kind: string, number: number, account: string | null): string {
  return kind === "account" && account !== null ? account : `${PREFIXES[kind] ?? kind.slice(kind.lastIndexOf(".") + 1)}_test_${number}`;
}
