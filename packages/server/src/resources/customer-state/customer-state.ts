import type Stripe from "stripe";
import { ADDRESS } from "../../operations/address.ts";
import { asJson } from "../../operations/as-json.ts";
import { hashOf, isHash } from "../../operations/merge-change.ts";
import type { ObjectKind } from "../../operations/object-kind.ts";
import { seconds } from "../../operations/time-range.ts";
import { pickGiven, withDefaults, withDefaultsOrNull } from "../../operations/with-defaults.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";

/**
 * A customer that is an account has its id as `customer_account` in its row, and `deactivated` while the account's
 * customer configuration is deactivated. `tax` holds the values that v1 has no field for.
 */
export const CUSTOMER: ObjectKind = {
  object: "customer",
  name: "customer",
  show: (row) => (row.data.deleted === true ? deletedCustomer(row) : renderCustomer(row)),
};

/** The id of the account that a customer is; null for a customer that is not an account. */
export function accountOfCustomer({ data }: Pick<ObjectRow, "data">): string | null {
  return typeof data.customer_account === "string" ? data.customer_account : null;
}

/** A customer with another default source, or without one. */
export function withDefaultSource(data: JsonObject, source: string | null): JsonObject {
  const { default_source: _, ...rest } = data;
  return source === null ? rest : { ...rest, default_source: source };
}

/** A customer with another default payment method for invoices, or without one. */
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
    customer_account: accountOfCustomer({ data }),
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
