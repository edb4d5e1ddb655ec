import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { expanderOf, listOwn } from "../../../operations/object-kind.ts";
import { operation, type Resource } from "../../../operations/operation.ts";
import {
  clearableChoice,
  clearableHash,
  either,
  flag,
  formatted,
  hash,
  integer,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../../operations/parameters.ts";
import { searchOperation } from "../../../operations/search-operation.ts";
import { timeRange } from "../../../operations/time-range.ts";
import { expandApplication } from "../../access/expand-application.ts";
import { expandBalanceTransaction } from "../../balance/balance-transaction.ts";
import { amountShown, checkChargeAmount, currencyGiven } from "../../balance/currency.ts";
import { checkCustomer, expandCustomer } from "../../customers/customer.ts";
import { renderSource } from "../../customers/payment-methods/render-source.ts";
import { APPLICATION_FEE } from "../application-fees/application-fee-moves.ts";
import { expandAccount } from "../expand-account.ts";
import { finishMoneyChange, newMoneyChange } from "../money-change.ts";
import { changeMoneyObject, ownMoneyObject } from "../money-object.ts";
import { expandRefunds } from "../refunds/expand-refunds.ts";
import { shippingParameters, shippingShown } from "../shipping-parameters.ts";
import { TRANSFER } from "../transfers/transfer.ts";
import { transferAbout } from "../transfers/transfer-about.ts";
import { CHARGE, type Charge } from "./charge.ts";
import { connectParts } from "./connect-parts.ts";
import { captureCharge, crossedThreshold, makeCharge } from "./make-charge.ts";
import { PAYMENT_INTENT } from "./payment-intent.ts";
import { keptOf } from "./payment-method-given.ts";
import { sourceGiven } from "./source-given.ts";
import { splitAsked } from "./split-asked.ts";

/** Charges, made by payment intents or directly. Source: https://docs.stripe.com/api/charges */
export const charges: Resource = {
  object: CHARGE.object,
  expandable: {
    application: expandApplication,
    application_fee: expanderOf(APPLICATION_FEE),
    balance_transaction: expandBalanceTransaction,
    customer: expandCustomer,
    failure_balance_transaction: expandBalanceTransaction,
    on_behalf_of: expandAccount,
    payment_intent: expanderOf(PAYMENT_INTENT),
    refunds: expandRefunds,
    review: null,
    source_transfer: expanderOf(TRANSFER),
    transfer: expanderOf(TRANSFER),
    "transfer_data.destination": expandAccount,
  },
  operations: [
    operation({
      method: "POST",
      path: "/v1/charges",
      params: coversStripeParams<Stripe.ChargeCreateParams>()(
        params({
          amount: integer(),
          // The older names of `application_fee_amount` and `transfer_data`.
          application_fee: optional(integer(0)),
          application_fee_amount: optional(integer(0)),
          capture: optional(flag()),
          currency: text(),
          customer: optional(text()),
          description: optional(text(1_000)),
          destination: optional(either(text(), hash({ account: text(), amount: optional(integer(1)) }))),
          metadata: optional(metadata()),
          on_behalf_of: optional(text()),
          receipt_email: optional(formatted("email", 512)),
          shipping: optional(shippingParameters),
          source: optional(text()),
          statement_descriptor: optional(text(22)),
          statement_descriptor_suffix: optional(text(22)),
          transfer_data: optional(hash({ amount: optional(integer(1)), description: optional(text()), destination: text() })),
          transfer_group: optional(text()),
        }),
        ["radar_options"],
      ),
      async run(context, given) {
        const currency = currencyGiven(given.currency);
        checkChargeAmount(given.amount, currency, context.limits);
        const source = await sourceGiven(context, given);
        const method = keptOf(source);
        const parts = await connectParts(context, {
          amount: given.amount,
          onBehalfOf: given.on_behalf_of ?? null,
          ...splitAsked(given),
        });
        const change = newMoneyChange();
        const { charge, declined } = await makeCharge(context, change, {
          amount: given.amount,
          currency,
          method,
          parts,
          capture: given.capture !== false,
          about: {
            customer: given.customer ?? null,
            description: given.description ?? null,
            metadata: mergeMetadata({}, given.metadata),
            payment_intent: null,
            receipt_email: given.receipt_email ?? null,
            shipping: shippingShown(given.shipping),
            source: renderSource(source.row) as unknown as Stripe.Card,
            statement_descriptor: given.statement_descriptor ?? null,
            statement_descriptor_suffix: given.statement_descriptor_suffix ?? null,
            transfer_group: given.transfer_group ?? null,
          },
        });
        await finishMoneyChange(context, change);
        if (declined !== null) return declined;
        await crossedThreshold(context, method, parts);
        return asJson(charge.shown);
      },
    }),
    searchOperation({
      path: "/v1/charges",
      kind: CHARGE,
      fields: {
        amount: "numeric",
        "billing_details.address.postal_code": "token",
        created: "numeric",
        currency: "token",
        customer: "token",
        disputed: "token",
        "payment_method_details.card.brand": "token",
        "payment_method_details.card.exp_month": "token",
        "payment_method_details.card.exp_year": "token",
        "payment_method_details.card.fingerprint": "token",
        "payment_method_details.card.last4": "token",
        refunded: "token",
        status: "token",
      },
    }),
    operation({
      method: "GET",
      path: "/v1/charges",
      params: coversStripeParams<Stripe.ChargeListParams>()(
        params({
          ...pageProperties,
          created: optional(timeFilter()),
          customer: optional(text()),
          payment_intent: optional(text()),
          transfer_group: optional(text()),
        }),
      ),
      run: (context, { created, customer, payment_intent, transfer_group, expand: _, ...page }) =>
        listOwn(context, CHARGE, {
          url: "/v1/charges",
          page,
          where: { customer, payment_intent, transfer_group },
          created: timeRange(created),
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/charges/:charge",
      params: coversStripeParams<Stripe.ChargeRetrieveParams>()(params({})),
      run: async (context, _, { charge = "" }) => asJson((await ownMoneyObject<Stripe.Charge, object>(context, CHARGE, charge)).shown),
    }),
    operation({
      method: "POST",
      path: "/v1/charges/:charge",
      params: coversStripeParams<Stripe.ChargeUpdateParams>()(
        params({
          customer: optional(text()),
          description: optional(text(1_000)),
          fraud_details: optional(clearableHash({ user_report: optional(clearableChoice(["fraudulent", "safe"])) })),
          metadata: optional(metadata()),
          receipt_email: optional(formatted("email", 512)),
          shipping: optional(shippingParameters),
          transfer_group: optional(text()),
        }),
      ),
      async run(context, { expand: _, fraud_details, metadata, shipping, ...told }, path) {
        const { account, livemode } = context;
        const charge: Charge = await ownMoneyObject(context, CHARGE, path.charge ?? "");
        await checkCustomer(context, told.customer);
        checkGroup(charge.shown, told.transfer_group);
        const { after, previous } = await changeMoneyObject(context, charge, {
          ...told,
          metadata: mergeMetadata(charge.shown.metadata, metadata),
          ...(fraud_details === undefined ? {} : { fraud_details: fraudDetails(charge.shown, fraud_details) }),
          ...(shipping === undefined ? {} : { shipping: shippingShown(shipping) }),
        });
        if (previous !== null)
          await context.record([{ account, livemode, type: "charge.updated", object: asJson(after.shown), previousAttributes: previous }]);
        return asJson(after.shown);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/charges/:charge/capture",
      params: coversStripeParams<Stripe.ChargeCaptureParams>()(
        params({
          amount: optional(integer(1)),
          application_fee: optional(integer(0)),
          application_fee_amount: optional(integer(0)),
          receipt_email: optional(formatted("email", 512)),
          statement_descriptor: optional(text(22)),
          statement_descriptor_suffix: optional(text(22)),
          transfer_data: optional(hash({ amount: optional(integer(1)) })),
          transfer_group: optional(text()),
        }),
      ),
      async run(context, { amount, application_fee, application_fee_amount, transfer_data, expand: _, ...about }, path) {
        const charge: Charge = await ownMoneyObject(context, CHARGE, path.charge ?? "");
        const { shown, kept } = charge;
        if (shown.captured) throw apiError("charge_already_captured", { charge: shown.id });
        if (shown.status !== "succeeded") throw apiError("charge_not_refundable", { charge: shown.id, reason: "it failed" });
        if (shown.payment_intent !== null) throw apiError("charge_of_payment_intent", { intent: shown.payment_intent as string });
        const captured = amount ?? shown.amount;
        if (captured > shown.amount)
          throw apiError("capture_too_large", {
            max: amountShown(shown.amount, shown.currency),
            currency: shown.currency,
            param: "amount",
          });
        if (transfer_data !== undefined && shown.transfer_data === null)
          throw apiError("parameter_missing", { param: "transfer_data[destination]" });
        checkGroup(shown, about.transfer_group);
        const { applicationFee } = splitAsked({ application_fee, application_fee_amount });
        const parts = await connectParts(context, {
          amount: captured,
          applicationFee: applicationFee ?? shown.application_fee_amount,
          onBehalfOf: shown.on_behalf_of as string | null,
          transferData:
            shown.transfer_data === null
              ? null
              : {
                  destination: shown.transfer_data.destination as string,
                  amount: transfer_data?.amount ?? shown.transfer_data.amount,
                  about: kept.transferAbout ?? transferAbout({}),
                },
        });
        const change = newMoneyChange();
        const done = await captureCharge(context, change, charge, captured, parts, "charge.captured", about);
        await finishMoneyChange(context, change);
        return asJson(done.shown);
      },
    }),
  ],
};

/** Throws `transfer_group_given` for a group that would replace a charge's existing one. */
function checkGroup({ id, transfer_group }: Stripe.Charge, told: string | undefined): void {
  if (told !== undefined && transfer_group !== null && told !== transfer_group) throw apiError("transfer_group_given", { charge: id });
}

/** What the account says about a charge's risk, after a call has said more. */
function fraudDetails(
  { fraud_details }: Stripe.Charge,
  told: { user_report?: "fraudulent" | "safe" | null } | null,
): NonNullable<Stripe.Charge["fraud_details"]> {
  if (told?.user_report === undefined) return told === null ? {} : (fraud_details ?? {});
  return told.user_report === null ? {} : { user_report: told.user_report };
}
