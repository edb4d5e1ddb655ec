import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { EventDraft } from "../../events/event-draft.ts";
import { previousAttributes } from "../../events/previous-attributes.ts";
import { ADDRESS } from "../../operations/address.ts";
import { asJson } from "../../operations/as-json.ts";
import { hashOf, isHash } from "../../operations/merge-change.ts";
import { expanderOf, namedRow, type ObjectKind, ownRow } from "../../operations/object-kind.ts";
import type { ChangeContext, OperationContext } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import { seconds } from "../../operations/time-range.ts";
import { pickGiven, withDefaults, withDefaultsOrNull } from "../../operations/with-defaults.ts";
import type { AccountRow, JsonObject, ObjectRow } from "../../store/contract/rows.ts";

export const CUSTOMER: ObjectKind = {
  object: "customer",
  name: "customer",
  show: (row) => (row.data.deleted === true ? deletedCustomer(row) : renderCustomer(row)),
};

/** The customer a path names. Throws `resource_missing` when it does not exist or is deleted. */
export async function livingCustomer(context: OperationContext, id: string): Promise<ObjectRow> {
  const row = await ownRow(context, CUSTOMER, id);
  return ownedRow(row.data.deleted === true ? null : row, context, CUSTOMER.name, id);
}

/** The customer a parameter names. Throws `resource_missing`, with the parameter's name. */
export async function customerNamed(context: OperationContext, id: string, param = "customer"): Promise<ObjectRow> {
  const row = await namedRow(context, CUSTOMER, id, param);
  if (row.data.deleted === true) throw apiError("resource_missing", { object: CUSTOMER.name, id, param });
  return row;
}

/** Throws `resource_missing` unless the named customer belongs to the account and still exists. */
export async function checkCustomer(context: OperationContext, id: string | undefined): Promise<void> {
  if (id !== undefined) await customerNamed(context, id);
}

/** Loads a customer for its id in a response. A deleted one shows only that it is deleted. */
export const expandCustomer = expanderOf(CUSTOMER);

/** Writes a customer's new state, and drafts the event if a visible field changed. */
export async function changeCustomer(
  { tx, livemode }: ChangeContext,
  drafts: EventDraft[],
  account: AccountRow,
  before: ObjectRow,
  data: JsonObject,
): Promise<ObjectRow> {
  const after: ObjectRow = { ...before, data };
  await tx.updateObject(after);
  const customer = renderCustomer(after);
  const previous = previousAttributes(renderCustomer(before), customer);
  if (previous !== null) drafts.push({ account, livemode, type: "customer.updated", object: customer, previousAttributes: previous });
  return after;
}

/** A customer with another default source, or with none. */
export function withDefaultSource(data: JsonObject, source: string | null): JsonObject {
  const { default_source: _, ...rest } = data;
  return source === null ? rest : { ...rest, default_source: source };
}

/** A customer with another default payment method for invoices, or with none. */
export function withDefaultPaymentMethod(data: JsonObject, method: string | null): JsonObject {
  const { default_payment_method: _, ...settings } = hashOf(data.invoice_settings);
  return { ...data, invoice_settings: method === null ? settings : { ...settings, default_payment_method: method } };
}

/** The Customer object. Source: https://docs.stripe.com/api/customers/object */
export function renderCustomer({ id, livemode, created, data }: ObjectRow): JsonObject {
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
    default_source: (data.default_source as string | undefined) ?? null,
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

/** The response for a deleted customer. */
export function deletedCustomer({ id }: ObjectRow): JsonObject {
  return asJson({ id, object: "customer", deleted: true } satisfies Stripe.DeletedCustomer);
}
