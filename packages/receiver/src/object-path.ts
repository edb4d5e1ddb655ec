/** An object as events contain it. */
interface Identified {
  object?: unknown;
  id?: unknown;
  account?: unknown;
}

/** Objects whose list in the API is not named after them with an added s, and the path of the list. */
const LISTS: Readonly<Record<string, string>> = {
  balance: "balance",
  "billing_portal.configuration": "billing_portal/configurations",
  "checkout.session": "checkout/sessions",
  "climate.order": "climate/orders",
  "climate.product": "climate/products",
  credit_note: "credit_notes",
  dispute: "disputes",
  "financial_connections.account": "financial_connections/accounts",
  "identity.verification_session": "identity/verification_sessions",
  invoiceitem: "invoiceitems",
  "issuing.authorization": "issuing/authorizations",
  "issuing.card": "issuing/cards",
  "issuing.cardholder": "issuing/cardholders",
  "issuing.dispute": "issuing/disputes",
  "issuing.transaction": "issuing/transactions",
  "radar.early_fraud_warning": "radar/early_fraud_warnings",
  "reporting.report_run": "reporting/report_runs",
  "tax.settings": "tax/settings",
  "terminal.reader": "terminal/readers",
  "test_helpers.test_clock": "test_helpers/test_clocks",
  "treasury.financial_account": "treasury/financial_accounts",
};

/** Objects of a connected account that the platform fetches itself, below the account. */
const BELOW_ACCOUNT: Readonly<Record<string, string>> = {
  person: "persons",
  capability: "capabilities",
  bank_account: "external_accounts",
  card: "external_accounts",
};

/** Objects that the API returns one by one, from a list that is named after them with an added s. */
const PLAIN = new Set(
  "charge coupon customer file invoice mandate payment_intent payment_link payment_method payout plan price product promotion_code quote refund review setup_intent source subscription subscription_schedule tax_rate topup transfer application_fee".split(
    " ",
  ),
);

/** Where to fetch an object. */
export interface ObjectPath {
  path: string;
  /** Whether the call acts for the connected account; otherwise for the platform. */
  asAccount: boolean;
}

/** The path of an event's object in version 1 of the API; null when no path is known. */
export function objectPath(data: Identified, account: string | null): ObjectPath | null {
  const { object, id } = data;
  if (typeof object !== "string") return null;
  if (object === "balance") return { path: "/v1/balance", asAccount: true };
  if (object === "tax.settings") return { path: "/v1/tax/settings", asAccount: true };
  if (typeof id !== "string") return null;
  const owner = typeof data.account === "string" ? data.account : account;
  if (object === "account") return { path: `/v1/accounts/${encodeURIComponent(id)}`, asAccount: false };
  const below = BELOW_ACCOUNT[object];
  if (below !== undefined && owner !== null)
    return { path: `/v1/accounts/${encodeURIComponent(owner)}/${below}/${encodeURIComponent(id)}`, asAccount: false };
  const list = LISTS[object] ?? (PLAIN.has(object) ? `${object}s` : undefined);
  return list === undefined ? null : { path: `/v1/${list}/${encodeURIComponent(id)}`, asAccount: true };
}
