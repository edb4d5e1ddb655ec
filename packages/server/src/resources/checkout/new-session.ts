import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Static } from "typebox";
import { within } from "../../operations/as-call.ts";
import { asJson } from "../../operations/as-json.ts";
import { browserUrl } from "../../operations/browser-url.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { mergeMetadata } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import { checkChargeAmount, currencyGiven } from "../balance/currency.ts";
import { customerFields, customerNamed } from "../customers/customer.ts";
import { typesShown } from "../customers/payment-methods/payment-method-types.ts";
import { connectParts } from "../money/payments/connect-parts.ts";
import { transferAbout } from "../money/transfers/transfer-about.ts";
import { amountsOf } from "./amounts.ts";
import { CHECKOUT_SESSION, type CheckoutSession, EXPIRE_SESSION_TASK, type SessionKept, sessionData } from "./checkout-session.ts";
import { discountNamed, type Redeemed, takenOff } from "./discount.ts";
import { readItems, type SessionItem } from "./session-items.ts";
import type { createSessionParameters } from "./session-parameters.ts";

type Given = Static<typeof createSessionParameters>;

/** A browser's destination after the page, with a placeholder for the session's id. */
const ID_TEMPLATE = "{CHECKOUT_SESSION_ID}";

/** Opens a Checkout Session. `paymentLink` is the link that opened it. */
export async function newSession(context: OperationContext, given: Given, paymentLink: string | null = null): Promise<CheckoutSession> {
  const { account, caller, livemode, now, ids } = context;
  checkMode(given);
  const successUrl = checkUrl(given.success_url, "success_url", livemode);
  if (given.success_url === undefined) throw apiError("parameter_missing", { param: "success_url" });
  checkUrl(given.cancel_url, "cancel_url", livemode);
  const customer = await customerNamed(context, given);
  for (const other of ["customer_email", "customer_creation"] as const)
    if (customer !== null && given[other] !== undefined)
      throw apiError("parameters_exclusive", { param: given.customer === undefined ? "customer_account" : "customer", other });
  const expiresAt = expiryOf(context, given.expires_at);
  const { items, discount, currency, sum } = await cost(context, given, customer?.id ?? null);
  if (given.mode === "payment") await checkPayment(context, given, sum.total, currency ?? "usd");
  const generated = ids.newId("checkout_session", now);
  const id = generated.replace("cs_", `cs_${livemode ? "live" : "test"}_`);
  const shown = {
    ...blankSession(given),
    id,
    object: "checkout.session",
    amount_subtotal: given.mode === "payment" ? sum.subtotal : null,
    amount_total: given.mode === "payment" ? sum.total : null,
    created: seconds(now),
    currency,
    ...customerFields(customer),
    customer_creation: customer === null ? (given.customer_creation ?? "if_required") : null,
    discounts: discount === null ? [] : [discountShown(discount)],
    expires_at: expiresAt,
    livemode,
    metadata: mergeMetadata({}, given.metadata),
    payment_link: paymentLink,
    payment_status: given.mode === "setup" || sum.total === 0 ? "no_payment_required" : "unpaid",
    success_url: successUrl,
    total_details: given.mode === "payment" ? { amount_discount: sum.discount, amount_shipping: 0, amount_tax: sum.tax } : null,
    url: `${context.settings.publicUrl()}/checkout/${id}`,
  } satisfies Stripe.Checkout.Session;
  const kept: SessionKept = {
    callerId: caller.id,
    items,
    intentData: asJson(given.payment_intent_data ?? {}),
    setupData: asJson(given.setup_intent_data ?? {}),
    discount: discount === null ? null : discountKept(discount),
  };
  const row = {
    id,
    object: CHECKOUT_SESSION.object,
    accountId: account.id,
    livemode,
    parent: null,
    created: now,
    data: sessionData(shown, kept),
  };
  await context.tx.insertObject(row);
  await context.tx.scheduleTask({
    accountId: account.id,
    livemode,
    kind: EXPIRE_SESSION_TASK,
    subject: id,
    dueAt: expiresAt * 1_000,
  });
  return { row, shown, kept };
}

/** A discount as sessions show it. */
export const discountShown = ({ coupon, promotionCode }: Redeemed): Stripe.Checkout.Session.Discount => ({
  coupon: promotionCode === null ? (coupon.data.id as string) : null,
  promotion_code: promotionCode === null ? null : (promotionCode.data.id as string),
});

/** A discount as sessions store it. */
export const discountKept = ({ coupon, promotionCode }: Redeemed): NonNullable<SessionKept["discount"]> => ({
  coupon: coupon.data.id as string,
  promotionCode: promotionCode === null ? null : (promotionCode.data.id as string),
});

/** Throws for parameters that the mode does not allow. */
function checkMode(given: Given): void {
  const { mode } = given;
  if (mode === "subscription") throw apiError("checkout_mode_unsupported", { mode, param: "mode" });
  const foreign = {
    payment: ["setup_intent_data"],
    setup: ["allow_promotion_codes", "discounts", "payment_intent_data", "submit_type"],
  }[mode].find((param) => given[param as keyof Given] !== undefined);
  if (foreign !== undefined) throw apiError("checkout_unneeded", { param: foreign, mode });
  if (mode === "setup" && given.line_items !== undefined) throw apiError("checkout_line_items_unneeded", { param: "line_items" });
  if (mode === "setup" && given.currency === undefined && given.payment_method_types === undefined)
    throw apiError("parameter_missing", { param: "currency" });
  if (mode === "payment" && (given.line_items ?? []).length === 0) throw apiError("parameter_missing", { param: "line_items" });
  if (given.allow_promotion_codes !== undefined && given.discounts !== undefined)
    throw apiError("parameters_exclusive", { param: "allow_promotion_codes", other: "discounts" });
}

/** A URL for the browser. It may contain `{CHECKOUT_SESSION_ID}`. */
function checkUrl(url: string | undefined, param: string, livemode: boolean): string | null {
  if (url === undefined) return null;
  const parsed = browserUrl(url.replaceAll(ID_TEMPLATE, "id"));
  if (parsed === null || (parsed.protocol !== "https:" && parsed.protocol !== "http:")) throw apiError("url_invalid", { param });
  if (livemode && parsed.protocol !== "https:") throw apiError("redirect_https_required", { param });
  return url;
}

/** The browser's destination after the session is complete. */
export const successUrlOf = ({ id, success_url }: Pick<Stripe.Checkout.Session, "id" | "success_url">): string =>
  (success_url ?? "").replaceAll(ID_TEMPLATE, id);

/** When a session expires, in Unix seconds. */
function expiryOf({ now, limits }: OperationContext, given: number | undefined): number {
  const most = now + limits.checkoutSessionMs;
  if (given === undefined) return seconds(most);
  const [min, max] = [seconds(now + limits.checkoutSessionShortestMs), seconds(most)];
  if (given < min || given > max) throw apiError("parameter_out_of_range", { param: "expires_at", min, max });
  return given;
}

interface Cost {
  items: SessionItem[];
  discount: Redeemed | null;
  currency: string | null;
  sum: ReturnType<typeof amountsOf>["sum"];
}

async function cost(context: OperationContext, given: Given, customer: string | null): Promise<Cost> {
  const items = await readItems(context, given.line_items ?? [], "line_items");
  const named = given.currency === undefined ? null : currencyGiven(given.currency);
  const currency = items[0]?.currency ?? named;
  if (named !== null && named !== currency) throw apiError("checkout_currencies_differ", { currency: String(currency), param: "currency" });
  const [asked] = given.discounts ?? [];
  const purchase = { currency, customer, subtotal: amountsOf(items, null).sum.subtotal };
  const discount = asked === undefined ? null : await discountNamed(context, asked, purchase, "discounts[0]");
  return { discount, currency, ...priced(items, discount) };
}

/** Items with the amounts of each, and the totals. */
export function priced(items: readonly SessionItem[], discount: Redeemed | null): Pick<Cost, "items" | "sum"> {
  const { items: amounts, sum } = amountsOf(items, discount === null ? null : takenOff(discount));
  return { items: items.map((item, at) => ({ ...item, amounts: amounts[at] ?? item.amounts })), sum };
}

/** Throws the payment's errors early, so that customers do not meet them on the page. */
async function checkPayment(context: OperationContext, given: Given, amount: number, currency: string): Promise<void> {
  if (amount > 0) await within("line_items", async () => checkChargeAmount(amount, currency, context.limits));
  const data = given.payment_intent_data ?? {};
  await within("payment_intent_data", () =>
    connectParts(context, {
      amount,
      applicationFee: data.application_fee_amount ?? null,
      onBehalfOf: data.on_behalf_of ?? null,
      transferData:
        data.transfer_data === undefined
          ? null
          : { destination: data.transfer_data.destination, amount: data.transfer_data.amount ?? null, about: transferAbout({}) },
    }),
  );
}

const NO_INVOICE = {
  account_tax_ids: null,
  custom_fields: null,
  description: null,
  footer: null,
  issuer: null,
  metadata: {},
  rendering_options: null,
} satisfies Stripe.Checkout.Session.InvoiceCreation["invoice_data"];

/** The fields of a session that depend only on the call, or that stay empty here. */
function blankSession(given: Given) {
  return {
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: given.allow_promotion_codes ?? null,
    allowed_payment_method_types: null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: given.billing_address_collection ?? null,
    cancel_url: given.cancel_url ?? null,
    client_reference_id: given.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer_details: null,
    customer_email: given.customer_email ?? null,
    integration_identifier: null,
    invoice: null,
    invoice_creation: given.invoice_creation === undefined ? null : { enabled: false, invoice_data: NO_INVOICE },
    locale: given.locale ?? null,
    managed_payments: null,
    mode: given.mode,
    origin_context: null,
    payment_intent: null,
    payment_method_collection: given.mode === "setup" ? "always" : (given.payment_method_collection ?? "if_required"),
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: typesShown(given.payment_method_types),
    permissions: null,
    phone_number_collection: { enabled: given.phone_number_collection?.enabled ?? false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: "open",
    submit_type: given.submit_type ?? null,
    subscription: null,
    ...(given.tax_id_collection === undefined ? {} : { tax_id_collection: { enabled: false, required: "never" } }),
    ui_mode: "hosted_page",
    wallet_options: null,
  } satisfies Partial<Stripe.Checkout.Session>;
}
