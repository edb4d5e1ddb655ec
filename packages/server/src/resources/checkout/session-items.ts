import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import type { OnTheWire } from "../../operations/on-the-wire.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { hash, integer, list, mergeMetadata, metadata, optional, text } from "../../operations/parameters.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { findInCatalogue, namedInCatalogue } from "../catalogue/catalogue-object.ts";
import { createPrice, PRICE, PRICE_VIEW, priceFields } from "../catalogue/price.ts";
import { createProduct, PRODUCT } from "../catalogue/product.ts";
import { TAX_RATE } from "../catalogue/tax-rates.ts";
import type { Amounts, Priced } from "./amounts.ts";

/**
 * A line item as parameters describe it.
 * Source: https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-line_items
 */
export const itemParameters = coversStripeParams<Omit<Stripe.Checkout.SessionCreateParams.LineItem, "price_data">>()(
  hash({
    metadata: optional(metadata()),
    price: optional(text()),
    price_data: optional(
      coversStripeParams<OnTheWire<Omit<Stripe.Checkout.SessionCreateParams.LineItem.PriceData, "product_data">>>()(
        hash({
          currency: text(),
          product: optional(text()),
          product_data: optional(
            coversStripeParams<Stripe.Checkout.SessionCreateParams.LineItem.PriceData.ProductData>()(
              hash({
                description: optional(text(40_000)),
                images: optional(list(text(2_048), 8)),
                metadata: optional(metadata()),
                name: text(),
                tax_code: optional(text()),
                unit_label: optional(text(12)),
              }),
              ["tax_details"],
            ),
          ),
          tax_behavior: priceFields.tax_behavior,
          unit_amount: priceFields.unit_amount,
          unit_amount_decimal: priceFields.unit_amount_decimal,
        }),
        ["recurring"],
      ),
    ),
    quantity: optional(integer(1, 999_999)),
    tax_rates: optional(list(text(), 5)),
  }),
  ["adjustable_quantity"],
);

/** The values that `itemParameters` parses. */
export interface ItemGiven {
  metadata?: Record<string, string | null> | null;
  price?: string;
  price_data?: {
    currency: string;
    product?: string;
    product_data?: {
      description?: string;
      images?: string[];
      metadata?: Record<string, string | null> | null;
      name: string;
      tax_code?: string;
      unit_label?: string;
    };
    tax_behavior?: "exclusive" | "inclusive" | "unspecified";
    unit_amount?: number;
    unit_amount_decimal?: string;
  };
  quantity?: number;
  tax_rates?: string[];
}

/** A line item as it is stored. */
export interface SessionItem extends Priced {
  id: string;
  /** The id of its price. */
  price: string;
  currency: string;
  /** The name of its product. */
  description: string;
  metadata: Record<string, string>;
  taxRates: { id: string; percentage: number; inclusive: boolean }[];
  amounts: Amounts;
}

const NOTHING: Amounts = { subtotal: 0, discount: 0, tax: 0, total: 0 };

/** Reads line items: looks up their prices, or creates those described in the call. All have the same currency. */
export async function readItems(context: OperationContext, given: readonly ItemGiven[], param: string): Promise<SessionItem[]> {
  const items: SessionItem[] = [];
  for (const [at, one] of given.entries()) {
    const item = await readItem(context, one, `${param}[${at}]`);
    const currency = items[0]?.currency ?? item.currency;
    if (item.currency !== currency) throw apiError("checkout_currencies_differ", { currency, param: `${param}[${at}]` });
    items.push(item);
  }
  return items;
}

async function readItem(context: OperationContext, given: ItemGiven, param: string): Promise<SessionItem> {
  if (given.quantity === undefined) throw apiError("parameter_missing", { param: `${param}[quantity]` });
  const row = await priceOf(context, given, param);
  const price = row.data as unknown as OnTheWire<Stripe.Price>;
  if (price.recurring !== null) throw apiError("checkout_price_recurring", { param: `${param}[price]` });
  if (price.unit_amount_decimal === null) throw apiError("checkout_price_open", { param: `${param}[price]` });
  const product = await findInCatalogue(context, PRODUCT, price.product as string);
  const taxRates: SessionItem["taxRates"] = [];
  for (const [at, id] of (given.tax_rates ?? []).entries()) {
    const { data } = await namedInCatalogue(context, TAX_RATE, id, `${param}[tax_rates][${at}]`);
    taxRates.push({ id, percentage: data.percentage as number, inclusive: data.inclusive as boolean });
  }
  return {
    id: context.ids.newId("line_item", context.now),
    price: price.id,
    currency: price.currency,
    description: String(product?.data.name ?? ""),
    metadata: mergeMetadata({}, given.metadata),
    product: price.product as string,
    quantity: given.quantity,
    taxRates,
    transform: price.transform_quantity,
    unitAmount: price.unit_amount_decimal,
    amounts: NOTHING,
  };
}

/** The price that an item names or describes. A described price is created inactive, for this session only. */
async function priceOf(context: OperationContext, { price, price_data }: ItemGiven, param: string): Promise<ObjectRow> {
  if (price !== undefined && price_data !== undefined)
    throw apiError("parameters_exclusive", { param: `${param}[price]`, other: `${param}[price_data]` });
  if (price !== undefined) {
    const row = await namedInCatalogue(context, PRICE, price, `${param}[price]`);
    if (row.data.active === false) throw apiError("checkout_price_inactive", { param: `${param}[price]` });
    return row;
  }
  if (price_data === undefined) throw apiError("parameter_missing", { param: `${param}[price]` });
  const { product, product_data, ...told } = price_data;
  const data = `${param}[price_data]`;
  if (product !== undefined && product_data !== undefined)
    throw apiError("parameters_exclusive", { param: `${data}[product]`, other: `${data}[product_data]` });
  if (product === undefined && product_data === undefined) throw apiError("parameter_missing", { param: `${data}[product]` });
  if (product !== undefined) await namedInCatalogue(context, PRODUCT, product, `${data}[product]`);
  const id = product ?? ((await createProduct(context, { ...(product_data as { name: string }), active: false })).data.id as string);
  return createPrice(context, { ...told, product: id, active: false }, data);
}

/**
 * A line item as lists show it, with its price's current state.
 * Source: https://docs.stripe.com/api/checkout/sessions/line_items
 */
export async function showItem(context: OperationContext, item: SessionItem): Promise<JsonObject> {
  const price = await findInCatalogue(context, PRICE, item.price);
  return asJson({
    id: item.id,
    object: "item",
    adjustable_quantity: null,
    amount_discount: item.amounts.discount,
    amount_subtotal: item.amounts.subtotal,
    amount_tax: item.amounts.tax,
    amount_total: item.amounts.total,
    currency: item.currency,
    description: item.description,
    metadata: item.metadata,
    price: price === null ? null : (PRICE_VIEW.show(price, context.now) as unknown as OnTheWire<Stripe.Price>),
    quantity: item.quantity,
  } satisfies OnTheWire<Stripe.LineItem>);
}
