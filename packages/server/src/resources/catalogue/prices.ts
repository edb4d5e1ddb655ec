import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import type { OnTheWire } from "../../operations/on-the-wire.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import { pageOf } from "../../operations/page-of.ts";
import {
  choice,
  flag,
  hash,
  integer,
  list,
  listAnswer,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../operations/parameters.ts";
import { searchOperation } from "../../operations/search-operation.ts";
import { timeRange } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import {
  catalogueExpander,
  catalogueField,
  changeInCatalogue,
  fieldsGiven,
  findInCatalogue,
  kindOfView,
  listCatalogue,
  namedInCatalogue,
  ownInCatalogue,
  showView,
} from "./catalogue-object.ts";
import { createPrice, PRICE, PRICE_VIEW, priceFields, takeLookupKey } from "./price.ts";
import { createProduct, PRODUCT, PRODUCT_VIEW, productData } from "./product.ts";

/** How many lookup keys can filter a list. Source: https://docs.stripe.com/api/prices/list */
const LOOKUP_KEYS_ASKED = 10;

/** Prices of products. Source: https://docs.stripe.com/api/prices */
export const prices: Resource = {
  object: "price",
  expandable: { product: catalogueExpander(PRODUCT, PRODUCT_VIEW), tiers: catalogueField(PRICE, "tiers") },
  operations: [
    operation({
      method: "POST",
      path: "/v1/prices",
      params: coversStripeParams<OnTheWire<Omit<Stripe.PriceCreateParams, "product_data">>>()(
        params({
          active: optional(flag()),
          billing_scheme: priceFields.billing_scheme,
          currency: text(),
          custom_unit_amount: priceFields.custom_unit_amount,
          lookup_key: optional(text(200)),
          metadata: optional(metadata()),
          nickname: optional(text()),
          product: optional(text()),
          product_data: optional(productData),
          recurring: optional(
            hash({
              interval: priceFields.interval,
              interval_count: priceFields.interval_count,
              meter: optional(text()),
              trial_period_days: optional(integer(1)),
              usage_type: priceFields.usage_type,
            }),
          ),
          tax_behavior: priceFields.tax_behavior,
          tiers: priceFields.tiers,
          tiers_mode: priceFields.tiers_mode,
          transfer_lookup_key: optional(flag()),
          transform_quantity: priceFields.transform,
          unit_amount: priceFields.unit_amount,
          unit_amount_decimal: priceFields.unit_amount_decimal,
        }),
        ["currency_options"],
      ),
      async run(context, { expand: _, product, product_data, ...given }) {
        if (product !== undefined && product_data !== undefined)
          throw apiError("parameters_exclusive", { param: "product", other: "product_data" });
        if (product_data !== undefined) {
          const made = await createProduct(context, product_data);
          return showView(PRICE_VIEW, await createPrice(context, { ...given, product: made.data.id as string }), context);
        }
        if (product === undefined) throw apiError("parameter_missing", { param: "product" });
        await namedInCatalogue(context, PRODUCT, product, "product");
        return showView(PRICE_VIEW, await createPrice(context, { ...given, product }), context);
      },
    }),
    searchOperation({
      path: "/v1/prices",
      kind: kindOfView(PRICE, PRICE_VIEW),
      fields: { active: "token", currency: "token", lookup_key: "string", product: "string", type: "token" },
      where: { deleted: false },
    }),
    operation({
      method: "GET",
      path: "/v1/prices",
      params: coversStripeParams<Stripe.PriceListParams>()(
        params({
          ...pageProperties,
          active: optional(flag()),
          created: optional(timeFilter()),
          currency: optional(text()),
          lookup_keys: optional(list(text(200), LOOKUP_KEYS_ASKED)),
          product: optional(text()),
          recurring: optional(
            hash({
              interval: optional(choice(["day", "month", "week", "year"])),
              meter: optional(text()),
              usage_type: priceFields.usage_type,
            }),
          ),
          type: optional(choice(["one_time", "recurring"])),
        }),
      ),
      run(context, { active, created, currency, lookup_keys, product, recurring, type, expand: _, ...page }) {
        const where = {
          active,
          currency: currency?.toLowerCase(),
          product,
          type: type ?? (recurring === undefined ? undefined : "recurring"),
          by_interval: recurring?.interval,
          by_meter: recurring?.meter,
          by_usage_type: recurring?.usage_type,
        };
        if (lookup_keys !== undefined) return listByKeys(context, lookup_keys, where, page);
        return listCatalogue(context, PRICE, PRICE_VIEW, {
          url: "/v1/prices",
          page,
          created: timeRange(created),
          where,
        });
      },
    }),
    operation({
      method: "GET",
      path: "/v1/prices/:price",
      params: params({}),
      run: async (context, _, path) => showView(PRICE_VIEW, await ownInCatalogue(context, PRICE, path.price ?? ""), context),
    }),
    operation({
      method: "POST",
      path: "/v1/prices/:price",
      params: coversStripeParams<Stripe.PriceUpdateParams>()(
        params({
          active: optional(flag()),
          lookup_key: optional(text(200)),
          metadata: optional(metadata()),
          nickname: optional(text()),
          tax_behavior: priceFields.tax_behavior,
          transfer_lookup_key: optional(flag()),
        }),
        ["currency_options"],
      ),
      async run(context, given, path) {
        const row = await ownInCatalogue(context, PRICE, path.price ?? "");
        const { tax_behavior } = given;
        if (tax_behavior !== undefined && row.data.tax_behavior !== "unspecified" && row.data.tax_behavior !== tax_behavior)
          throw apiError("tax_behavior_fixed", { param: "tax_behavior" });
        if (given.lookup_key !== undefined) await takeLookupKey(context, given.lookup_key, given.transfer_lookup_key === true, row.id);
        const after = await changeInCatalogue(context, PRICE, row, {
          ...fieldsGiven(given, ["active", "lookup_key", "nickname", "tax_behavior"]),
          metadata: mergeMetadata(row.data.metadata as Record<string, string>, given.metadata),
        });
        return showView(PRICE_VIEW, after, context);
      },
    }),
  ],
};

interface Cursors {
  limit?: number;
  starting_after?: string;
  ending_before?: string;
}

/** The prices with one of several lookup keys, newest first. */
async function listByKeys(
  context: OperationContext,
  keys: readonly string[],
  where: Readonly<Record<string, string | boolean | undefined>>,
  asked: Cursors,
): Promise<JsonObject> {
  const { tx, account, livemode, limits } = context;
  const asks = Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined)) as Record<string, string | boolean>;
  const found: ObjectRow[] = [];
  for (const lookup_key of new Set(keys)) {
    const filter = { object: PRICE.object, accountId: account.id, livemode, where: { ...asks, lookup_key, deleted: false } };
    found.push(...(await tx.objects(filter, { limit: 1 })).rows);
  }
  found.sort((one, other) => (one.id < other.id ? 1 : -1));
  const cursors = { name: "price", knows: async (id: string) => (await findInCatalogue(context, PRICE, id)) !== null };
  const { rows, hasMore } = pageOf(found, ({ data }) => data.id as string, await pageAsked(asked, limits, cursors));
  return listAnswer(
    "/v1/prices",
    rows.map((row) => showView(PRICE_VIEW, row, context)),
    hasMore,
  );
}
