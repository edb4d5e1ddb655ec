import { ApiError, apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asCall, within } from "../../operations/as-call.ts";
import { asJson } from "../../operations/as-json.ts";
import type { OperationContext } from "../../operations/operation.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { customers } from "../customers/customers.ts";
import { paymentIntents } from "../money/payments/payment-intents.ts";
import type { CheckoutSession } from "./checkout-session.ts";
import { countRedemption } from "./discount.ts";
import { cancelExpiry, changeSession } from "./end-session.ts";

const createIntent = asCall(paymentIntents, "POST", "/v1/payment_intents");
const confirmIntent = asCall(paymentIntents, "POST", "/v1/payment_intents/:intent/confirm");
const createCustomer = asCall(customers, "POST", "/v1/customers");

/** How a customer pays: with a payment method that is known, or with a card told on the page. */
export type PaidWith = { payment_method: string } | { payment_method_data: { type: "card"; card: JsonObject } };

/** What a customer says of themselves. */
export interface CustomerTold {
  email: string | null;
  name: string | null;
  phone: string | null;
  address: Stripe.Address | null;
}

/** A session after somebody tried to pay, and why it is still open if it is. */
export interface Paid {
  session: CheckoutSession;
  refusal: ApiError | null;
}

/**
 * Completes a session: pays what it costs, and tells of it. A card that is declined leaves it open, with the payment
 * intent that shows the attempt; the next attempt is at the same intent. Throws for what is wrong with the request, and
 * then nothing has changed.
 */
export async function paySession(
  context: OperationContext,
  session: CheckoutSession,
  paidWith: PaidWith,
  told: CustomerTold,
): Promise<Paid> {
  const { shown } = session;
  checkOpen(context, session);
  const customer = shown.customer ?? (shown.customer_creation === "always" ? await customerMade(context, told) : null);
  if (shown.amount_total === 0)
    return { session: await complete(context, session, { customer: customer as string | null }, told), refusal: null };
  const result = await pay(context, session, paidWith, { customer: customer as string | null, email: told.email });
  if (result instanceof ApiError) {
    const { id } = result.more.payment_intent as Stripe.PaymentIntent;
    return { session: await changeSession(context, session, { payment_intent: id, ...withCustomer(customer) }), refusal: result };
  }
  const intent = result as unknown as Stripe.PaymentIntent;
  if (intent.status !== "succeeded" && intent.status !== "requires_capture") {
    const tried = await changeSession(context, session, { payment_intent: intent.id, ...withCustomer(customer) });
    return { session: tried, refusal: apiError("checkout_authentication") };
  }
  const payment_status = intent.status === "succeeded" ? "paid" : "unpaid";
  const done = { payment_intent: intent.id, payment_status, customer: customer as string | null } as const;
  return { session: await complete(context, session, done, told), refusal: null };
}

const withCustomer = (customer: unknown): { customer?: string } => (typeof customer === "string" ? { customer } : {});

/** Throws `checkout_not_open` for a session that cannot be paid any more. */
export function checkOpen({ now }: Pick<OperationContext, "now">, { shown }: CheckoutSession): void {
  const status = shown.status === "open" && shown.expires_at * 1_000 <= now ? "expired" : String(shown.status);
  if (status !== "open") throw apiError("checkout_not_open", { status });
}

/** Pays by a payment intent of the session's own. */
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
