import type Stripe from "stripe";
import type { Static } from "typebox";
import { previousAttributes } from "../../events/previous-attributes.ts";
import { asJson } from "../../operations/as-json.ts";
import { checkEmail } from "../../operations/check-email.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { isHash, mergeChange } from "../../operations/merge-change.ts";
import { insertOwn, listOwn, type ObjectKind, ownRow } from "../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import {
  clearableChoice,
  clearableHash,
  clearableList,
  clearableText,
  hash,
  integer,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../operations/parameters.ts";
import { seconds, timeRange } from "../../operations/time-range.ts";
import { pickGiven, withDefaults, withDefaultsOrNull } from "../../operations/with-defaults.ts";
import type { Json, JsonObject, ObjectRow } from "../../store/contract/rows.ts";

const addressFields = {
  city: optional(clearableText()),
  country: optional(clearableText()),
  line1: optional(clearableText()),
  line2: optional(clearableText()),
  postal_code: optional(clearableText()),
  state: optional(clearableText()),
};

/** What of the documented parameters is about payments or tax, which are not kept here. */
type Elsewhere = "cash_balance" | "default_source" | "payment_method" | "source" | "tax" | "tax_id_data" | "test_clock" | "validate";

const changeable = params({
  address: optional(clearableHash(addressFields)),
  balance: optional(integer()),
  business_name: optional(clearableText(150)),
  description: optional(clearableText()),
  email: optional(clearableText(512)),
  individual_name: optional(clearableText(150)),
  invoice_prefix: optional(text(12)),
  invoice_settings: optional(
    hash({
      custom_fields: optional(clearableList(hash({ name: text(40), value: text(140) }), 4)),
      default_payment_method: optional(clearableText()),
      footer: optional(clearableText()),
      rendering_options: optional(
        clearableHash({
          amount_tax_display: optional(clearableChoice(["exclude_tax", "include_inclusive_tax"])),
          template: optional(clearableText()),
        }),
      ),
    }),
  ),
  metadata: optional(metadata()),
  name: optional(clearableText(256)),
  next_invoice_sequence: optional(integer(1)),
  phone: optional(clearableText(20)),
  preferred_locales: optional(clearableList(text())),
  shipping: optional(clearableHash({ address: hash(addressFields), name: text(), phone: optional(clearableText(20)) })),
  tax_exempt: optional(clearableChoice(["exempt", "none", "reverse"])),
});

export const CUSTOMER: ObjectKind = {
  object: "customer",
  name: "customer",
  show: (row) => (row.data.deleted === true ? deletedCustomer(row) : renderCustomer(row)),
};

/** Customers of an account. Source: https://docs.stripe.com/api/customers */
export const customers: Resource = {
  object: "customer",
  expandable: { default_source: null, test_clock: null },
  operations: [
    operation({
      method: "POST",
      path: "/v1/customers",
      params: coversStripeParams<Omit<Stripe.CustomerCreateParams, Elsewhere>>()(changeable),
      async run(context, told) {
        const { account, livemode, now, ids } = context;
        const row = await insertOwn(context, CUSTOMER, {
          id: ids.newId("customer", now),
          account,
          data: changed({ deleted: false, invoice_prefix: ids.secret(8).toUpperCase() }, told),
        });
        const customer = renderCustomer(row);
        await context.record([{ account, livemode, type: "customer.created", object: customer }]);
        return customer;
      },
    }),
    operation({
      method: "GET",
      path: "/v1/customers",
      params: params({ ...pageProperties, created: optional(timeFilter()), email: optional(text(512)) }),
      run: (context, { created, email, expand: _, ...page }) =>
        listOwn(context, CUSTOMER, {
          url: "/v1/customers",
          page,
          created: created === undefined ? undefined : timeRange(created),
          where: { deleted: false, email },
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/customers/:customer",
      params: params({}),
      async run(context, _, path) {
        return CUSTOMER.show(await ownRow(context, CUSTOMER, path.customer ?? ""), context);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/customers/:customer",
      params: coversStripeParams<Omit<Stripe.CustomerUpdateParams, Elsewhere>>()(changeable),
      async run(context, told, path) {
        const { account, livemode } = context;
        const before = await livingCustomer(context, path.customer ?? "");
        const after: ObjectRow = { ...before, data: changed(before.data, told) };
        const customer = renderCustomer(after);
        await context.tx.updateObject(after);
        const previous = previousAttributes(renderCustomer(before), customer);
        if (previous !== null)
          await context.record([{ account, livemode, type: "customer.updated", object: customer, previousAttributes: previous }]);
        return customer;
      },
    }),
    operation({
      method: "DELETE",
      path: "/v1/customers/:customer",
      params: params({}),
      async run(context, _, path) {
        const { account, livemode } = context;
        const row = await livingCustomer(context, path.customer ?? "");
        // Only that it existed is kept: it still answers, as deleted.
        await context.tx.updateObject({ ...row, data: { deleted: true } });
        await context.record([{ account, livemode, type: "customer.deleted", object: renderCustomer(row) }]);
        return deletedCustomer(row);
      },
    }),
  ],
};

async function livingCustomer(context: OperationContext, id: string): Promise<ObjectRow> {
  const row = await ownRow(context, CUSTOMER, id);
  return ownedRow(row.data.deleted === true ? null : row, context, "customer", id);
}

function changed(before: JsonObject, { expand: _, ...told }: Static<typeof changeable>): JsonObject {
  checkEmail(told.email, "email");
  const after = mergeChange(before, told as JsonObject);
  // Where it is shipped to is given whole: what an older one said and this one does not is gone.
  if (isHash(told.shipping as Json | undefined)) after.shipping = mergeChange({}, told.shipping as JsonObject);
  return after;
}

const ADDRESS: Stripe.Address = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };

/** The Customer object. Source: https://docs.stripe.com/api/customers/object */
function renderCustomer({ id, livemode, created, data }: ObjectRow): JsonObject {
  const settings = isHash(data.invoice_settings) ? data.invoice_settings : {};
  const shipping = isHash(data.shipping) ? data.shipping : null;
  return asJson({
    id,
    object: "customer",
    address: withDefaultsOrNull(ADDRESS, data.address),
    balance: (data.balance as number | undefined) ?? 0,
    ...pickGiven<Stripe.Customer>(data, ["business_name"]),
    created: seconds(created),
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    ...pickGiven<Stripe.Customer>(data, ["description", "email", "individual_name"]),
    invoice_prefix: (data.invoice_prefix as string | undefined) ?? null,
    invoice_settings: {
      ...withDefaults<Stripe.Customer.InvoiceSettings>(
        { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
        settings,
      ),
      rendering_options: withDefaultsOrNull<Stripe.Customer.InvoiceSettings.RenderingOptions>(
        { amount_tax_display: null, template: null },
        settings.rendering_options,
      ),
    },
    livemode,
    metadata: (data.metadata as Stripe.Metadata | undefined) ?? {},
    name: (data.name as string | undefined) ?? null,
    next_invoice_sequence: (data.next_invoice_sequence as number | undefined) ?? 1,
    phone: (data.phone as string | undefined) ?? null,
    preferred_locales: (data.preferred_locales as string[] | undefined) ?? [],
    shipping:
      shipping === null
        ? null
        : {
            address: withDefaults(ADDRESS, shipping.address),
            ...withDefaults<Stripe.Customer.Shipping>({ name: "", phone: null }, shipping),
          },
    tax_exempt: (data.tax_exempt as Stripe.Customer.TaxExempt | undefined) ?? "none",
    test_clock: null,
  } satisfies Stripe.Customer);
}

function deletedCustomer({ id }: ObjectRow): JsonObject {
  return asJson({ id, object: "customer", deleted: true } satisfies Stripe.DeletedCustomer);
}
