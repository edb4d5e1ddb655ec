import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Static } from "typebox";
import type { EventDraft } from "../../events/event-draft.ts";
import { checkEmail } from "../../operations/check-email.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { hashOf, isHash, mergeChange } from "../../operations/merge-change.ts";
import { findOwn, insertOwn, listOwn, ownRow } from "../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { optional, pageProperties, params, text, timeFilter } from "../../operations/parameters.ts";
import { searchOperation } from "../../operations/search-operation.ts";
import { timeRange } from "../../operations/time-range.ts";
import type { Json, JsonObject } from "../../store/contract/rows.ts";
import { CUSTOMER, changeCustomer, deletedCustomer, livingCustomer, renderCustomer, withDefaultSource } from "./customer.ts";
import { createCustomerParameters, updateCustomerParameters } from "./customer-parameters.ts";
import { attachedTo, attachPaymentMethod, detachPaymentMethod } from "./payment-methods/attach-payment-method.ts";
import { expandPaymentMethod, PAYMENT_METHOD, readPaymentMethod } from "./payment-methods/payment-method.ts";
import { paymentMethodNamed } from "./payment-methods/save-payment-method.ts";
import { addSource, expandSource, expandSources, sourceOf } from "./sources/customer-source.ts";

/** An account's customers. Source: https://docs.stripe.com/api/customers */
export const customers: Resource = {
  object: CUSTOMER.object,
  expandable: {
    default_source: expandSource,
    "invoice_settings.default_payment_method": expandPaymentMethod,
    sources: expandSources,
    test_clock: null,
  },
  operations: [
    operation({
      method: "POST",
      path: "/v1/customers",
      params: createCustomerParameters,
      async run(context, { source, payment_method, ...told }) {
        const { account, livemode, now, ids } = context;
        const id = ids.newId("customer", now);
        const drafts: EventDraft[] = [];
        if (payment_method !== undefined)
          await attachPaymentMethod(context, drafts, await paymentMethodNamed(context, payment_method, "payment_method"), id);
        const added = source === undefined ? null : await addSource(context, drafts, id, source, "source");
        await checkDefaultPaymentMethod(context, id, told);
        const made = changed({ deleted: false, invoice_prefix: ids.secret(8).toUpperCase() }, told);
        const data = added === null ? made : withDefaultSource(made, added.row.id);
        const customer = renderCustomer(await insertOwn(context, CUSTOMER, { id, account, data }));
        await context.record([{ account, livemode, type: "customer.created", object: customer }, ...drafts]);
        return customer;
      },
    }),
    searchOperation({
      path: "/v1/customers",
      kind: CUSTOMER,
      fields: { created: "numeric", email: "string", name: "string", phone: "string" },
      where: { deleted: false },
    }),
    operation({
      method: "GET",
      path: "/v1/customers",
      params: params({ ...pageProperties, created: optional(timeFilter()), email: optional(text(512)) }),
      run: (context, { created, email, expand: _, ...page }) =>
        listOwn(context, CUSTOMER, {
          url: "/v1/customers",
          page,
          created: timeRange(created),
          where: { deleted: false, email },
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/customers/:customer",
      params: coversStripeParams<Stripe.CustomerRetrieveParams>()(params({})),
      async run(context, _, path) {
        return CUSTOMER.show(await ownRow(context, CUSTOMER, path.customer ?? ""), context);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/customers/:customer",
      params: updateCustomerParameters,
      async run(context, { source, default_source, ...told }, path) {
        const { account } = context;
        if (source !== undefined && default_source !== undefined)
          throw apiError("parameters_exclusive", { param: "default_source", other: "source" });
        const customer = await livingCustomer(context, path.customer ?? "");
        await checkDefaultPaymentMethod(context, customer.id, told);
        const drafts: EventDraft[] = [];
        let data = changed(customer.data, told);
        if (default_source !== undefined)
          data = withDefaultSource(data, (await sourceOf(context, customer.id, default_source, "default_source")).row.id);
        if (source !== undefined) data = await withSourceReplaced(context, drafts, customer.id, data, source);
        const after = await changeCustomer(context, drafts, account, customer, data);
        await context.record(drafts);
        return renderCustomer(after);
      },
    }),
    operation({
      method: "DELETE",
      path: "/v1/customers/:customer",
      params: params({}),
      async run(context, _, path) {
        const { account, livemode } = context;
        const row = await livingCustomer(context, path.customer ?? "");
        // The row remains, so the customer is still shown as deleted.
        await context.tx.updateObject({ ...row, data: { deleted: true } });
        const drafts: EventDraft[] = [];
        for (const method of await attachedTo(context, row.id)) await detachPaymentMethod(context, drafts, method);
        await context.record([...drafts, { account, livemode, type: "customer.deleted", object: renderCustomer(row) }]);
        return deletedCustomer(row);
      },
    }),
  ],
};

/** A customer whose default source is deleted and replaced by another. */
async function withSourceReplaced(
  context: OperationContext,
  drafts: EventDraft[],
  customer: string,
  data: JsonObject,
  source: string,
): Promise<JsonObject> {
  const added = await addSource(context, drafts, customer, source, "source");
  const before = typeof data.default_source === "string" ? await findOwn(context, PAYMENT_METHOD, data.default_source) : null;
  // The caller writes the customer, with its new default source.
  if (before !== null) await detachPaymentMethod(context, drafts, readPaymentMethod(before), { customerChanges: false });
  return withDefaultSource(data, added.row.id);
}

/** Throws `customer_without_payment_method` when the new default payment method is not attached to the customer. */
async function checkDefaultPaymentMethod(
  context: OperationContext,
  customer: string,
  { invoice_settings }: Pick<Static<typeof updateCustomerParameters>, "invoice_settings">,
): Promise<void> {
  const id = invoice_settings?.default_payment_method;
  if (id === undefined || id === null) return;
  const row = await findOwn(context, PAYMENT_METHOD, id);
  if (row === null || readPaymentMethod(row).state.customer !== customer)
    throw apiError("customer_without_payment_method", { id, param: "invoice_settings[default_payment_method]" });
}

type Told = Omit<Static<typeof createCustomerParameters>, "source" | "payment_method">;

function changed(before: JsonObject, { expand: _, ...told }: Told): JsonObject {
  checkEmail(told.email, "email");
  const after = mergeChange(before, told as JsonObject);
  // Shipping details are replaced as a whole: fields missing from the new ones are removed.
  if (isHash(told.shipping as Json | undefined)) after.shipping = mergeChange({}, hashOf(told.shipping as Json));
  return after;
}
