import { ApiError, apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asCall, within } from "../../operations/as-call.ts";
import { asJson } from "../../operations/as-json.ts";
import type { OperationContext } from "../../operations/operation.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { customers } from "../customer-calls/customers.ts";
import { paymentIntents } from "../money/payments/payment-intents.ts";
import { setupIntents } from "../setup-intents/setup-intents.ts";
import type { CheckoutSession } from "./checkout-session.ts";
import { countRedemption } from "./discount.ts";
import { cancelExpiry, changeSession } from "./end-session.ts";

const createIntent = asCall(paymentIntents, "POST", "/v1/payment_intents");
const confirmIntent = asCall(paymentIntents, "POST", "/v1/payment_intents/:intent/confirm");
const createSetup = asCall(setupIntents, "POST", "/v1/setup_intents");
const confirmSetup = asCall(setupIntents, "POST", "/v1/setup_intents/:setup_intent/confirm");
const createCustomer = asCall(customers, "POST", "/v1/customers");

/** How a customer pays: with a saved payment method, or with a card entered on the page. */
export type PaidWith =
  | { payment_method: string }
  | { payment_method_data: { type: "card"; card: JsonObject; billing_details?: JsonObject } };

/** The details a customer enters. */
export interface CustomerTold {
  email: string | null;
  name: string | null;
  phone: string | null;
  address: Stripe.Address | null;
}

/** A session after a payment attempt, with the reason if it is still open. */
export interface Paid {
  session: CheckoutSession;
  refusal: ApiError | null;
}

/**
 * Completes a session: charges its total or saves a card, and drafts the events. A declined card leaves the session
 * open, with the intent that shows the attempt; the next attempt uses the same intent. Throws for an invalid request,
 * without changing anything.
 */
export async function paySession(
  context: OperationContext,
  session: CheckoutSession,
  paidWith: PaidWith,
  told: CustomerTold,
): Promise<Paid> {
  const { shown } = session;
  checkOpen(context, session);
  const setup = shown.mode === "setup";
  const customer = (shown.customer as string | null) ?? (shown.customer_creation === "always" ? await customerMade(context, told) : null);
  if (!setup && shown.amount_total === 0) return { session: await complete(context, session, { customer }, told), refusal: null };
  const result = await (setup
    ? setUp(context, session, paidWith, customer)
    : pay(context, session, paidWith, { customer, email: told.email }));
  const field = setup ? "setup_intent" : "payment_intent";
  const intent = (result instanceof ApiError ? result.more[field] : result) as Stripe.PaymentIntent | Stripe.SetupIntent;
  const changed = { [field]: intent.id, customer };
  if (result instanceof ApiError) return { session: await changeSession(context, session, changed), refusal: result };
  if (intent.status !== "succeeded" && intent.status !== "requires_capture")
    return { session: await changeSession(context, session, changed), refusal: apiError("checkout_authentication") };
  const status = setup ? {} : { payment_status: intent.status === "succeeded" ? ("paid" as const) : ("unpaid" as const) };
  return { session: await complete(context, session, { ...changed, ...status }, told), refusal: null };
}

/** Saves a card with a setup intent of the session. */
function setUp(
  context: OperationContext,
  { shown, kept }: CheckoutSession,
  paidWith: PaidWith,
  customer: string | null,
): Promise<JsonObject | ApiError> {
  if (shown.setup_intent !== null) return confirmSetup(context, paidWith, { setup_intent: shown.setup_intent as string });
  const intent = { ...kept.setupData, ...paidWith, confirm: true, ...(customer === null ? {} : { customer }) };
  return within("setup_intent_data", () => createSetup(context, intent));
}

/** Throws `checkout_not_open` for a session that can no longer be paid. */
export function checkOpen({ now }: Pick<OperationContext, "now">, { shown }: CheckoutSession): void {
  const status = shown.status === "open" && shown.expires_at * 1_000 <= now ? "expired" : String(shown.status);
  if (status !== "open") throw apiError("checkout_not_open", { status });
}

/** Pays with a payment intent of the session. */
function pay(
  context: OperationContext,
  { shown, kept }: CheckoutSession,
  paidWith: PaidWith,
  { customer, email }: { customer: string | null; email: string | null },
): Promise<JsonObject | ApiError> {
  const { receipt_email = email, ...data } = kept.intentData;
  const named = { ...paidWith, ...(receipt_email === null ? {} : { receipt_email }) };
  if (shown.payment_intent !== null) return confirmIntent(context, named, { intent: shown.payment_intent as string });
  const intent = {
    ...data,
    ...named,
    amount: shown.amount_total,
    confirm: true,
    currency: shown.currency,
    ...(customer === null ? {} : { customer }),
  };
  return within("payment_intent_data", () => createIntent(context, intent));
}

async function customerMade(context: OperationContext, { email, name, phone }: CustomerTold): Promise<string> {
  const given = Object.fromEntries(Object.entries({ email, name, phone }).filter(([, value]) => value !== null));
  const customer = await createCustomer(context, given);
  if (customer instanceof ApiError) throw customer;
  return customer.id as string;
}

async function complete(
  context: OperationContext,
  session: CheckoutSession,
  changed: Partial<Stripe.Checkout.Session>,
  { email, name, phone, address }: CustomerTold,
): Promise<CheckoutSession> {
  const { account, livemode } = context;
  if (session.kept.discount !== null) await countRedemption(context, session.kept.discount);
  const customer_details = {
    address,
    business_name: null,
    email: email ?? session.shown.customer_email,
    individual_name: null,
    name,
    phone,
    tax_exempt: "none",
    tax_ids: [],
  };
  const after = await changeSession(context, session, { ...changed, customer_details, status: "complete", url: null });
  await cancelExpiry(context, session);
  await context.record([{ account, livemode, type: "checkout.session.completed", object: asJson(after.shown) }]);
  return after;
}
