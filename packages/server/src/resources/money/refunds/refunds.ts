import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { expanderOf, listOwn } from "../../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../../operations/operation.ts";
import { metadata, optional, pageProperties, params, text, timeFilter } from "../../../operations/parameters.ts";
import { timeRange } from "../../../operations/time-range.ts";
import { expandBalanceTransaction } from "../../balance/balance-transaction.ts";
import { CUSTOMER } from "../../customer-state/customer-state.ts";
import { expandPaymentMethod } from "../../customers/payment-methods/payment-method.ts";
import { namedMoneyObject, ownMoneyObject } from "../money-object.ts";
import { CHARGE, type Charge } from "../payments/charge.ts";
import { PAYMENT_INTENT, type PaymentIntent } from "../payments/payment-intent.ts";
import { TRANSFER_REVERSAL } from "../transfers/transfer.ts";
import { changeRefund, makeRefund, refundProperties } from "./change-refund.ts";
import { REFUND, type Refund } from "./refund.ts";
import { refundsOfCharge } from "./refunds-of-charge.ts";

/** Refunds of charges. Source: https://docs.stripe.com/api/refunds */
export const refunds: Resource = {
  object: REFUND.object,
  expandable: {
    balance_transaction: expandBalanceTransaction,
    charge: expanderOf(CHARGE),
    customer: expanderOf(CUSTOMER),
    failure_balance_transaction: expandBalanceTransaction,
    payment_intent: expanderOf(PAYMENT_INTENT),
    payment_method: expandPaymentMethod,
    source_transfer_reversal: expanderOf(TRANSFER_REVERSAL),
    transfer_reversal: expanderOf(TRANSFER_REVERSAL),
  },
  operations: [
    operation({
      method: "POST",
      path: "/v1/refunds",
      params: coversStripeParams<Stripe.RefundCreateParams>()(
        params({ ...refundProperties, charge: optional(text()), payment_intent: optional(text()) }),
        // For refunds of a customer's cash balance, and for payment methods other than cards.
        ["currency", "customer", "instructions_email", "origin"],
      ),
      run: async (context, given) => asJson(await makeRefund(context, await chargeAsked(context, given), given)),
    }),
    operation({
      method: "GET",
      path: "/v1/refunds",
      params: coversStripeParams<Stripe.RefundListParams>()(
        params({ ...pageProperties, charge: optional(text()), created: optional(timeFilter()), payment_intent: optional(text()) }),
      ),
      run: (context, { created, charge, payment_intent, expand: _, ...page }) =>
        listOwn(context, REFUND, {
          url: "/v1/refunds",
          page,
          where: { payment_intent },
          ...(charge === undefined ? {} : { parent: charge }),
          created: timeRange(created),
        }),
    }),
    ...refundsOfCharge,
    operation({
      method: "GET",
      path: "/v1/refunds/:refund",
      params: coversStripeParams<Stripe.RefundRetrieveParams>()(params({})),
      run: async (context, _, { refund = "" }) => asJson((await ownMoneyObject<Stripe.Refund, object>(context, REFUND, refund)).shown),
    }),
    operation({
      method: "POST",
      path: "/v1/refunds/:refund",
      params: coversStripeParams<Stripe.RefundUpdateParams>()(params({ metadata: optional(metadata()) })),
      run: async (context, given, { refund = "" }) => changeRefund(context, await ownMoneyObject(context, REFUND, refund), given),
    }),
    operation({
      method: "POST",
      path: "/v1/refunds/:refund/cancel",
      params: coversStripeParams<Stripe.RefundCancelParams>()(params({})),
      async run(context, _, path) {
        const { shown }: Refund = await ownMoneyObject(context, REFUND, path.refund ?? "");
        throw apiError("refund_not_cancelable", { refund: shown.id, status: shown.status ?? "succeeded" });
      },
    }),
  ],
};

/** The charge to refund, named by its own id or by its payment intent. */
async function chargeAsked(
  context: OperationContext,
  { charge, payment_intent }: { charge?: string; payment_intent?: string },
): Promise<Charge> {
  if (charge !== undefined && payment_intent !== undefined)
    throw apiError("parameters_exclusive", { param: "charge", other: "payment_intent" });
  if (charge !== undefined) return namedMoneyObject(context, CHARGE, charge, "charge");
  if (payment_intent === undefined) throw apiError("parameter_missing", { param: "charge" });
  const { shown }: PaymentIntent = await namedMoneyObject(context, PAYMENT_INTENT, payment_intent, "payment_intent");
  if (typeof shown.latest_charge !== "string")
    throw apiError("charge_not_refundable", { charge: `of ${shown.id}`, reason: "it does not exist yet", param: "payment_intent" });
  return namedMoneyObject(context, CHARGE, shown.latest_charge, "payment_intent");
}
