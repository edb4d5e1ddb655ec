import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { EventDraft } from "../../../events/event-draft.ts";
import { previousAttributes } from "../../../events/previous-attributes.ts";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { mergeChange } from "../../../operations/merge-change.ts";
import { findOwn, listOwn, ownRow } from "../../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../../operations/operation.ts";
import { mergeMetadata, optional, params, text } from "../../../operations/parameters.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { checkExpiry } from "../../external-accounts/judge-card.ts";
import { customerListed, customerNamed, expandCustomer, livingCustomer } from "../customer.ts";
import { attachPaymentMethod, detachPaymentMethod } from "./attach-payment-method.ts";
import { clonePaymentMethod } from "./clone-payment-method.ts";
import { PAYMENT_METHOD, readPaymentMethod, renderPaymentMethod, type SavedPaymentMethod, withState } from "./payment-method.ts";
import {
  createPaymentMethodParameters,
  customersPaymentMethodsParameters,
  listPaymentMethodsParameters,
  updatePaymentMethodParameters,
} from "./payment-method-parameters.ts";
import { paymentMethodNamed, savePaymentMethodTold, testMethodNamed } from "./save-payment-method.ts";
import { namesTestCard } from "./test-cards.ts";

const namesTestMethod = ({ payment_method = "" }: Readonly<Record<string, string>>): boolean =>
  payment_method.startsWith("pm_card_") && namesTestCard(payment_method);

const ownMethod = async (context: OperationContext, id: string): Promise<SavedPaymentMethod> =>
  readPaymentMethod(await ownRow(context, PAYMENT_METHOD, id, "payment_method"));

/** Customers' payment methods: cards. Source: https://docs.stripe.com/api/payment_methods */
export const paymentMethods: Resource = {
  object: PAYMENT_METHOD.object,
  expandable: { customer: expandCustomer },
  operations: [
    operation({
      method: "POST",
      path: "/v1/payment_methods",
      params: createPaymentMethodParameters,
      async run(context, given) {
        const { payment_method, customer, type, card } = given;
        if (payment_method !== undefined) {
          if (card !== undefined) throw apiError("parameters_exclusive", { param: "card", other: "payment_method" });
          return renderPaymentMethod((await clonePaymentMethod(context, payment_method, customer)).row);
        }
        // Only a cloned payment method names a customer when it is created.
        if (customer !== undefined) throw apiError("parameter_missing", { param: "payment_method" });
        if (type === undefined) throw apiError("parameter_missing", { param: "type" });
        return renderPaymentMethod((await savePaymentMethodTold(context, given, "card")).row);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/payment_methods",
      params: listPaymentMethodsParameters,
      async run(context, { allow_redisplay, customer, customer_account, type, expand: _, ...page }) {
        const named = await customerListed(context, { customer, customer_account });
        return listOwn(context, PAYMENT_METHOD, {
          url: "/v1/payment_methods",
          page,
          parent: named?.id,
          where: { allowRedisplay: allow_redisplay, type },
        });
      },
    }),
    operation({
      method: "GET",
      path: "/v1/payment_methods/:payment_method",
      // The name of a test card also creates a payment method here, as recorded answers show.
      writes: { when: namesTestMethod, as: { method: "POST", path: "/v1/payment_methods" } },
      params: coversStripeParams<Stripe.PaymentMethodRetrieveParams>()(params({})),
      async run(context, _, path) {
        const { payment_method: id = "" } = path;
        const made = namesTestMethod(path) ? await testMethodNamed(context, id) : null;
        return renderPaymentMethod((made ?? (await ownMethod(context, id))).row);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/payment_methods/:payment_method",
      params: updatePaymentMethodParameters,
      async run(context, told, { payment_method = "" }) {
        const { tx, account, livemode, now } = context;
        const method = await ownMethod(context, payment_method);
        if (method.state.customer === null) throw apiError("payment_method_not_saved");
        const { card } = method.state;
        const expiry = { exp_month: told.card?.exp_month ?? card.expMonth, exp_year: told.card?.exp_year ?? card.expYear };
        if (told.card !== undefined) checkExpiry(expiry, now, "card");
        const after = withState(method, {
          allowRedisplay: told.allow_redisplay ?? method.state.allowRedisplay,
          billing: mergeChange(method.state.billing, (told.billing_details ?? {}) as JsonObject),
          card: { ...card, expMonth: expiry.exp_month, expYear: expiry.exp_year },
          metadata: mergeMetadata(method.state.metadata, told.metadata),
        });
        await tx.updateObject(after.row);
        const object = renderPaymentMethod(after.row);
        const previous = previousAttributes(renderPaymentMethod(method.row), object);
        if (previous !== null)
          await context.record([{ account, livemode, type: "payment_method.updated", object, previousAttributes: previous }]);
        return object;
      },
    }),
    operation({
      method: "POST",
      path: "/v1/payment_methods/:payment_method/attach",
      params: coversStripeParams<Stripe.PaymentMethodAttachParams>()(
        params({ customer: optional(text()), customer_account: optional(text()) }),
      ),
      async run(context, given, { payment_method = "" }) {
        const method = await paymentMethodNamed(context, payment_method, "payment_method");
        const customer = await customerNamed(context, given);
        if (customer === null) throw apiError("parameter_missing", { param: "customer" });
        const drafts: EventDraft[] = [];
        const attached = await attachPaymentMethod(context, drafts, method, customer.id);
        await context.record(drafts);
        return renderPaymentMethod(attached.row);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/payment_methods/:payment_method/detach",
      params: coversStripeParams<Stripe.PaymentMethodDetachParams>()(params({})),
      async run(context, _, { payment_method = "" }) {
        const drafts: EventDraft[] = [];
        const detached = await detachPaymentMethod(context, drafts, await ownMethod(context, payment_method));
        await context.record(drafts);
        return renderPaymentMethod(detached.row);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/customers/:customer/payment_methods",
      params: customersPaymentMethodsParameters,
      async run(context, { allow_redisplay, type, expand: _, ...page }, path) {
        const { id: customer } = await livingCustomer(context, path.customer ?? "");
        return listOwn(context, PAYMENT_METHOD, {
          url: `/v1/customers/${customer}/payment_methods`,
          page,
          parent: customer,
          where: { allowRedisplay: allow_redisplay, type },
        });
      },
    }),
    operation({
      method: "GET",
      path: "/v1/customers/:customer/payment_methods/:payment_method",
      params: coversStripeParams<Stripe.CustomerRetrievePaymentMethodParams>()(params({})),
      async run(context, _, { customer = "", payment_method = "" }) {
        const { id } = await livingCustomer(context, customer);
        const row = await findOwn(context, PAYMENT_METHOD, payment_method);
        if (row === null || readPaymentMethod(row).state.customer !== id)
          throw apiError("resource_missing", { object: PAYMENT_METHOD.name, id: payment_method, param: "payment_method" });
        return renderPaymentMethod(row);
      },
    }),
  ],
};
