import { isThin } from "./event-pattern.ts";
import { KNOWN_THIN_TYPES } from "./known-thin-types.ts";

/**
 * Stripe's events, by object: used to warn of misspelt names where no compiler checks. A type newer than this list also
 * causes a warning, and is handled normally. A test compares the list with the official package.
 */
const KNOWN: Readonly<Record<string, string>> = {
  "account.application": "authorized deauthorized",
  "account.external_account": "created deleted updated",
  account: "updated",
  application_fee: "created refunded",
  "application_fee.refund": "updated",
  "apps.install": "created deleted updated",
  balance: "available",
  balance_settings: "updated",
  "billing.alert": "triggered",
  "billing.credit_balance_transaction": "created",
  "billing.credit_grant": "created updated",
  "billing.meter": "created deactivated reactivated updated",
  "billing_portal.configuration": "created updated",
  "billing_portal.session": "created",
  capability: "updated",
  cash_balance: "funds_available",
  charge: "captured expired failed pending refunded succeeded updated",
  "charge.dispute": "closed created funds_reinstated funds_withdrawn updated",
  "charge.refund": "updated",
  "checkout.session": "async_payment_failed async_payment_succeeded completed expired",
  "climate.order": "canceled created delayed delivered product_substituted",
  "climate.product": "created pricing_updated",
  coupon: "created deleted updated",
  credit_note: "created updated voided",
  customer: "created deleted updated",
  "customer.discount": "created deleted updated",
  "customer.source": "created deleted expiring updated",
  "customer.subscription": "created deleted paused pending_update_applied pending_update_expired resumed trial_will_end updated",
  "customer.tax_id": "created deleted updated",
  customer_cash_balance_transaction: "created",
  "entitlements.active_entitlement_summary": "updated",
  file: "created",
  "financial_connections.account":
    "account_numbers_updated created deactivated disconnected expected_deactivation_date_updated reactivated refreshed_balance refreshed_ownership refreshed_transactions supported_payment_method_types_updated upcoming_account_number_expiry upcoming_deactivation",
  "financial_connections.authorization": "expected_deactivation_date_updated upcoming_deactivation",
  "identity.verification_session": "canceled created processing redacted requires_input verified",
  invoice:
    "created deleted finalization_failed finalized marked_uncollectible overdue overpaid paid payment_action_required payment_attempt_required payment_failed payment_succeeded sent upcoming updated voided will_be_due",
  invoice_payment: "paid",
  invoiceitem: "created deleted",
  issuing_authorization: "created request updated",
  issuing_card: "created updated",
  issuing_cardholder: "created updated",
  issuing_dispute: "closed created funds_reinstated funds_rescinded submitted updated",
  issuing_personalization_design: "activated deactivated rejected updated",
  issuing_token: "created updated",
  issuing_transaction: "created purchase_details_receipt_updated updated",
  mandate: "updated",
  payment_intent: "amount_capturable_updated canceled created partially_funded payment_failed processing requires_action succeeded",
  payment_link: "created updated",
  payment_method: "attached automatically_updated detached updated",
  payout: "canceled created failed paid reconciliation_completed updated",
  person: "created deleted updated",
  plan: "created deleted updated",
  price: "created deleted updated",
  product: "created deleted updated",
  promotion_code: "created updated",
  quote: "accepted canceled created finalized",
  "radar.early_fraud_warning": "created updated",
  refund: "created failed updated",
  "reporting.report_run": "failed succeeded",
  "reporting.report_type": "updated",
  "reserve.hold": "created updated",
  "reserve.plan": "created disabled expired updated",
  "reserve.release": "created",
  review: "closed opened",
  setup_intent: "canceled created requires_action setup_failed succeeded",
  "sigma.scheduled_query_run": "created",
  source: "canceled chargeable failed mandate_notification refund_attributes_required",
  "source.transaction": "created updated",
  subscription_schedule: "aborted canceled completed created expiring released updated",
  "tax.settings": "updated",
  tax_rate: "created updated",
  "terminal.reader": "action_failed action_succeeded action_updated",
  "test_helpers.test_clock": "advancing created deleted internal_failure ready",
  "three_d_secure.authentication": "canceled challenge_started errored failed requires_challenge requires_submission succeeded",
  topup: "canceled created failed reversed succeeded",
  transfer: "created reversed updated",
  "treasury.credit_reversal": "created posted",
  "treasury.debit_reversal": "completed created initial_credit_granted",
  "treasury.financial_account": "closed created features_status_updated",
  "treasury.inbound_transfer": "canceled created failed succeeded",
  "treasury.outbound_payment": "canceled created expected_arrival_date_updated failed posted returned tracking_details_updated",
  "treasury.outbound_transfer": "canceled created expected_arrival_date_updated failed posted returned tracking_details_updated",
  "treasury.received_credit": "created failed succeeded",
  "treasury.received_debit": "created",
};

/** Every known type. */
export const KNOWN_TYPES: ReadonlySet<string> = new Set(
  Object.entries(KNOWN).flatMap(([subject, verbs]) => verbs.split(" ").map((verb) => `${subject}.${verb}`)),
);

/** How many letters may differ for a type to count as meant. */
const LETTERS = 3;

/** The warning for a pattern that matches no known type; null when one matches. */
export function unknownPattern(pattern: string): string | null {
  const known = isThin(pattern) ? KNOWN_THIN_TYPES : KNOWN_TYPES;
  if (pattern === "*" || known.has(pattern)) return null;
  const family = pattern.endsWith(".*") ? pattern.slice(0, -1) : null;
  if (family !== null && [...known].some((type) => type.startsWith(family))) return null;
  // A name without its prefix may be intended for the other kind of event.
  const all = [...known, ...(known === KNOWN_TYPES ? KNOWN_THIN_TYPES : KNOWN_TYPES)];
  const names = family === null ? all : [...new Set(all.flatMap(familiesOf))];
  const [nearest] = names.map((name) => ({ name, letters: distance(pattern, name) })).sort((one, other) => one.letters - other.letters);
  const meant = nearest !== undefined && nearest.letters <= LETTERS ? ` Is "${nearest.name}" meant?` : "";
  return `"${pattern}" is not a type of event that this version knows.${meant} The handler hears only events of exactly this name.`;
}

function familiesOf(type: string): string[] {
  const parts = type.split(".");
  return parts.slice(1).map((_, index) => `${parts.slice(0, index + 1).join(".")}.*`);
}

/**
 * How many letters must be changed, added or removed to turn one word into the other. Source:
 * https://en.wikipedia.org/wiki/Levenshtein_distance
 */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
