import { ApiError, apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { inFull, listOnExpansion } from "../../operations/expandable.ts";
import { expanderOf, findOwn, listOwn, ownRow } from "../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import { pageOf } from "../../operations/page-of.ts";
import { integer, listAnswer, mergeMetadata, optional, pageProperties, params, text } from "../../operations/parameters.ts";
import { timeRange } from "../../operations/time-range.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { catalogueExpander } from "../catalogue/catalogue-object.ts";
import { COUPON, COUPON_VIEW } from "../catalogue/coupons.ts";
import { PROMOTION_CODE, PROMOTION_CODE_VIEW } from "../catalogue/promotion-codes.ts";
import { customerFilter, expandCustomer } from "../customers/customer.ts";
import { PAYMENT_METHOD } from "../customers/payment-methods/payment-method.ts";
import { PAYMENT_INTENT } from "../money/payments/payment-intent.ts";
import { SETUP_INTENT } from "../setup-intents/setup-intent.ts";
import { CHECKOUT_SESSION, type CheckoutSession, readSession } from "./checkout-session.ts";
import { changeSession, expireSession } from "./end-session.ts";
import { newSession } from "./new-session.ts";
import { type CustomerTold, paySession } from "./pay-session.ts";
import { showItem } from "./session-items.ts";
import { createSessionParameters, listSessionParameters, updateSessionParameters } from "./session-parameters.ts";

const sessionNamed = async (context: OperationContext, { session = "" }: Readonly<Record<string, string>>): Promise<CheckoutSession> =>
  readSession(await ownRow(context, CHECKOUT_SESSION, session));

/** Payments on a page of this server. Source: https://docs.stripe.com/api/checkout/sessions */
export const checkoutSessions: Resource = {
  object: CHECKOUT_SESSION.object,
  expandable: {
    customer: expandCustomer,
    "discounts.coupon": catalogueExpander(COUPON, COUPON_VIEW),
    "discounts.promotion_code": catalogueExpander(PROMOTION_CODE, PROMOTION_CODE_VIEW),
    invoice: null,
    line_items: listOnExpansion(["item"], async (context, sessions) => {
      const lists: JsonObject[] = [];
      for (const { id } of sessions) lists.push(await listItems(context, await sessionNamed(context, { session: String(id) }), {}));
      return lists;
    }),
    payment_intent: expanderOf(PAYMENT_INTENT),
    payment_link: null,
    setup_intent: expanderOf(SETUP_INTENT),
    subscription: null,
  },
  operations: [
    operation({
      method: "POST",
      path: "/v1/checkout/sessions",
      params: createSessionParameters,
      run: async (context, given) => asJson((await newSession(context, given)).shown),
    }),
    operation({
      method: "GET",
      path: "/v1/checkout/sessions",
      params: listSessionParameters,
      run: async (
        context,
        { created, customer, customer_account, customer_details, payment_intent, payment_link, status, expand: _, ...page },
      ) =>
        listOwn(context, CHECKOUT_SESSION, {
          url: "/v1/checkout/sessions",
          page,
          created: timeRange(created),
          where: {
            customer: await customerFilter(context, { customer, customer_account }),
            by_email: customer_details?.email,
            payment_intent,
            payment_link,
            status,
          },
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/checkout/sessions/:session",
      params: params({}),
      run: async (context, _, path) => asJson((await sessionNamed(context, path)).shown),
    }),
    operation({
      method: "POST",
      path: "/v1/checkout/sessions/:session",
      params: updateSessionParameters,
      async run(context, { metadata }, path) {
        const session = await sessionNamed(context, path);
        const changed = await changeSession(context, session, { metadata: mergeMetadata(session.shown.metadata ?? {}, metadata) });
        return asJson(changed.shown);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/checkout/sessions/:session/expire",
      params: params({}),
      run: async (context, _, path) => asJson((await expireSession(context, context.account, await sessionNamed(context, path))).shown),
    }),
  ],
};

/** The line items of sessions. Source: https://docs.stripe.com/api/checkout/sessions/line_items */
export const lineItems: Resource = {
  object: "item",
  expandable: { price: inFull("price") },
  operations: [
    operation({
      method: "GET",
      path: "/v1/checkout/sessions/:session/line_items",
      params: params(pageProperties),
      run: async (context, page, path) => listItems(context, await sessionNamed(context, path), page),
    }),
  ],
};

/** A page of a session's line items, in the order they were given. */
async function listItems(
  context: OperationContext,
  { row, kept }: CheckoutSession,
  asked: { limit?: number; starting_after?: string; ending_before?: string },
): Promise<JsonObject> {
  const knows = async (id: string) => kept.items.some((item) => item.id === id);
  const page = await pageAsked(asked, context.limits, { name: "line item", knows });
  const { rows, hasMore } = pageOf(kept.items, ({ id }) => id, page);
  const data: JsonObject[] = [];
  for (const item of rows) data.push(await showItem(context, item));
  return listAnswer(`/v1/checkout/sessions/${row.id}/line_items`, data, hasMore);
}

/**
 * The call with which Stripe's own page pays a session. Stripe does not document it; its official CLI uses it to
 * trigger `checkout.session.completed`.
 */
export const paymentPages: Resource = {
  object: "payment_page",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/v1/payment_pages/:session",
      params: params({}),
      run: async (context, _, path) => asJson((await sessionNamed(context, path)).shown),
    }),
    operation({
      method: "POST",
      path: "/v1/payment_pages/:session/confirm",
      params: params({ expected_amount: optional(integer(0)), payment_method: text() }),
      async run(context, { expected_amount, payment_method }, path) {
        const session = await sessionNamed(context, path);
        const amount = session.shown.amount_total ?? 0;
        if (expected_amount !== undefined && expected_amount !== amount)
          throw apiError("checkout_amount_unexpected", { amount, expected: expected_amount, param: "expected_amount" });
        const { refusal, session: paid } = await paySession(context, session, { payment_method }, await toldBy(context, payment_method));
        return refusal instanceof ApiError ? refusal : asJson(paid.shown);
      },
    }),
  ],
};

/** The customer details that a payment method contains. */
async function toldBy(context: OperationContext, id: string): Promise<CustomerTold> {
  const row = await findOwn(context, PAYMENT_METHOD, id);
  const nothing: CustomerTold = { email: null, name: null, phone: null, address: null };
  if (row === null) return nothing;
  const { billing_details } = PAYMENT_METHOD.show(row, context) as unknown as Stripe.PaymentMethod;
  const { email, name, phone, address } = { ...nothing, ...billing_details };
  return { email, name, phone, address };
}
