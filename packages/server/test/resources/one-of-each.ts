import Stripe from "stripe";
import { clockProcedures } from "../../src/console/clock.ts";
import { consoleResources } from "../../src/console/console-resources.ts";
import { platforms } from "../../src/console/platforms.ts";
import type { Carabiner } from "../../src/index.ts";
import type { Operation, Procedure } from "../../src/operations/operation.ts";
import { resources } from "../../src/resources/resources.ts";
import { listenSessions } from "../../src/resources/stripe-cli/listen-sessions.ts";
import type { Platform } from "../platform-of-its-own.ts";
import { png } from "./files/image-fixtures.ts";
import { payableAccount, topUp } from "./money/payable-account.ts";

/** Every call a server has, but for the pages. */
export const OPERATIONS: readonly Operation[] = [...resources, ...consoleResources, listenSessions({ enabled: true }), platforms].flatMap(
  ({ operations }) => operations,
);

/** Whether a path names something that belongs to an account. Countries and types of events are nobody's. */
export const namesSomebodys = (path: string): boolean => path.includes(":") && !/\/:(?:country|type)$/.test(path);

/** And those that run outside transactions. */
export const PROCEDURES: readonly Procedure[] = clockProcedures(null);

/** What calls need besides an id, for nothing but the id to be wrong with them. */
const NEEDED: Readonly<Record<string, string>> = {
  "/reject": "reason=other",
  "/requirements": "requirement=business_profile.mcc",
  "/threshold": "crosses=charge_block",
  "/verification": "outcome=verified",
  "/retry": "for_stripecli=true",
  "POST /v1/customers/:customer/sources": "source=tok_visa",
  "POST /v1/payment_pages/:session/confirm": "payment_method=pm_card_visa",
  "/stripecli/sessions": "websocket_features[]=webhooks",
  "POST /v1/accounts/:account/external_accounts": "external_account=btok_us",
};

/** Makes a call with `id` in its path, and with what it needs besides or `given` instead. */
export async function ask(
  server: Pick<Carabiner, "url">,
  key: string,
  { method, path }: Pick<Operation, "method" | "path">,
  { id = "", headers = {}, given }: { id?: string; headers?: Record<string, string>; given?: string | undefined } = {},
): Promise<{ status: number; text: string }> {
  const needed = given ?? Object.entries(NEEDED).find(([ending]) => `${method} ${path}`.endsWith(ending))?.[1];
  const answer = await fetch(server.url + path.replace(/:\w+/, id) + (needed === undefined ? "" : `?${needed}`), {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(path.startsWith("/v2/") ? { "stripe-version": Stripe.API_VERSION } : {}),
      ...headers,
    },
  });
  return { status: answer.status, text: await answer.text() };
}

/** One object of each kind, all of one platform in test mode, by the name its place in a path has. */
export async function oneOfEach(
  server: Pick<Carabiner, "clock">,
  { test: stripe }: Pick<Platform, "test">,
): Promise<Record<string, string>> {
  const endpoint = await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:1/hook", enabled_events: ["customer.created"] });
  const customer = await stripe.customers.create({ name: "Jenny" });
  const [event] = (await stripe.events.list()).data;
  const sent = (await stripe.rawRequest("GET", `/console/deliveries?endpoint=${endpoint.id}`)) as unknown as { data: { id: string }[] };
  const account = await stripe.accounts.create({ type: "standard" });
  const token = await stripe.tokens.create({ pii: { id_number: "000000000" } });
  const image = { data: Buffer.from(png(1, 1)), name: "passport.png", type: "image/png" };
  const file = await stripe.files.create({ purpose: "identity_document", file: image });
  const logo = await stripe.files.create({ purpose: "business_logo", file: image });
  const link = await stripe.fileLinks.create({ file: logo.id });
  const key = await stripe.ephemeralKeys.create({ customer: customer.id }, { apiVersion: stripe.getConstant("API_VERSION") as string });
  const domain = await stripe.paymentMethodDomains.create({ domain_name: "example.com" });
  const applePay = await stripe.applePayDomains.create({ domain_name: "example.com" });
  const destination = await stripe.v2.core.eventDestinations.create({
    name: "Thin",
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events: ["v1.payout.paid"],
    webhook_endpoint: { url: "http://127.0.0.1:1/hook" },
  });
  const accountToken = await stripe.v2.core.accountTokens.create({ display_name: "Jenny's Ropes" });
  const job = (await stripe.rawRequest("POST", "/console/resend_jobs", { since: 0, dry_run: true })) as unknown as { id: string };
  const apiKeys = (await stripe.rawRequest("GET", "/console/keys")) as unknown as { data: { id: string }[] };
  return {
    ...(await oneOfEachThatMovesMoney(server, stripe)),
    api_key: apiKeys.data[0]?.id ?? "",
    ...(await oneOfEachThatIsSold(stripe)),
    account: account.id,
    account_token: accountToken.id,
    customer: customer.id,
    endpoint: endpoint.id,
    destination: destination.id,
    thin_event: (await stripe.v2.core.eventDestinations.ping(destination.id)).id,
    event: event?.id ?? "",
    delivery: sent.data[0]?.id ?? "",
    request: await aRequest(stripe),
    file: file.id,
    job: job.id,
    key: key.id,
    link: link.id,
    domain: applePay.id,
    payment_method_domain: domain.id,
    token: token.id,
  };
}

/** A request that the log has. It is written down soon after its answer. */
async function aRequest(stripe: Stripe): Promise<string> {
  for (;;) {
    const { data } = (await stripe.rawRequest("GET", "/console/requests")) as unknown as { data: { id: string }[] };
    if (data[0] !== undefined) return data[0].id;
  }
}

/** The same for what moves money: all of it the platform's own. */
async function oneOfEachThatMovesMoney(server: Pick<Carabiner, "clock">, stripe: Stripe): Promise<Record<string, string>> {
  // Before any funds are here: making it turns the clock, and at midnight the platform's funds are paid out.
  const connected = await payableAccount(server, { stripe });
  const topup = await topUp(server, stripe, { amount: 50_000, source: "btok_us_verified" });
  const payout = await stripe.payouts.create({ amount: 1_000, currency: "usd" });
  const intent = await stripe.paymentIntents.create({ amount: 2_000, currency: "usd", payment_method: "pm_card_visa", confirm: true });
  const charge = intent.latest_charge as string;
  const setup = await stripe.setupIntents.create({ payment_method: "pm_card_visa", confirm: true });
  await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_createDispute" });
  const [dispute] = (await stripe.disputes.list()).data;
  const refund = await stripe.refunds.create({ charge, amount: 100 });
  const transfer = await stripe.transfers.create({ amount: 1_000, currency: "usd", destination: connected.id });
  await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_visa", application_fee_amount: 100 }, connected.as);
  const [fee] = (await stripe.applicationFees.list()).data;
  return {
    topup: topup.id,
    payout: payout.id,
    transaction: payout.balance_transaction as string,
    intent: intent.id,
    payment_method: intent.payment_method as string,
    setup_intent: setup.id,
    dispute: dispute?.id ?? "",
    charge,
    refund: refund.id,
    transfer: transfer.id,
    fee: fee?.id ?? "",
  };
}

/** The same for what is sold, and for how much. */
async function oneOfEachThatIsSold(stripe: Stripe): Promise<Record<string, string>> {
  const product = await stripe.products.create({ name: "Ride" });
  const price = await stripe.prices.create({ product: product.id, currency: "usd", unit_amount: 2_000 });
  const plan = await stripe.plans.create({ product: product.id, currency: "usd", interval: "month", amount: 2_000 });
  const coupon = await stripe.coupons.create({ id: "fall_2026", percent_off: 20 });
  const code = await stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: coupon.id } });
  const rate = await stripe.taxRates.create({ display_name: "VAT", inclusive: true, percentage: 19 });
  const session = await stripe.checkout.sessions.create({
    mode: "payment",
    line_items: [{ price: price.id, quantity: 1 }],
    success_url: "https://example.com/done",
  });
  return {
    session: session.id,
    product: product.id,
    price: price.id,
    plan: plan.id,
    coupon: coupon.id,
    promotion_code: code.id,
    tax_rate: rate.id,
  };
}
