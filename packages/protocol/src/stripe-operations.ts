/**
 * Every operation of Stripe's API. It distinguishes calls that only this server lacks from calls that Stripe also
 * lacks. A line is a collection, then the paths below it, each with its methods: G for GET, P for POST, D for DELETE.
 * Source: the OpenAPI document of Stripe, version 2026-08-26.dahlia, and the official package 23.1.0 for `/v2`.
 */
const OPERATIONS = `
/v1/account :G
/v1/account_links :P
/v1/account_sessions :P
/v1/accounts :GP /{account}:GPD /{account}/bank_accounts:P /{account}/bank_accounts/{id}:GPD /{account}/capabilities:G /{account}/capabilities/{capability}:GP /{account}/external_accounts:GP /{account}/external_accounts/{id}:GPD /{account}/login_links:P /{account}/people:GP /{account}/people/{person}:GPD /{account}/persons:GP /{account}/persons/{person}:GPD /{account}/reject:P /{account}/unreject:P
/v1/apple_pay/domains :GP /{domain}:GD
/v1/application_fees :G /{fee}/refunds/{id}:GP /{id}:G /{id}/refund:P /{id}/refunds:GP
/v1/apps/secrets :GP /delete:P /find:G
/v1/balance :G /history:G /history/{id}:G
/v1/balance_settings :GP
/v1/balance_transactions :G /{id}:G
/v1/billing/alerts :GP /{id}:G /{id}/activate:P /{id}/archive:P /{id}/deactivate:P
/v1/billing/credit_balance_summary :G
/v1/billing/credit_balance_transactions :G /{id}:G
/v1/billing/credit_grants :GP /{id}:GP /{id}/expire:P /{id}/void:P
/v1/billing/feedback_options :GP /{id}:GP /{id}/deactivate:P
/v1/billing/meter_event_adjustments :P
/v1/billing/meter_events :P
/v1/billing/meters :GP /{id}:GP /{id}/deactivate:P /{id}/event_summaries:G /{id}/reactivate:P
/v1/billing_portal/configurations :GP /{configuration}:GP
/v1/billing_portal/sessions :P
/v1/charges :GP /search:G /{charge}:GP /{charge}/capture:P /{charge}/dispute:GP /{charge}/dispute/close:P /{charge}/refund:P /{charge}/refunds:GP /{charge}/refunds/{refund}:GP
/v1/checkout/sessions :GP /{session}:GP /{session}/expire:P /{session}/line_items:G
/v1/climate/orders :GP /{order}:GP /{order}/cancel:P
/v1/climate/products :G /{product}:G
/v1/climate/suppliers :G /{supplier}:G
/v1/confirmation_tokens /{confirmation_token}:G
/v1/country_specs :G /{country}:G
/v1/coupons :GP /{coupon}:GPD
/v1/credit_notes :GP /preview:G /preview/lines:G /{credit_note}/lines:G /{id}:GP /{id}/void:P
/v1/customer_sessions :P
/v1/customers :GP /search:G /{customer}:GPD /{customer}/balance_transactions:GP /{customer}/balance_transactions/{transaction}:GP /{customer}/bank_accounts:GP /{customer}/bank_accounts/{id}:GPD /{customer}/bank_accounts/{id}/verify:P /{customer}/cards:GP /{customer}/cards/{id}:GPD /{customer}/cash_balance:GP /{customer}/cash_balance_transactions:G /{customer}/cash_balance_transactions/{transaction}:G /{customer}/discount:GD /{customer}/funding_instructions:P /{customer}/payment_methods:G /{customer}/payment_methods/{payment_method}:G /{customer}/sources:GP /{customer}/sources/{id}:GPD /{customer}/sources/{id}/verify:P /{customer}/subscriptions:GP /{customer}/subscriptions/{subscription_exposed_id}:GPD /{customer}/subscriptions/{subscription_exposed_id}/discount:GD /{customer}/tax_ids:GP /{customer}/tax_ids/{id}:GD
/v1/disputes :G /{dispute}:GP /{dispute}/close:P
/v1/entitlements/active_entitlements :G /{id}:G
/v1/entitlements/features :GP /{id}:GP
/v1/ephemeral_keys :P /{key}:D
/v1/events :G /{id}:G
/v1/exchange_rates :G /{rate_id}:G
/v1/external_accounts /{id}:P
/v1/file_links :GP /{link}:GP
/v1/files :GP /{file}:G
/v1/financial_connections/accounts :G /{account}:G /{account}/disconnect:P /{account}/owners:G /{account}/refresh:P /{account}/subscribe:P /{account}/unsubscribe:P
/v1/financial_connections/sessions :P /{session}:G
/v1/financial_connections/transactions :G /{transaction}:G
/v1/forwarding/requests :GP /{id}:G
/v1/identity/verification_reports :G /{report}:G
/v1/identity/verification_sessions :GP /{session}:GP /{session}/cancel:P /{session}/redact:P
/v1/invoice_payments :G /{invoice_payment}:G
/v1/invoice_rendering_templates :G /{template}:G /{template}/archive:P /{template}/unarchive:P
/v1/invoiceitems :GP /{invoiceitem}:GPD
/v1/invoices :GP /create_preview:P /search:G /{invoice}:GPD /{invoice}/add_lines:P /{invoice}/attach_payment:P /{invoice}/finalize:P /{invoice}/lines:G /{invoice}/lines/{line_item_id}:P /{invoice}/mark_uncollectible:P /{invoice}/pay:P /{invoice}/remove_lines:P /{invoice}/send:P /{invoice}/update_lines:P /{invoice}/void:P
/v1/issuing/authorizations :G /{authorization}:GP /{authorization}/approve:P /{authorization}/decline:P
/v1/issuing/cardholders :GP /{cardholder}:GP
/v1/issuing/cards :GP /{card}:GP
/v1/issuing/disputes :GP /{dispute}:GP /{dispute}/submit:P
/v1/issuing/personalization_designs :GP /{personalization_design}:GP
/v1/issuing/physical_bundles :G /{physical_bundle}:G
/v1/issuing/settlements /{settlement}:GP
/v1/issuing/tokens :G /{token}:GP
/v1/issuing/transactions :G /{transaction}:GP
/v1/link_account_sessions :P /{session}:G
/v1/linked_accounts :G /{account}:G /{account}/disconnect:P /{account}/owners:G /{account}/refresh:P
/v1/mandates /{mandate}:G
/v1/payment_attempt_records :G /{id}:G
/v1/payment_intents :GP /search:G /{intent}:GP /{intent}/amount_details_line_items:G /{intent}/apply_customer_balance:P /{intent}/cancel:P /{intent}/capture:P /{intent}/confirm:P /{intent}/increment_authorization:P /{intent}/verify_microdeposits:P
/v1/payment_links :GP /{payment_link}:GP /{payment_link}/line_items:G
/v1/payment_method_configurations :GP /{configuration}:GP
/v1/payment_method_domains :GP /{payment_method_domain}:GP /{payment_method_domain}/validate:P
/v1/payment_methods :GP /{payment_method}:GP /{payment_method}/attach:P /{payment_method}/detach:P
/v1/payment_records :G /report_payment:P /{id}:G /{id}/report_payment_attempt:P /{id}/report_payment_attempt_canceled:P /{id}/report_payment_attempt_failed:P /{id}/report_payment_attempt_guaranteed:P /{id}/report_payment_attempt_informational:P /{id}/report_refund:P
/v1/payouts :GP /{payout}:GP /{payout}/cancel:P /{payout}/reverse:P
/v1/plans :GP /{plan}:GPD
/v1/prices :GP /search:G /{price}:GP
/v1/products :GP /search:G /{id}:GPD /{product}/features:GP /{product}/features/{id}:GD
/v1/promotion_codes :GP /{promotion_code}:GP
/v1/quotes :GP /{quote}:GP /{quote}/accept:P /{quote}/cancel:P /{quote}/computed_upfront_line_items:G /{quote}/finalize:P /{quote}/line_items:G /{quote}/pdf:G
/v1/radar/early_fraud_warnings :G /{early_fraud_warning}:G
/v1/radar/payment_evaluations :P
/v1/radar/value_list_items :GP /{item}:GD
/v1/radar/value_lists :GP /{value_list}:GPD
/v1/refunds :GP /{refund}:GP /{refund}/cancel:P
/v1/reporting/report_runs :GP /{report_run}:G
/v1/reporting/report_types :G /{report_type}:G
/v1/reviews :G /{review}:G /{review}/approve:P
/v1/setup_attempts :G
/v1/setup_intents :GP /{intent}:GP /{intent}/cancel:P /{intent}/confirm:P /{intent}/verify_microdeposits:P
/v1/shipping_rates :GP /{shipping_rate_token}:GP
/v1/sigma/saved_queries /{id}:P
/v1/sigma/scheduled_query_runs :G /{scheduled_query_run}:G
/v1/sources :P /{source}:GP /{source}/mandate_notifications/{mandate_notification}:G /{source}/source_transactions:G /{source}/source_transactions/{source_transaction}:G /{source}/verify:P
/v1/subscription_items :GP /{item}:GPD
/v1/subscription_schedules :GP /{schedule}:GP /{schedule}/cancel:P /{schedule}/release:P
/v1/subscriptions :GP /search:G /{subscription_exposed_id}:GPD /{subscription_exposed_id}/discount:D /{subscription}/migrate:P /{subscription}/resume:P
/v1/tax/associations /find:G
/v1/tax/calculations :P /{calculation}:G /{calculation}/line_items:G
/v1/tax/registrations :GP /{id}:GP
/v1/tax/settings :GP
/v1/tax/transactions /create_from_calculation:P /create_reversal:P /{transaction}:G /{transaction}/line_items:G
/v1/tax_codes :G /{id}:G
/v1/tax_ids :GP /{id}:GD
/v1/tax_rates :GP /{tax_rate}:GP
/v1/terminal/configurations :GP /{configuration}:GPD
/v1/terminal/connection_tokens :P
/v1/terminal/locations :GP /{location}:GPD
/v1/terminal/onboarding_links :P
/v1/terminal/readers :GP /{reader}:GPD /{reader}/cancel_action:P /{reader}/collect_inputs:P /{reader}/collect_payment_method:P /{reader}/confirm_payment_intent:P /{reader}/process_payment_intent:P /{reader}/process_setup_intent:P /{reader}/refund_payment:P /{reader}/set_reader_display:P
/v1/terminal/refunds :P
/v1/test_helpers/confirmation_tokens :P
/v1/test_helpers/customers /{customer}/fund_cash_balance:P
/v1/test_helpers/issuing /authorizations:P /authorizations/{authorization}/capture:P /authorizations/{authorization}/expire:P /authorizations/{authorization}/finalize_amount:P /authorizations/{authorization}/fraud_challenges/respond:P /authorizations/{authorization}/increment:P /authorizations/{authorization}/reverse:P /cards/{card}/shipping/deliver:P /cards/{card}/shipping/fail:P /cards/{card}/shipping/return:P /cards/{card}/shipping/ship:P /cards/{card}/shipping/submit:P /personalization_designs/{personalization_design}/activate:P /personalization_designs/{personalization_design}/deactivate:P /personalization_designs/{personalization_design}/reject:P /settlements:P /settlements/{settlement}/complete:P /transactions/create_force_capture:P /transactions/create_unlinked_refund:P /transactions/{transaction}/refund:P
/v1/test_helpers/refunds /{refund}/expire:P
/v1/test_helpers/terminal /readers/{reader}/present_payment_method:P /readers/{reader}/succeed_input_collection:P /readers/{reader}/timeout_input_collection:P
/v1/test_helpers/test_clocks :GP /{test_clock}:GD /{test_clock}/advance:P
/v1/test_helpers/treasury /inbound_transfers/{id}/fail:P /inbound_transfers/{id}/return:P /inbound_transfers/{id}/succeed:P /outbound_payments/{id}:P /outbound_payments/{id}/fail:P /outbound_payments/{id}/post:P /outbound_payments/{id}/return:P /outbound_transfers/{outbound_transfer}:P /outbound_transfers/{outbound_transfer}/fail:P /outbound_transfers/{outbound_transfer}/post:P /outbound_transfers/{outbound_transfer}/return:P /received_credits:P /received_debits:P
/v1/tokens :P /{token}:G
/v1/topups :GP /{topup}:GP /{topup}/cancel:P
/v1/transfers :GP /{id}/reversals:GP /{transfer}:GP /{transfer}/reversals/{id}:GP
/v1/treasury/credit_reversals :GP /{credit_reversal}:G
/v1/treasury/debit_reversals :GP /{debit_reversal}:G
/v1/treasury/financial_accounts :GP /{financial_account}:GP /{financial_account}/close:P /{financial_account}/features:GP
/v1/treasury/inbound_transfers :GP /{id}:G /{inbound_transfer}/cancel:P
/v1/treasury/outbound_payments :GP /{id}:G /{id}/cancel:P
/v1/treasury/outbound_transfers :GP /{outbound_transfer}:G /{outbound_transfer}/cancel:P
/v1/treasury/received_credits :G /{id}:G
/v1/treasury/received_debits :G /{id}:G
/v1/treasury/transaction_entries :G /{id}:G
/v1/treasury/transactions :G /{id}:G
/v1/webhook_endpoints :GP /{webhook_endpoint}:GPD
/v2/billing/meter_event_adjustments :P
/v2/billing/meter_event_session :P
/v2/billing/meter_event_stream :P
/v2/billing/meter_events :P
/v2/commerce/product_catalog /imports:GP /imports/{id}:G
/v2/core/account_links :P
/v2/core/account_tokens :P /{id}:G
/v2/core/accounts :GP /{id}:GP /{id}/close:P /{id}/person_tokens:P /{id}/person_tokens/{id}:G /{id}/persons:GP /{id}/persons/{id}:GPD
/v2/core/event_destinations :GP /{id}:GPD /{id}/disable:P /{id}/enable:P /{id}/ping:P
/v2/core/events :G /{id}:G
/v2/core/vault /gb_bank_accounts:GP /gb_bank_accounts/{id}:G /gb_bank_accounts/{id}/archive:P /gb_bank_accounts/{id}/unarchive:P /us_bank_accounts:GP /us_bank_accounts/{id}:GP /us_bank_accounts/{id}/archive:P /us_bank_accounts/{id}/confirm_microdeposits:P /us_bank_accounts/{id}/send_microdeposits:P /us_bank_accounts/{id}/unarchive:P
/v2/money_management/adjustments :G /{id}:G
/v2/money_management/financial_accounts :G /{id}:GP
/v2/money_management/financial_addresses :GP /{id}:G
/v2/money_management/inbound_transfers :GP /{id}:G
/v2/money_management/outbound_payments :GP /{id}:G /{id}/cancel:P
/v2/money_management/outbound_setup_intents :GP /{id}:GP /{id}/cancel:P
/v2/money_management/payout_intents :GP /{id}:GP /{id}/cancel:P /{id}/confirm:P /{id}/refresh_fx_quote:P /{id}/refresh_recipient_verification:P
/v2/money_management/payout_methods :G /{id}:G /{id}/archive:P /{id}/unarchive:P
/v2/money_management/payout_methods_bank_account_spec :G
/v2/money_management/received_credits :G /{id}:G
/v2/money_management/recipient_verifications :P /{id}:G /{id}/acknowledge:P
/v2/money_management/test_helpers /financial_addresses/{id}/credit:P
/v2/money_management/transaction_entries :G /{id}:G
/v2/money_management/transactions :G /{id}:GP /{id}/refresh_regulatory_receipt:P
/v2/test_helpers/money_management /recipient_verifications:P
`;

/** A method of Stripe's operations. */
export type StripeMethod = "GET" | "POST" | "DELETE";

/** One operation of Stripe's API. */
export interface StripeOperation {
  method: StripeMethod;
  /** Its path, with names in braces: `/v1/accounts/{account}`. */
  path: string;
  /** Its heading in documents: the collection's path. */
  collection: string;
  /** The deliberately omitted part of Stripe that it belongs to, if any. */
  outOfScope: StripeArea | null;
}

/** The parts of Stripe that Carabiner omits deliberately, by path prefix. */
const OUT_OF_SCOPE = {
  billing: [
    "/v1/billing",
    "/v1/billing_portal",
    "/v1/credit_notes",
    "/v1/customers/{customer}/discount",
    "/v1/customers/{customer}/subscriptions",
    "/v1/entitlements",
    "/v1/invoice_payments",
    "/v1/invoice_rendering_templates",
    "/v1/invoiceitems",
    "/v1/invoices",
    "/v1/products/{product}/features",
    "/v1/quotes",
    "/v1/subscription_items",
    "/v1/subscription_schedules",
    "/v1/subscriptions",
    "/v1/test_helpers/test_clocks",
    "/v2/billing",
  ],
  identity: ["/v1/identity"],
  issuing: ["/v1/issuing", "/v1/test_helpers/issuing"],
  tax: ["/v1/customers/{customer}/tax_ids", "/v1/tax", "/v1/tax_codes", "/v1/tax_ids"],
  treasury: ["/v1/test_helpers/treasury", "/v1/treasury"],
} as const;

/** A deliberately omitted part of Stripe. */
export type StripeArea = keyof typeof OUT_OF_SCOPE;

const METHODS: Readonly<Record<string, StripeMethod>> = { G: "GET", P: "POST", D: "DELETE" };

let read: readonly StripeOperation[] | null = null;

/** Every operation of Stripe's API, by collection. Read from the table above when it is first needed. */
export function stripeOperations(): readonly StripeOperation[] {
  read ??= OPERATIONS.trim()
    .split("\n")
    .flatMap((line) => {
      const [collection = "", ...below] = line.split(" ");
      return below.flatMap((one) => {
        const at = one.lastIndexOf(":");
        const path = collection + one.slice(0, at);
        return [...one.slice(at + 1)].map((letter) => ({
          method: METHODS[letter] as StripeMethod,
          path,
          collection,
          outOfScope: areaOf(path),
        }));
      });
    });
  return read;
}

function areaOf(path: string): StripeArea | null {
  for (const [area, beginnings] of Object.entries(OUT_OF_SCOPE))
    if (beginnings.some((beginning) => path === beginning || path.startsWith(`${beginning}/`))) return area as StripeArea;
  return null;
}

/** Grouped by number of path segments, so that a request is compared with few operations. */
let byLength: Map<number, StripeOperation[]> | null = null;

/**
 * The operation of Stripe's API for a request's method and path; null when Stripe has none. Literal segments take
 * precedence.
 */
export function findStripeOperation(method: string, path: string): StripeOperation | null {
  const segments = path.split("/");
  byLength ??= Map.groupBy(stripeOperations(), (operation) => operation.path.split("/").length);
  const matching = (byLength.get(segments.length) ?? []).filter(
    (operation) => operation.method === method && matches(operation.path.split("/"), segments),
  );
  return matching.sort((one, other) => namesIn(one.path) - namesIn(other.path))[0] ?? null;
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return pattern.every((part, at) => (part.startsWith("{") ? segments[at] !== "" : part === segments[at]));
}

const namesIn = (path: string): number => path.split("{").length;
