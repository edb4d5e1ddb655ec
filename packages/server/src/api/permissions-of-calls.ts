import { type Permission, type PermissionResource, permissionFor } from "@carabiner/protocol";
import type { Operation } from "../operations/operation.ts";

/**
 * The resource that a restricted key needs access to, for the calls of each path. `GET` reads, all other methods write.
 * A path with a method in front overrides the path alone.
 * Source: https://docs.stripe.com/keys/permissions-reference. Calls of `/console` follow what they show or change.
 */
const PATHS: Readonly<Record<PermissionResource, readonly string[]>> = {
  account_link: ["/v1/account_links", "/v2/core/account_links"],
  account_session: ["/v1/account_sessions"],
  application_fee: [
    "/v1/application_fees",
    "/v1/application_fees/:fee",
    "/v1/application_fees/:fee/refund",
    "/v1/application_fees/:fee/refunds",
    "/v1/application_fees/:fee/refunds/:refund",
  ],
  balance: [
    "/v1/balance",
    "/v1/balance/history",
    "/v1/balance/history/:transaction",
    "/v1/balance_transactions",
    "/v1/balance_transactions/:transaction",
  ],
  billing_clock: [
    "/v1/test_helpers/clock",
    "/v1/test_helpers/clock/advance",
    "/v1/test_helpers/clock/freeze",
    "/v1/test_helpers/clock/release",
  ],
  // Stripe's Dashboard calls it "Charges and Refunds".
  charge: [
    "/v1/charges",
    "/v1/charges/:charge",
    "/v1/charges/:charge/capture",
    "/v1/charges/:charge/refund",
    "/v1/charges/:charge/refunds",
    "/v1/charges/:charge/refunds/:refund",
    "/v1/charges/search",
    "/v1/refunds",
    "/v1/refunds/:refund",
    "/v1/refunds/:refund/cancel",
  ],
  checkout_session: [
    "/v1/checkout/sessions",
    "/v1/checkout/sessions/:session",
    "/v1/checkout/sessions/:session/expire",
    "/v1/checkout/sessions/:session/line_items",
    "/v1/payment_pages/:session",
    "/v1/payment_pages/:session/confirm",
  ],
  connected_account: [
    "GET /console/application",
    "GET /console/platform",
    "/console/account_names",
    "/console/accounts/:account/connections",
    "/v1/account",
    "/v1/accounts",
    "/v1/accounts/:account",
    "/v1/accounts/:account/bank_accounts",
    "/v1/accounts/:account/bank_accounts/:external_account",
    "/v1/accounts/:account/capabilities",
    "/v1/accounts/:account/capabilities/:capability",
    "/v1/accounts/:account/external_accounts",
    "/v1/accounts/:account/external_accounts/:external_account",
    "/v1/accounts/:account/people",
    "/v1/accounts/:account/people/:person",
    "/v1/accounts/:account/persons",
    "/v1/accounts/:account/persons/:person",
    "/v1/accounts/:account/reject",
    "/v1/accounts/:account/unreject",
    "/v1/country_specs",
    "/v1/country_specs/:country",
    "/v1/test_helpers/accounts/:account/complete_onboarding",
    "/v1/test_helpers/accounts/:account/deauthorize",
    "/v1/test_helpers/accounts/:account/pause",
    "/v1/test_helpers/accounts/:account/requirements",
    "/v1/test_helpers/accounts/:account/threshold",
    "/v1/test_helpers/accounts/:account/verification",
    "/v2/core/accounts",
    "/v2/core/accounts/:account",
    "/v2/core/accounts/:account/close",
    "/v2/core/accounts/:account/persons",
    "/v2/core/accounts/:account/persons/:person",
  ],
  coupon: ["/v1/coupons", "/v1/coupons/:coupon"],
  customer: ["/v1/customers", "/v1/customers/:customer", "/v1/customers/search"],
  dispute: [
    "/v1/charges/:charge/dispute",
    "/v1/charges/:charge/dispute/close",
    "/v1/disputes",
    "/v1/disputes/:dispute",
    "/v1/disputes/:dispute/close",
  ],
  edit_link: ["/v1/accounts/:account/login_links"],
  ephemeral_key: ["/v1/ephemeral_keys", "/v1/ephemeral_keys/:key"],
  event: [
    "/console/event_types",
    "/console/event_types/:type",
    "/console/events",
    "/console/events/:event",
    // Events report everything that these two cover.
    "/console/search",
    "/console/upcoming",
    "/v1/events",
    "/v1/events/:event",
    "/v1/events/:event/retry",
    "/v2/core/events",
    "/v2/core/events/:thin_event",
  ],
  file: ["/v1/file_links", "/v1/file_links/:link", "/v1/files", "/v1/files/:file"],
  payment_intent: [
    "/v1/payment_intents",
    "/v1/payment_intents/:intent",
    "/v1/payment_intents/:intent/cancel",
    "/v1/payment_intents/:intent/capture",
    "/v1/payment_intents/:intent/confirm",
    "/v1/payment_intents/search",
  ],
  payment_method: [
    "/v1/customers/:customer/payment_methods",
    "/v1/customers/:customer/payment_methods/:payment_method",
    "/v1/payment_methods",
    "/v1/payment_methods/:payment_method",
    "/v1/payment_methods/:payment_method/attach",
    "/v1/payment_methods/:payment_method/detach",
  ],
  payment_method_domain: [
    "/v1/apple_pay/domains",
    "/v1/apple_pay/domains/:domain",
    "/v1/payment_method_domains",
    "/v1/payment_method_domains/:payment_method_domain",
    "/v1/payment_method_domains/:payment_method_domain/validate",
  ],
  payout: [
    "/v1/balance_settings",
    "/v1/payouts",
    "/v1/payouts/:payout",
    "/v1/payouts/:payout/cancel",
    "/v1/payouts/:payout/reverse",
    "/v1/test_helpers/payouts/:payout/fail",
    "/v1/test_helpers/payouts/:payout/pay",
  ],
  plan: ["/v1/plans", "/v1/plans/:plan", "/v1/prices", "/v1/prices/:price", "/v1/prices/search"],
  product: ["/v1/products", "/v1/products/:product", "/v1/products/search"],
  promotion_code: ["/v1/promotion_codes", "/v1/promotion_codes/:promotion_code"],
  request_log: ["/console/requests", "/console/requests/:request"],
  setup_intent: [
    "/v1/setup_attempts",
    "/v1/setup_intents",
    "/v1/setup_intents/:setup_intent",
    "/v1/setup_intents/:setup_intent/cancel",
    "/v1/setup_intents/:setup_intent/confirm",
  ],
  source: ["/v1/customers/:customer/sources", "/v1/customers/:customer/sources/:id"],
  stripecli_session: ["/v1/stripecli/sessions"],
  tax_rate: ["/v1/tax_rates", "/v1/tax_rates/:tax_rate"],
  token: [
    "/v1/tokens",
    "/v1/tokens/:token",
    "/v2/core/account_tokens",
    "/v2/core/account_tokens/:account_token",
    "/v2/core/accounts/:account/person_tokens",
    "/v2/core/accounts/:account/person_tokens/:person_token",
  ],
  top_up: ["/v1/topups", "/v1/topups/:topup", "/v1/topups/:topup/cancel"],
  transfer: [
    "/v1/transfers",
    "/v1/transfers/:transfer",
    "/v1/transfers/:transfer/reversals",
    "/v1/transfers/:transfer/reversals/:reversal",
  ],
  webhook: [
    "/console/accounts/:account/figures",
    "/console/deliveries",
    "/console/endpoint_figures",
    "/console/given_up",
    "/console/deliveries/:delivery",
    "/console/deliveries/:delivery/attempts",
    "/console/deliveries/:delivery/release",
    "/console/resend_jobs",
    "/console/resend_jobs/:job",
    "/console/resend_jobs/:job/cancel",
    "/console/resend_jobs/:job/pause",
    "/console/resend_jobs/:job/resume",
    "/console/system",
    "/console/webhook_endpoints",
    "/console/webhook_endpoints/:endpoint",
    "/console/webhook_endpoints/:endpoint/figures",
    "/console/webhook_endpoints/:endpoint/reveal_secret",
    "/console/webhook_endpoints/:endpoint/disable",
    "/console/webhook_endpoints/:endpoint/enable",
    "/console/webhook_endpoints/:endpoint/pause",
    "/console/webhook_endpoints/:endpoint/resume",
    "/console/webhook_endpoints/:endpoint/roll_secret",
    "/console/webhook_endpoints/:endpoint/test",
    "/v1/webhook_endpoints",
    "/v1/webhook_endpoints/:endpoint",
    "/v2/core/event_destinations",
    "/v2/core/event_destinations/:destination",
    "/v2/core/event_destinations/:destination/disable",
    "/v2/core/event_destinations/:destination/enable",
    "/v2/core/event_destinations/:destination/ping",
  ],
};

/**
 * Calls that no restricted key may make: they give out keys, decide where OAuth sends its codes, or show operators what
 * was done.
 */
const SECRET_KEYS_ONLY: readonly string[] = [
  "/console/audit",
  "POST /console/application",
  "POST /console/platform",
  "/console/keys",
  "/console/keys/:api_key/revoke",
  "/console/keys/:api_key/roll",
  "/v1/test_helpers/accounts/:account/keys",
  "/v1/test_helpers/platforms",
];

/** What an ephemeral key may do. The key that makes it needs these permissions too: otherwise it would gain them. */
const OF_EPHEMERAL_KEYS: readonly Permission[] = ["customer_write", "payment_method_write", "source_write"];

/** What a call needs in addition to the permission of its path. */
const BESIDES: Readonly<Record<string, readonly Permission[]>> = {
  // Its answer contains the body that is sent: the event.
  "GET /console/deliveries/:delivery": ["event_read"],
  "POST /v1/ephemeral_keys": OF_EPHEMERAL_KEYS,
};

const RESOURCES: ReadonlyMap<string, PermissionResource | null> = new Map<string, PermissionResource | null>([
  ...Object.entries(PATHS).flatMap(([resource, paths]) => paths.map((path) => [path, resource as PermissionResource] as const)),
  ...SECRET_KEYS_ONLY.map((path) => [path, null] as const),
]);

type Named = Pick<Operation, "method" | "path">;

/**
 * The permissions that a restricted key needs for a call, all of them. Null when no restricted key may make it.
 * Undefined for a call that is not in the table, which restricted keys may not make either.
 */
export function permissionsOfCall({ method, path }: Named): readonly Permission[] | null | undefined {
  const own = RESOURCES.get(`${method} ${path}`);
  const resource = own === undefined ? RESOURCES.get(path) : own;
  if (resource === undefined || resource === null) return resource;
  const needed = permissionFor(resource, method === "GET" ? "read" : "write");
  if (needed === null) return undefined;
  return [needed, ...(BESIDES[`${method} ${path}`] ?? [])];
}

/** The resource of each kind of object that `expand` may load. Null for those that any key may see. */
const OBJECTS: Readonly<Record<string, PermissionResource | null>> = {
  account: "connected_account",
  // The object's name alone.
  application: null,
  application_fee: "application_fee",
  balance_transaction: "balance",
  bank_account: "connected_account",
  card: "connected_account",
  charge: "charge",
  "checkout.session": "checkout_session",
  coupon: "coupon",
  customer: "customer",
  dispute: "dispute",
  fee_refund: "application_fee",
  file: "file",
  file_link: "file",
  item: "checkout_session",
  payment_intent: "payment_intent",
  payment_method: "payment_method",
  payout: "payout",
  person: "connected_account",
  plan: "plan",
  price: "plan",
  product: "product",
  promotion_code: "promotion_code",
  refund: "charge",
  setup_attempt: "setup_intent",
  setup_intent: "setup_intent",
  source: "source",
  tax_rate: "tax_rate",
  topup: "top_up",
  transfer: "transfer",
  transfer_reversal: "transfer",
};

/**
 * The permission that a restricted key needs to see an object of this kind in the answer to another call. Null when it
 * needs none; undefined for a kind that is not in the table, which restricted keys do not see.
 */
export function permissionOfObject(object: string): Permission | null | undefined {
  const resource = Object.hasOwn(OBJECTS, object) ? OBJECTS[object] : undefined;
  return resource === undefined || resource === null ? resource : (permissionFor(resource, "read") ?? undefined);
}
