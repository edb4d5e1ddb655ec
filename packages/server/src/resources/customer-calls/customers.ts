import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Static } from "typebox";
import type { EventDraft } from "../../events/event-draft.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { hashOf, isHash, mergeChange } from "../../operations/merge-change.ts";
import { findOwn, insertOwn, listOwn } from "../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { optional, pageProperties, params, text, timeFilter } from "../../operations/parameters.ts";
import { searchOperation } from "../../operations/search-operation.ts";
import { timeRange } from "../../operations/time-range.ts";
import type { Json, JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { changeAccountWorld } from "../account-changes/change-account-world.ts";
import { readAccountWorld } from "../connected-account/state/account-world.ts";
import { accountOfCustomer, CUSTOMER, deletedCustomer, renderCustomer, withDefaultSource } from "../customer-state/customer-state.ts";
import { changeCustomer, customerInPath, livingCustomer } from "../customers/customer.ts";
import { endCustomer } from "../customers/end-customer.ts";
import { attachPaymentMethod, detachPaymentMethod } from "../customers/payment-methods/attach-payment-method.ts";
import { expandPaymentMethod, PAYMENT_METHOD, readPaymentMethod } from "../customers/payment-methods/payment-method.ts";
import { paymentMethodNamed } from "../customers/payment-methods/save-payment-method.ts";
import { addSource, expandSource, expandSources, sourceOf } from "../customers/sources/customer-source.ts";
import { changeInAccount, OF_ACCOUNT, type ToldOfAccount } from "./change-in-account.ts";
import { createCustomerParameters, updateCustomerParameters } from "./customer-parameters.ts";

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
      async run(context, { card, source = card, payment_method, expand: _, ...told }) {
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
      params: coversStripeParams<Stripe.CustomerListParams>()(
        params({ ...pageProperties, created: optional(timeFilter()), email: optional(text(512)) }),
        ["test_clock"],
      ),
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
        return CUSTOMER.show(await customerInPath(context, path.customer ?? ""), context);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/customers/:customer",
      params: updateCustomerParameters,
      async run(context, { source, default_source, expand: _, ...told }, path) {
        const { account } = context;
        if (source !== undefined && default_source !== undefined)
          throw apiError("parameters_exclusive", { param: "default_source", other: "source" });
        const customer = await livingCustomer(context, path.customer ?? "");
        await checkDefaultPaymentMethod(context, customer.id, told);
        const drafts: EventDraft[] = [];
        const itself = accountOfCustomer(customer);
        const { own, ofAccount } = itself === null ? { own: told, ofAccount: {} } : split(told);
        let data = changed(customer.data, own);
        if (default_source !== undefined)
          data = withDefaultSource(data, (await sourceOf(context, customer.id, default_source, "default_source")).row.id);
        if (source !== undefined) data = await withSourceReplaced(context, drafts, customer.id, data, source);
        const after =
          itself !== null && Object.keys(ofAccount).length > 0
            ? await changeWithAccount(context, itself, { ...customer, data }, ofAccount)
            : await changeCustomer(context, drafts, account, customer, data);
        await context.record(drafts);
        return renderCustomer(after);
      },
    }),
    operation({
      method: "DELETE",
      path: "/v1/customers/:customer",
      params: params({}),
      async run(context, _, path) {
        const row = await livingCustomer(context, path.customer ?? "");
        const itself = accountOfCustomer(row);
        if (itself !== null) throw apiError("customer_is_account", { customer: row.id, account: itself });
        await endCustomer(context, row);
        return deletedCustomer(row);
      },
    }),
  ],
};

/** The values given for a customer that is an account: the customer's own, and the account's. */
function split(told: Told): { own: Told; ofAccount: ToldOfAccount } {
  const isOfAccount = ([name]: [string, unknown]) => OF_ACCOUNT.some((one) => one === name);
  const [own, ofAccount] = [Object.entries(told).filter((one) => !isOfAccount(one)), Object.entries(told).filter(isOfAccount)];
  return { own: Object.fromEntries(own) as Told, ofAccount: Object.fromEntries(ofAccount) };
}

/**
 * Changes a customer together with the account that it is. Throws if the key may not change accounts, because these
 * values say who is behind the account.
 */
async function changeWithAccount(context: OperationContext, id: string, customer: ObjectRow, told: ToldOfAccount): Promise<ObjectRow> {
  context.checkMay({ method: "POST", path: "/v2/core/accounts/:account" });
  const row = await context.tx.account(id);
  if (row === null) throw new Error(`The customer ${customer.id} is the account ${id}, which is not there.`);
  const world = await readAccountWorld(context.tx, row, context.limits);
  const after = { ...changeInAccount(context, world, told), customer };
  return (await changeAccountWorld(context, world, after)).customer ?? customer;
}

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

type Told = Omit<Static<typeof createCustomerParameters>, "source" | "payment_method" | "expand">;

function changed(before: JsonObject, told: Told): JsonObject {
  const after = mergeChange(before, told as JsonObject);
  // Shipping details are replaced as a whole: fields missing from the new ones are removed.
  if (isHash(told.shipping as Json | undefined)) after.shipping = mergeChange({}, hashOf(told.shipping as Json));
  return after;
}
