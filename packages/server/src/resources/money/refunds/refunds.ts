import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { expanderOf, listOwn } from "../../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../../operations/operation.ts";
import {
  choice,
  flag,
  integer,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../../operations/parameters.ts";
import { timeRange } from "../../../operations/time-range.ts";
import { expandBalanceTransaction } from "../../balance/balance-transaction.ts";
import { CUSTOMER } from "../../customer-state/customer-state.ts";
import { expandPaymentMethod } from "../../customers/payment-methods/payment-method.ts";
import { finishMoneyChange, newMoneyChange } from "../money-change.ts";
import { changeMoneyObject, namedMoneyObject, ownMoneyObject } from "../money-object.ts";
import { CHARGE, type Charge } from "../payments/charge.ts";
import { PAYMENT_INTENT, type PaymentIntent } from "../payments/payment-intent.ts";
import { TRANSFER_REVERSAL } from "../transfers/transfer.ts";
import { REFUND, type Refund } from "./refund.ts";
import { refundCharge } from "./refund-charge.ts";

/** Documented parameters for refunds of a customer's cash balance, which are not implemented here. */
type Elsewhere = "currency" | "customer" | "instructions_email" | "origin";

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
      params: coversStripeParams<Omit<Stripe.RefundCreateParams, Elsewhere>>()(
        params({
          amount: optional(integer(1)),
          charge: optional(text()),
          metadata: optional(metadata()),
          payment_intent: optional(text()),
          reason: optional(choice(["duplicate", "fraudulent", "requested_by_customer"])),
          refund_application_fee: optional(flag()),
          reverse_transfer: optional(flag()),
        }),
      ),
      async run(context, given) {
        const charge = await chargeAsked(context, given);
        const change = newMoneyChange();
        const refund = await refundCharge(context, change, charge, {
          amount: given.amount ?? null,
          reason: given.reason ?? null,
          metadata: mergeMetadata({}, given.metadata),
          refundApplicationFee: given.refund_application_fee ?? false,
          reverseTransfer: given.reverse_transfer ?? false,
        });
        await finishMoneyChange(context, change);
        return asJson(refund);
      },
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
    /** The form in which an expanded charge lists its refunds. */
    operation({
      method: "GET",
      path: "/v1/charges/:charge/refunds",
      params: coversStripeParams<Omit<Stripe.RefundListParams, "charge" | "created" | "payment_intent">>()(params({ ...pageProperties })),
      async run(context, { expand: _, ...page }, { charge = "" }) {
        const { shown }: Charge = await ownMoneyObject(context, CHARGE, charge);
        return listOwn(context, REFUND, { url: `/v1/charges/${shown.id}/refunds`, page, parent: shown.id });
      },
    }),
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
      async run(context, { metadata }, path) {
        const { account, livemode } = context;
        const refund: Refund = await ownMoneyObject(context, REFUND, path.refund ?? "");
        const { after, previous } = await changeMoneyObject(context, refund, {
          metadata: mergeMetadata(refund.shown.metadata ?? {}, metadata),
        });
        if (previous !== null)
          await context.record(
            (["refund.updated", "charge.refund.updated"] as const).map((type) => ({
              account,
              livemode,
              type,
              object: asJson(after.shown),
              previousAttributes: previous,
            })),
          );
        return asJson(after.shown);
      },
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
