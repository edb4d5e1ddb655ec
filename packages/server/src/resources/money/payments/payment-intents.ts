import { ApiError, apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { expanderOf, listOwn } from "../../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../../operations/operation.ts";
import { choice, mergeMetadata, optional, params, text } from "../../../operations/parameters.ts";
import { searchOperation } from "../../../operations/search-operation.ts";
import { timeRange } from "../../../operations/time-range.ts";
import { withSecret } from "../../../operations/with-secret.ts";
import type { ObjectRow } from "../../../store/contract/rows.ts";
import { expandApplication } from "../../access/expand-application.ts";
import { checkChargeAmount, currencyGiven } from "../../balance/currency.ts";
import { customerFields, customerFilter, customerNamed, expandCustomer } from "../../customers/customer.ts";
import type { PaymentMethod } from "../../customers/payment-methods/card.ts";
import { checkUsable } from "../../customers/payment-methods/check-usable.ts";
import { expandPaymentMethod, type SavedPaymentMethod } from "../../customers/payment-methods/payment-method.ts";
import { typesShown } from "../../customers/payment-methods/payment-method-types.ts";
import { findSource } from "../../customers/sources/customer-source.ts";
import { expandAccount } from "../expand-account.ts";
import { finishMoneyChange, newMoneyChange } from "../money-change.ts";
import { changeMoneyObject, insertMoneyObject, newIdentity, ownMoneyObject, readMoneyObject } from "../money-object.ts";
import { shippingShown } from "../shipping-parameters.ts";
import { optionsShown } from "./card-options.ts";
import { CHARGE, type Charge } from "./charge.ts";
import { become, type Confirming, captureIntent, confirmIntent, partsOfIntent } from "./confirm-intent.ts";
import {
  captureIntentParameters,
  confirmIntentParameters,
  createIntentParameters,
  listIntentParameters,
  updateIntentParameters,
} from "./intent-parameters.ts";
import { type IntentKept, PAYMENT_INTENT, type PaymentIntent } from "./payment-intent.ts";
import { keptOf, paymentMethodGiven, savedMethod } from "./payment-method-given.ts";
import { transferDataShown } from "./transfer-data.ts";
import { CANCELABLE, OPEN, unexpectedState } from "./unexpected-state.ts";

const intentNamed = (context: OperationContext, { intent = "" }: Readonly<Record<string, string>>): Promise<PaymentIntent> =>
  ownMoneyObject(context, PAYMENT_INTENT, intent, "intent");

const shownOrDeclined = (result: PaymentIntent | ApiError) => (result instanceof ApiError ? result : asJson(result.shown));

/** Card payments. Source: https://docs.stripe.com/api/payment_intents */
export const paymentIntents: Resource = {
  object: PAYMENT_INTENT.object,
  expandable: {
    application: expandApplication,
    customer: expandCustomer,
    latest_charge: expanderOf(CHARGE),
    on_behalf_of: expandAccount,
    payment_method: expandPaymentMethod,
    review: null,
    "transfer_data.destination": expandAccount,
  },
  operations: [
    operation({
      method: "POST",
      path: "/v1/payment_intents",
      params: createIntentParameters,
      async run(context, given) {
        const { account, caller, livemode, ids } = context;
        const currency = currencyGiven(given.currency);
        checkChargeAmount(given.amount, currency, context.limits);
        const customer = await customerNamed(context, given);
        const saved =
          (await paymentMethodGiven(context, given, customer?.id ?? null)) ??
          (given.confirm === true && customer !== null ? await defaultSource(context, customer) : null);
        const method = saved === null ? null : keptOf(saved);
        if (given.confirm === true && method === null) throw apiError("payment_method_missing", { param: "payment_method" });
        const identity = newIdentity(context, "payment_intent");
        const shown = {
          ...identity,
          object: "payment_intent",
          allowed_payment_method_types: null,
          amount: given.amount,
          amount_capturable: 0,
          amount_details: { tip: {} },
          amount_received: 0,
          application: account.id === caller.id ? null : (context.application?.id ?? null),
          application_fee_amount: given.application_fee_amount ?? null,
          automatic_payment_methods:
            given.automatic_payment_methods === undefined ? null : { allow_redirects: "always", ...given.automatic_payment_methods },
          canceled_at: null,
          cancellation_reason: null,
          capture_method: given.capture_method ?? "automatic_async",
          client_secret: `${identity.id}_secret_${ids.secret(25)}`,
          confirmation_method: given.confirmation_method ?? "automatic",
          currency,
          ...customerFields(customer),
          description: given.description ?? null,
          excluded_payment_method_types: null,
          last_payment_error: null,
          latest_charge: null,
          managed_payments: { enabled: false },
          metadata: mergeMetadata({}, given.metadata),
          next_action: null,
          on_behalf_of: given.on_behalf_of ?? null,
          payment_method: method?.id ?? null,
          payment_method_configuration_details: null,
          payment_method_options: optionsShown(given.payment_method_options),
          payment_method_types: typesShown(given.payment_method_types),
          payment_record: null,
          processing: null,
          receipt_email: given.receipt_email ?? null,
          review: null,
          setup_future_usage: given.setup_future_usage ?? null,
          shipping: shippingShown(given.shipping),
          source: null,
          statement_descriptor: given.statement_descriptor ?? null,
          statement_descriptor_suffix: given.statement_descriptor_suffix ?? null,
          status: method === null ? "requires_payment_method" : "requires_confirmation",
          transfer_data: given.transfer_data === undefined ? null : transferDataShown(given.transfer_data, null),
          transfer_group: given.transfer_group ?? null,
        } satisfies Stripe.PaymentIntent;
        const intent = await insertMoneyObject<Stripe.PaymentIntent, IntentKept>(context, account, PAYMENT_INTENT.object, {
          shown,
          kept: { method },
        });
        await partsOfIntent(context, intent);
        const change = newMoneyChange();
        change.drafts.push({ account, livemode, type: "payment_intent.created", object: asJson(shown) });
        if (given.confirm === true && method !== null)
          return shownOrDeclined(await confirmIntent(context, change, intent, method, awayFrom(given)));
        await finishMoneyChange(context, change);
        return asJson(shown);
      },
    }),
    searchOperation({
      path: "/v1/payment_intents",
      kind: PAYMENT_INTENT,
      fields: { amount: "numeric", created: "numeric", currency: "token", customer: "token", status: "token" },
    }),
    operation({
      method: "GET",
      path: "/v1/payment_intents",
      params: listIntentParameters,
      run: async (context, { created, customer, customer_account, expand: _, ...page }) =>
        listOwn(context, PAYMENT_INTENT, {
          url: "/v1/payment_intents",
          page,
          where: { customer: await customerFilter(context, { customer, customer_account }) },
          created: timeRange(created),
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/payment_intents/:intent",
      params: coversStripeParams<Stripe.PaymentIntentRetrieveParams>()(params({ client_secret: optional(text()) })),
      run: async (context, given, path) => asJson(withSecret((await intentNamed(context, path)).shown, given, "PaymentIntent")),
    }),
    operation({
      method: "POST",
      path: "/v1/payment_intents/:intent",
      params: updateIntentParameters,
      async run(context, given, path) {
        const intent = await intentNamed(context, path);
        const { shown } = intent;
        const {
          expand: _,
          metadata,
          customer: __,
          customer_account: ___,
          payment_method: ____,
          payment_method_data: _____,
          payment_method_options,
          payment_method_types,
          shipping,
          transfer_data,
          ...told
        } = given;
        const fixed = Object.keys(given).find((key) => !["metadata", "description", "expand"].includes(key));
        if (!OPEN.includes(shown.status) && fixed !== undefined) throw unexpectedState(shown, { update: fixed });
        const customer = await customerNamed(context, given);
        const saved = await paymentMethodGiven(context, given, customer?.id ?? (shown.customer as string | null));
        const method = saved === null ? null : keptOf(saved);
        if (saved === null && customer !== null) await checkKept(context, intent, customer.id);
        const currency = told.currency === undefined ? shown.currency : currencyGiven(told.currency);
        if (told.amount !== undefined) checkChargeAmount(told.amount, currency, context.limits);
        const { after } = await changeMoneyObject(
          context,
          intent,
          {
            ...told,
            ...(customer === null ? {} : customerFields(customer)),
            currency,
            metadata: mergeMetadata(shown.metadata, metadata),
            payment_method_options: optionsShown(payment_method_options, shown.payment_method_options),
            ...(payment_method_types === undefined ? {} : { payment_method_types: typesShown(payment_method_types) }),
            ...(shipping === undefined ? {} : { shipping: shippingShown(shipping) }),
            ...(transfer_data === undefined ? {} : { transfer_data: transferDataShown(transfer_data, shown.transfer_data ?? null) }),
            ...(method === null ? {} : { payment_method: method.id, status: "requires_confirmation", next_action: null }),
          },
          method === null ? {} : { method },
        );
        await partsOfOpen(context, after);
        return asJson(after.shown);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/payment_intents/:intent/confirm",
      params: confirmIntentParameters,
      async run(context, given, path) {
        const intent = await intentNamed(context, path);
        if (!OPEN.includes(intent.shown.status)) throw unexpectedState(intent.shown, "confirm");
        const saved = await paymentMethodGiven(context, given, intent.shown.customer as string | null);
        const method = saved === null ? await checkKept(context, intent, intent.shown.customer as string | null) : keptOf(saved);
        if (method === null) throw apiError("payment_method_missing", { param: "payment_method" });
        const { capture_method, payment_method_options, receipt_email, setup_future_usage, shipping } = given;
        const told = {
          payment_method_options: optionsShown(payment_method_options, intent.shown.payment_method_options),
          ...(capture_method === undefined ? {} : { capture_method }),
          ...(receipt_email === undefined ? {} : { receipt_email }),
          ...(setup_future_usage === undefined ? {} : { setup_future_usage }),
          ...(shipping === undefined ? {} : { shipping: shippingShown(shipping) }),
        };
        const { after } = await changeMoneyObject(context, intent, { ...told, payment_method: method.id }, { method });
        return shownOrDeclined(await confirmIntent(context, newMoneyChange(), after, method, awayFrom(given)));
      },
    }),
    operation({
      method: "POST",
      path: "/v1/payment_intents/:intent/capture",
      params: captureIntentParameters,
      async run(context, given, path) {
        const intent = await intentNamed(context, path);
        const { amount_to_capture, application_fee_amount, metadata, transfer_data, expand: _, ...descriptors } = given;
        if (transfer_data !== undefined && intent.shown.transfer_data == null)
          throw apiError("parameter_missing", { param: "transfer_data[destination]" });
        const done = await captureIntent(context, newMoneyChange(), intent, {
          amount: amount_to_capture ?? null,
          applicationFee: application_fee_amount ?? null,
          transferred: transfer_data?.amount,
          descriptors,
          metadata: mergeMetadata(intent.shown.metadata, metadata),
        });
        return asJson(done.shown);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/payment_intents/:intent/cancel",
      params: coversStripeParams<Stripe.PaymentIntentCancelParams>()(
        params({ cancellation_reason: optional(choice(["abandoned", "duplicate", "fraudulent", "requested_by_customer"])) }),
      ),
      async run(context, { cancellation_reason }, path) {
        const intent = await intentNamed(context, path);
        const { status, latest_charge } = intent.shown;
        if (!CANCELABLE.includes(status)) throw unexpectedState(intent.shown, "cancel");
        const change = newMoneyChange();
        if (status === "requires_capture") await releaseHold(context, latest_charge as string);
        const canceled = await become(context, change, intent, "canceled", {
          amount_capturable: 0,
          canceled_at: Math.floor(context.now / 1000),
          cancellation_reason: cancellation_reason ?? null,
          next_action: null,
        });
        await finishMoneyChange(context, change);
        return asJson(canceled.shown);

        /** Releases the funds a charge holds without capturing any. */
        async function releaseHold({ tx, account, livemode }: OperationContext, id: string): Promise<void> {
          const row = await tx.object(id);
          if (row === null) throw new Error("What is held was charged.");
          const charge: Charge = readMoneyObject(row);
          const { after } = await changeMoneyObject(context, charge, { amount_refunded: charge.shown.amount, refunded: true });
          change.drafts.push({ account, livemode, type: "charge.refunded", object: asJson(after.shown) });
        }
      },
    }),
  ],
};

/** Checks the accounts involved in an intent that can still collect funds. */
async function partsOfOpen(context: OperationContext, intent: PaymentIntent): Promise<void> {
  if (OPEN.includes(intent.shown.status)) await partsOfIntent(context, intent);
}

/** Whether the cardholder is absent, and whether a card that needs the cardholder is declined. */
function awayFrom(given: { off_session?: boolean | string; error_on_requires_action?: boolean }): Confirming {
  return { offSession: (given.off_session ?? false) !== false, errorOnRequiresAction: given.error_on_requires_action === true };
}

/** The current state of an intent's payment method. Throws for one that can no longer be used for the customer. */
async function checkKept(context: OperationContext, intent: PaymentIntent, customer: string | null): Promise<PaymentMethod | null> {
  const { method } = intent.kept;
  const saved = method === null ? null : await savedMethod(context, method);
  if (saved === null) return method;
  checkUsable(saved, customer, { of: "PaymentIntent", param: "payment_method" });
  return keptOf(saved);
}

/** The customer's default source, used for a payment that is confirmed at once without another method. */
async function defaultSource(context: OperationContext, { id, data: { default_source } }: ObjectRow): Promise<SavedPaymentMethod | null> {
  return typeof default_source === "string" ? findSource(context, id, default_source) : null;
}
