import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { listInFull } from "../../../operations/expandable.ts";
import { expanderOf, listOwn } from "../../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../../operations/operation.ts";
import { integer, mergeMetadata, metadata, optional, pageProperties, params, text, timeFilter } from "../../../operations/parameters.ts";
import { timeRange } from "../../../operations/time-range.ts";
import { expandApplication } from "../../access/expand-application.ts";
import { expandBalanceTransaction } from "../../balance/balance-transaction.ts";
import { expandAccount } from "../expand-account.ts";
import { finishMoneyChange, newMoneyChange, post } from "../money-change.ts";
import { changeMoneyObject, moneyKind, ownMoneyObject } from "../money-object.ts";
import { CHARGE } from "../payments/charge.ts";
import { APPLICATION_FEE, type ApplicationFee, FEE_REFUND, plain, refundApplicationFee, stillPending } from "./application-fee-moves.ts";

const feeNamed = (context: OperationContext, { fee = "" }: Readonly<Record<string, string>>): Promise<ApplicationFee> =>
  ownMoneyObject(context, APPLICATION_FEE, fee);

const REFUND_KIND = moneyKind(FEE_REFUND, "application fee refund");

/** The fees a platform collects on its accounts' charges. Source: https://docs.stripe.com/api/application_fees */
export const applicationFees: Resource = {
  object: APPLICATION_FEE.object,
  expandable: {
    account: expandAccount,
    application: expandApplication,
    balance_transaction: expandBalanceTransaction,
    charge: expanderOf(CHARGE),
    originating_transaction: expanderOf(CHARGE),
    refunds: listInFull(FEE_REFUND),
  },
  operations: [
    operation({
      method: "GET",
      path: "/v1/application_fees",
      params: coversStripeParams<Stripe.ApplicationFeeListParams>()(
        params({ ...pageProperties, charge: optional(text()), created: optional(timeFilter()) }),
      ),
      run: (context, { created, charge, expand: _, ...page }) =>
        listOwn(context, APPLICATION_FEE, {
          url: "/v1/application_fees",
          page,
          where: { charge },
          created: timeRange(created),
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/application_fees/:fee",
      params: coversStripeParams<Stripe.ApplicationFeeRetrieveParams>()(params({})),
      run: async (context, _, path) => asJson((await feeNamed(context, path)).shown),
    }),
  ],
};

/** The refunds of application fees. Source: https://docs.stripe.com/api/fee_refunds */
export const feeRefunds: Resource = {
  object: FEE_REFUND,
  expandable: { balance_transaction: expandBalanceTransaction, fee: expanderOf(APPLICATION_FEE) },
  operations: [
    operation({
      method: "POST",
      path: "/v1/application_fees/:fee/refunds",
      ownKeysOnly: true,
      params: coversStripeParams<Stripe.ApplicationFeeCreateRefundParams>()(
        params({ amount: optional(integer(1)), metadata: optional(metadata()) }),
      ),
      run: async (context, given, path) => asJson(await refundFee(context, given, path)),
    }),
    /** The same call for older code, which expects the fee in the answer. */
    operation({
      method: "POST",
      path: "/v1/application_fees/:fee/refund",
      ownKeysOnly: true,
      params: params({ amount: optional(integer(1)) }),
      async run(context, given, path) {
        await refundFee(context, given, path);
        return asJson((await feeNamed(context, path)).shown);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/application_fees/:fee/refunds",
      params: coversStripeParams<Stripe.ApplicationFeeListRefundsParams>()(params({ ...pageProperties })),
      async run(context, { expand: _, ...page }, path) {
        const { shown } = await feeNamed(context, path);
        return listOwn(context, REFUND_KIND, {
          url: shown.refunds.url,
          page,
          parent: shown.id,
        });
      },
    }),
    operation({
      method: "GET",
      path: "/v1/application_fees/:fee/refunds/:refund",
      params: coversStripeParams<Stripe.ApplicationFeeRetrieveRefundParams>()(params({})),
      run: async (context, _, path) => asJson((await refundNamed(context, path)).refund.shown),
    }),
    operation({
      method: "POST",
      path: "/v1/application_fees/:fee/refunds/:refund",
      params: coversStripeParams<Stripe.ApplicationFeeUpdateRefundParams>()(params({ metadata: optional(metadata()) })),
      async run(context, { metadata }, path) {
        const { account, livemode } = context;
        const { refund } = await refundNamed(context, path);
        const { after, previous } = await changeMoneyObject(context, refund, {
          metadata: mergeMetadata(refund.shown.metadata ?? {}, metadata),
        });
        if (previous !== null)
          await context.record([
            { account, livemode, type: "application_fee.refund.updated", object: asJson(after.shown), previousAttributes: previous },
          ]);
        return asJson(after.shown);
      },
    }),
  ],
};

async function refundNamed(context: OperationContext, path: Readonly<Record<string, string>>) {
  const fee = await feeNamed(context, path);
  const id = path.refund ?? "";
  const refund = await ownMoneyObject<Stripe.FeeRefund, object>(context, REFUND_KIND, id);
  if (refund.shown.fee !== fee.shown.id) throw apiError("resource_missing", { object: REFUND_KIND.name, id, param: "id" });
  return { fee, refund };
}

/** Returns all or part of a fee to the account that paid it. */
async function refundFee(
  context: OperationContext,
  { amount, metadata }: { amount?: number; metadata?: Record<string, string | null> | null },
  path: Readonly<Record<string, string>>,
): Promise<Stripe.FeeRefund> {
  const { tx, now } = context;
  const fee = await feeNamed(context, path);
  const { shown, kept } = fee;
  const change = newMoneyChange();
  const refund = await refundApplicationFee(context, change, fee, {
    amount: amount ?? shown.amount - shown.amount_refunded,
    metadata: mergeMetadata({}, metadata),
  });
  const payer = await tx.account(shown.account as string);
  if (payer === null) throw new Error("A fee is taken from an account.");
  await post(context, change, payer, {
    ...plain(refund.amount, refund.currency, refund.id, stillPending(kept.availableOn, now)),
    type: "adjustment",
    description: "Application fee refund",
  });
  await finishMoneyChange(context, change);
  return refund;
}
