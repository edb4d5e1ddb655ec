import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import type { OnTheWire } from "../../operations/on-the-wire.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { pageOf } from "../../operations/page-of.ts";
import {
  choice,
  clearableFormatted,
  clearableHash,
  clearableList,
  clearableText,
  decimal,
  flag,
  formatted,
  hash,
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
import { seconds, timeRange } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import {
  catalogueExpander,
  changeInCatalogue,
  deleteFromCatalogue,
  fieldsGiven,
  findInCatalogue,
  kindOfView,
  listCatalogue,
  namedInCatalogue,
  ownInCatalogue,
  showView,
} from "./catalogue-object.ts";
import { createPrice, PRICE, PRICE_VIEW, priceFields } from "./price.ts";
import { createProduct, PRODUCT, PRODUCT_VIEW } from "./product.ts";

const dimensions = { height: decimal(), length: decimal(), weight: decimal(), width: decimal() };

/** How many ids can filter a list of products. */
const IDS_ASKED = 100;

/** Products. Source: https://docs.stripe.com/api/products */
export const products: Resource = {
  object: "product",
  expandable: { default_price: catalogueExpander(PRICE, PRICE_VIEW) },
  operations: [
    operation({
      method: "POST",
      path: "/v1/products",
      params: coversStripeParams<OnTheWire<Omit<Stripe.ProductCreateParams, "default_price_data">>>()(
        params({
          active: optional(flag()),
          default_price_data: optional(
            coversStripeParams<OnTheWire<Stripe.ProductCreateParams.DefaultPriceData>>()(
              hash({
                currency: text(),
                custom_unit_amount: priceFields.custom_unit_amount,
                metadata: optional(metadata()),
                recurring: optional(hash({ interval: priceFields.interval, interval_count: priceFields.interval_count })),
                tax_behavior: priceFields.tax_behavior,
                unit_amount: priceFields.unit_amount,
                unit_amount_decimal: priceFields.unit_amount_decimal,
              }),
              ["currency_options"],
            ),
          ),
          description: optional(text(40_000)),
          id: optional(text(500)),
          images: optional(list(text(2_048), 8)),
          marketing_features: optional(list(hash({ name: text(80) }), 15)),
          metadata: optional(metadata()),
          name: text(),
          package_dimensions: optional(hash(dimensions)),
          shippable: optional(flag()),
          statement_descriptor: optional(text(22)),
          tax_code: optional(text()),
          type: optional(choice(["good", "service"])),
          unit_label: optional(text(12)),
          url: optional(formatted("url")),
        }),
        ["tax_details"],
      ),
      async run(context, { default_price_data, expand: _, ...given }) {
        const row = await createProduct(context, given);
        if (default_price_data === undefined) return showView(PRODUCT_VIEW, row, context);
        const price = await createPrice(context, { ...default_price_data, product: row.data.id as string }, "default_price_data");
        return showView(PRODUCT_VIEW, await changeInCatalogue(context, PRODUCT, row, { default_price: price.id }), context);
      },
    }),
    searchOperation({
      path: "/v1/products",
      kind: kindOfView(PRODUCT, PRODUCT_VIEW),
      fields: { active: "token", description: "string", name: "string", shippable: "token", url: "string" },
      where: { deleted: false },
    }),
    operation({
      method: "GET",
      path: "/v1/products",
      params: coversStripeParams<Stripe.ProductListParams>()(
        params({
          ...pageProperties,
          active: optional(flag()),
          created: optional(timeFilter()),
          ids: optional(list(text(), IDS_ASKED)),
          shippable: optional(flag()),
          type: optional(choice(["good", "service"])),
          url: optional(text(5_000)),
        }),
      ),
      run(context, { active, created, ids, shippable, type, url, expand: _, ...page }) {
        if (ids !== undefined) return listNamed(context, ids);
        return listCatalogue(context, PRODUCT, PRODUCT_VIEW, {
          url: "/v1/products",
          page,
          created: timeRange(created),
          where: { active, shippable, type, url },
        });
      },
    }),
    operation({
      method: "GET",
      path: "/v1/products/:product",
      params: params({}),
      run: async (context, _, path) => showView(PRODUCT_VIEW, await ownInCatalogue(context, PRODUCT, path.product ?? ""), context),
    }),
    operation({
      method: "POST",
      path: "/v1/products/:product",
      params: coversStripeParams<Stripe.ProductUpdateParams>()(
        params({
          active: optional(flag()),
          default_price: optional(clearableText()),
          description: optional(clearableText(40_000)),
          images: optional(clearableList(text(2_048), 8)),
          marketing_features: optional(clearableList(hash({ name: text(80) }), 15)),
          metadata: optional(metadata()),
          name: optional(text()),
          package_dimensions: optional(clearableHash(dimensions)),
          shippable: optional(flag()),
          statement_descriptor: optional(clearableText(22)),
          tax_code: optional(clearableText()),
          unit_label: optional(clearableText(12)),
          url: optional(clearableFormatted("url")),
        }),
        ["tax_details"],
      ),
      run: (context, given, path) => updateProduct(context, given, path.product ?? ""),
    }),
    operation({
      method: "DELETE",
      path: "/v1/products/:product",
      params: params({}),
      async run(context, _, path) {
        const row = await ownInCatalogue(context, PRODUCT, path.product ?? "");
        const { tx, account, livemode } = context;
        const where = { product: row.data.id as string, deleted: false };
        const { rows } = await tx.objects({ object: PRICE.object, accountId: account.id, livemode, where }, { limit: 1 });
        if (rows.length > 0) throw apiError("product_has_prices", { product: where.product });
        return deleteFromCatalogue(context, PRODUCT, row, PRODUCT_VIEW);
      },
    }),
  ],
};

/** The products with the given ids, newest first. */
async function listNamed(context: OperationContext, ids: readonly string[]): Promise<JsonObject> {
  const found: ObjectRow[] = [];
  for (const id of new Set(ids)) {
    const row = await findInCatalogue(context, PRODUCT, id);
    if (row !== null) found.push(row);
  }
  found.sort((one, other) => (one.id < other.id ? 1 : -1));
  const { rows, hasMore } = pageOf(found, ({ id }) => id, { limit: IDS_ASKED });
  return listAnswer(
    "/v1/products",
    rows.map((row) => showView(PRODUCT_VIEW, row, context)),
    hasMore,
  );
}

const UPDATABLE = [
  "active",
  "default_price",
  "description",
  "name",
  "package_dimensions",
  "shippable",
  "statement_descriptor",
  "tax_code",
  "unit_label",
  "url",
];

interface Update {
  default_price?: string | null;
  images?: string[] | null;
  marketing_features?: { name: string }[] | null;
  metadata?: Record<string, string | null> | null;
}

async function updateProduct(context: OperationContext, given: Update, id: string): Promise<JsonObject> {
  const row = await ownInCatalogue(context, PRODUCT, id);
  const { default_price, images, marketing_features } = given;
  if (default_price !== undefined && default_price !== null) {
    const price = await namedInCatalogue(context, PRICE, default_price, "default_price");
    if (price.data.product !== row.data.id)
      throw apiError("price_of_other_product", { price: default_price, product: String(price.data.product), param: "default_price" });
  }
  const changed: JsonObject = {
    ...fieldsGiven(given as Record<string, unknown>, UPDATABLE),
    ...(images === undefined ? {} : { images: images ?? [] }),
    ...(marketing_features === undefined ? {} : { marketing_features: marketing_features ?? [] }),
    metadata: mergeMetadata(row.data.metadata as Record<string, string>, given.metadata),
  };
  const differs = JSON.stringify({ ...row.data, ...changed }) !== JSON.stringify(row.data);
  const after = differs ? await changeInCatalogue(context, PRODUCT, row, { ...changed, updated: seconds(context.now) }) : row;
  return showView(PRODUCT_VIEW, after, context);
}
