import { ApiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { EventDraft } from "../../events/event-draft.ts";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { expanderOf, listOwn } from "../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { mergeMetadata, optional, params, text } from "../../operations/parameters.ts";
import { timeRange } from "../../operations/time-range.ts";
import { withSecret } from "../../operations/with-secret.ts";
import { expandApplication } from "../access/expand-application.ts";
import { customerFields, customerFilter, customerNamed, expandCustomer } from "../customers/customer.ts";
import { checkUsable } from "../customers/payment-methods/check-usable.ts";
import { expandPaymentMethod, type SavedPaymentMethod } from "../customers/payment-methods/payment-method.ts";
import { typesShown } from "../customers/payment-methods/payment-method-types.ts";
import { expandAccount } from "../money/expand-account.ts";
import { connectedAccountNamed } from "../money/may-take-part.ts";
import { changeMoneyObject, insertMoneyObject, newIdentity, ownMoneyObject } from "../money/money-object.ts";
import { keptOf, paymentMethodGiven, savedMethod } from "../money/payments/payment-method-given.ts";
import { become, confirmSetupIntent } from "./confirm-setup-intent.ts";
import { checkOpen, SETUP_ATTEMPT, SETUP_INTENT, type SetupIntent, unexpectedState } from "./setup-intent.ts";
import {
  cancelSetupIntentParameters,
  confirmSetupIntentParameters,
  createSetupIntentParameters,
  listSetupIntentParameters,
  updateSetupIntentParameters,
} from "./setup-intent-parameters.ts";

type Path = Readonly<Record<string, string>>;

const intentNamed = (context: OperationContext, { setup_intent = "" }: Path): Promise<SetupIntent> =>
  ownMoneyObject(context, SETUP_INTENT, setup_intent, "intent");

const shownOrDeclined = (result: SetupIntent | ApiError) => (result instanceof ApiError ? result : asJson(result.shown));

/** Cards saved without a payment. Source: https://docs.stripe.com/api/setup_intents */
export const setupIntents: Resource = {
  object: SETUP_INTENT.object,
  expandable: {
    application: expandApplication,
    customer: expandCustomer,
    latest_attempt: expanderOf(SETUP_ATTEMPT),
    mandate: null,
    on_behalf_of: expandAccount,
    payment_method: expandPaymentMethod,
    single_use_mandate: null,
  },
  operations: [
    operation({
      method: "POST",
      path: "/v1/setup_intents",
      params: createSetupIntentParameters,
      async run(context, given) {
        const { account, caller, livemode, ids } = context;
        const customer = await customerNamed(context, given);
        if (given.on_behalf_of !== undefined) await connectedAccountNamed(context, given.on_behalf_of, "on_behalf_of");
        const saved = await paymentMethodGiven(context, given, customer?.id ?? null, "SetupIntent");
        const identity = newIdentity(context, "setup_intent");
        const shown = {
          ...identity,
          object: "setup_intent",
          allowed_payment_method_types: null,
          application: account.id === caller.id ? null : (context.application?.id ?? null),
          automatic_payment_methods:
            given.automatic_payment_methods === undefined ? null : { allow_redirects: "always", ...given.automatic_payment_methods },
          cancellation_reason: null,
          client_secret: `${identity.id}_secret_${ids.secret(25)}`,
          ...customerFields(customer),
          description: given.description ?? null,
          excluded_payment_method_types: null,
          flow_directions: null,
          last_setup_error: null,
          latest_attempt: null,
          managed_payments: { enabled: false },
          mandate: null,
          metadata: mergeMetadata({}, given.metadata),
          next_action: null,
          on_behalf_of: given.on_behalf_of ?? null,
          payment_method: saved?.row.id ?? null,
          payment_method_configuration_details: null,
          payment_method_options: { card: { mandate_options: null, network: null, request_three_d_secure: "automatic" } },
          payment_method_types: typesShown(given.payment_method_types),
          single_use_mandate: null,
          status: saved === null ? "requires_payment_method" : "requires_confirmation",
          usage: given.usage ?? "off_session",
        } satisfies Stripe.SetupIntent;
        if (given.confirm === true && saved === null) throw unexpectedState(shown, "setup_intent_without_method");
        const kept = { method: saved === null ? null : keptOf(saved) };
        const intent: SetupIntent = await insertMoneyObject(context, account, SETUP_INTENT.object, { shown, kept });
        const drafts: EventDraft[] = [{ account, livemode, type: "setup_intent.created", object: asJson(shown) }];
        const result = given.confirm === true && saved !== null ? await confirmSetupIntent(context, drafts, intent, saved) : intent;
        await context.record(drafts);
        return shownOrDeclined(result);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/setup_intents",
      params: listSetupIntentParameters,
      run: async (context, { created, customer, customer_account, payment_method, expand: _, ...page }) =>
        listOwn(context, SETUP_INTENT, {
          url: "/v1/setup_intents",
          page,
          where: { customer: await customerFilter(context, { customer, customer_account }), payment_method },
          created: timeRange(created),
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/setup_intents/:setup_intent",
      params: coversStripeParams<Stripe.SetupIntentRetrieveParams>()(params({ client_secret: optional(text()) })),
      run: async (context, given, path) => asJson(withSecret((await intentNamed(context, path)).shown, given, "SetupIntent")),
    }),
    operation({
      method: "POST",
      path: "/v1/setup_intents/:setup_intent",
      params: updateSetupIntentParameters,
      async run(context, given, path) {
        const intent = await intentNamed(context, path);
        checkOpen(intent, "update");
        const customer = await customerNamed(context, given);
        const saved = await paymentMethodGiven(context, given, customer?.id ?? (intent.shown.customer as string | null), "SetupIntent");
        if (saved === null && customer !== null) await methodOf(context, intent, customer.id);
        const { after } = await changeMoneyObject(
          context,
          intent,
          {
            ...(customer === null ? {} : customerFields(customer)),
            ...(given.description === undefined ? {} : { description: given.description }),
            ...(given.payment_method_types === undefined ? {} : { payment_method_types: typesShown(given.payment_method_types) }),
            metadata: mergeMetadata(intent.shown.metadata ?? {}, given.metadata),
            ...(saved === null ? {} : { payment_method: saved.row.id, status: "requires_confirmation" as const, next_action: null }),
          },
          saved === null ? {} : { method: keptOf(saved) },
        );
        return asJson(after.shown);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/setup_intents/:setup_intent/confirm",
      params: confirmSetupIntentParameters,
      async run(context, given, path) {
        const intent = await intentNamed(context, path);
        const customer = intent.shown.customer as string | null;
        const saved = (await paymentMethodGiven(context, given, customer, "SetupIntent")) ?? (await methodOf(context, intent, customer));
        // A missing method is reported first, even for a canceled setup intent.
        if (saved === null) throw unexpectedState(intent.shown, "setup_intent_without_method");
        checkOpen(intent, "confirm");
        const drafts: EventDraft[] = [];
        const result = await confirmSetupIntent(context, drafts, intent, saved);
        await context.record(drafts);
        return shownOrDeclined(result);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/setup_intents/:setup_intent/cancel",
      params: cancelSetupIntentParameters,
      async run(context, { cancellation_reason }, path) {
        const intent = await intentNamed(context, path);
        checkOpen(intent, "cancel");
        const drafts: EventDraft[] = [];
        const canceled = await become(context, drafts, intent, "canceled", {
          cancellation_reason: cancellation_reason ?? null,
          next_action: null,
        });
        await context.record(drafts);
        return asJson(canceled.shown);
      },
    }),
  ],
};

/** The current state of a setup intent's method. Throws for one that can no longer be used for the customer. */
async function methodOf(
  context: OperationContext,
  { shown, kept }: SetupIntent,
  customer: string | null,
): Promise<SavedPaymentMethod | null> {
  const saved = kept.method === null ? null : await savedMethod(context, kept.method);
  const used = shown.status === "succeeded" || shown.status === "canceled";
  if (saved !== null && !used) checkUsable(saved, customer, { of: "SetupIntent", param: "payment_method" });
  return saved;
}
