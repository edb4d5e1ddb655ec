import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { flag, hash, mergeMetadata, metadata, optional, text } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { type CatalogueKind, createInCatalogue, shownOf, type View } from "./catalogue-object.ts";

export const PRODUCT_VIEW: View = {
  object: "product",
  show: shownOf,
  events: { created: "product.created", updated: "product.updated", deleted: "product.deleted" },
};

export const PRODUCT: CatalogueKind = { object: "product", name: "product", idKind: "product", views: [PRODUCT_VIEW] };

/** A product described within the call that creates its price or plan. */
export const productData = coversStripeParams<Stripe.PriceCreateParams.ProductData>()(
  hash({
    active: optional(flag()),
    id: optional(text(500)),
    metadata: optional(metadata()),
    name: text(),
    statement_descriptor: optional(text(22)),
    tax_code: optional(text()),
    unit_label: optional(text(12)),
  }),
  ["tax_details"],
);

/** The parameters of a new product. */
export interface ProductGiven {
  active?: boolean | undefined;
  description?: string | undefined;
  id?: string | undefined;
  images?: string[] | undefined;
  marketing_features?: { name: string }[] | undefined;
  metadata?: Record<string, string | null> | null | undefined;
  name: string;
  package_dimensions?: { height: number; length: number; weight: number; width: number } | undefined;
  shippable?: boolean | undefined;
  statement_descriptor?: string | undefined;
  tax_code?: string | undefined;
  type?: "good" | "service" | undefined;
  unit_label?: string | undefined;
  url?: string | undefined;
}

/** Creates a product, and drafts its event. Throws `object_already_exists` for an id that is taken. */
export function createProduct(context: OperationContext, given: ProductGiven): Promise<ObjectRow> {
  return createInCatalogue(context, PRODUCT, {
    id: given.id,
    data: (identity): JsonObject =>
      asJson({
        ...identity,
        object: "product",
        active: given.active ?? true,
        default_price: null,
        description: given.description ?? null,
        images: given.images ?? [],
        marketing_features: given.marketing_features ?? [],
        metadata: mergeMetadata({}, given.metadata),
        name: given.name,
        package_dimensions: given.package_dimensions ?? null,
        shippable: given.shippable ?? null,
        statement_descriptor: given.statement_descriptor ?? null,
        tax_code: given.tax_code ?? null,
        tax_details: null,
        type: given.type ?? "service",
        unit_label: given.unit_label ?? null,
        updated: seconds(context.now),
        url: given.url ?? null,
      } satisfies Stripe.Product),
  });
}
