import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { isHash } from "../../operations/merge-change.ts";
import type { OnTheWire } from "../../operations/on-the-wire.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import {
  either,
  flag,
  integer,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../operations/parameters.ts";
import { timeRange } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import {
  catalogueExpander,
  catalogueField,
  changeInCatalogue,
  deleteFromCatalogue,
  fieldsGiven,
  listCatalogue,
  namedInCatalogue,
  ownInCatalogue,
  showView,
} from "./catalogue-object.ts";
import { createPrice, PLAN_VIEW, PRICE, priceFields } from "./price.ts";
import { createProduct, PRODUCT, PRODUCT_VIEW, productData } from "./product.ts";

/** Plans: recurring prices in older integrations. Source: https://docs.stripe.com/api/plans */
export const plans: Resource = {
  object: "plan",
  expandable: { product: catalogueExpander(PRODUCT, PRODUCT_VIEW), tiers: catalogueField(PRICE, "tiers") },
  operations: [
    operation({
      method: "POST",
      path: "/v1/plans",
      params: coversStripeParams<OnTheWire<Omit<Stripe.PlanCreateParams, "product">>>()(
        params({
          active: optional(flag()),
          amount: priceFields.unit_amount,
          amount_decimal: priceFields.unit_amount_decimal,
          billing_scheme: priceFields.billing_scheme,
          currency: text(),
          id: optional(text(500)),
          interval: priceFields.interval,
          interval_count: priceFields.interval_count,
          metadata: optional(metadata()),
          meter: optional(text()),
          nickname: optional(text()),
          product: optional(either(text(), productData)),
          tiers: priceFields.tiers,
          tiers_mode: priceFields.tiers_mode,
          transform_usage: priceFields.transform,
          trial_period_days: optional(integer(1)),
          usage_type: priceFields.usage_type,
        }),
      ),
      async run(context, given) {
        const { amount, amount_decimal, product, interval, interval_count, meter, trial_period_days, usage_type } = given;
        if (product === undefined) throw apiError("parameter_missing", { param: "product" });
        if (amount !== undefined && amount_decimal !== undefined)
          throw apiError("parameters_exclusive", { param: "amount", other: "amount_decimal" });
        if (amount === undefined && amount_decimal === undefined && given.billing_scheme !== "tiered")
          throw apiError("parameter_missing_either", { param: "amount", other: "amount_decimal" });
        const row = await createPrice(context, {
          active: given.active,
          billing_scheme: given.billing_scheme,
          currency: given.currency,
          id: given.id,
          metadata: given.metadata,
          nickname: given.nickname,
          product: await productOf(context, product),
          recurring: {
            interval,
            ...(interval_count === undefined ? {} : { interval_count }),
            ...(meter === undefined ? {} : { meter }),
            ...(trial_period_days === undefined ? {} : { trial_period_days }),
            ...(usage_type === undefined ? {} : { usage_type }),
          },
          tiers: given.tiers,
          tiers_mode: given.tiers_mode,
          transform_quantity: given.transform_usage,
          unit_amount: amount,
          unit_amount_decimal: amount_decimal,
        });
        return showView(PLAN_VIEW, row, context);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/plans",
      params: coversStripeParams<Stripe.PlanListParams>()(
        params({ ...pageProperties, active: optional(flag()), created: optional(timeFilter()), product: optional(text()) }),
      ),
      run: (context, { active, created, product, expand: _, ...page }) =>
        listCatalogue(context, PRICE, PLAN_VIEW, {
          url: "/v1/plans",
          page,
          created: timeRange(created),
          where: { active, product, type: "recurring" },
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/plans/:plan",
      params: params({}),
      run: async (context, _, path) => showView(PLAN_VIEW, await ownPlan(context, path.plan ?? ""), context),
    }),
    operation({
      method: "POST",
      path: "/v1/plans/:plan",
      params: coversStripeParams<Stripe.PlanUpdateParams>()(
        params({
          active: optional(flag()),
          metadata: optional(metadata()),
          nickname: optional(text()),
          product: optional(text()),
          trial_period_days: optional(integer(1)),
        }),
      ),
      async run(context, given, path) {
        const row = await ownPlan(context, path.plan ?? "");
        const { product, trial_period_days } = given;
        if (product !== undefined) await namedInCatalogue(context, PRODUCT, product, "product");
        const after = await changeInCatalogue(context, PRICE, row, {
          ...fieldsGiven(given, ["active", "nickname", "product"]),
          ...(trial_period_days === undefined ? {} : { recurring: { ...(row.data.recurring as JsonObject), trial_period_days } }),
          metadata: mergeMetadata(row.data.metadata as Record<string, string>, given.metadata),
        });
        return showView(PLAN_VIEW, after, context);
      },
    }),
    operation({
      method: "DELETE",
      path: "/v1/plans/:plan",
      params: params({}),
      run: async (context, _, path) => deleteFromCatalogue(context, PRICE, await ownPlan(context, path.plan ?? ""), PLAN_VIEW),
    }),
  ],
};

/** The plan that a path names. A one-time price is not a plan. */
async function ownPlan(context: OperationContext, id: string): Promise<ObjectRow> {
  const row = await ownInCatalogue(context, PRICE, id, "plan");
  if (!isHash(row.data.recurring)) throw apiError("resource_missing", { object: "plan", id, param: "id" });
  return row;
}

/** The id of a plan's product. Creates a product described in the call. */
async function productOf(context: OperationContext, product: string | { name: string }): Promise<string> {
  if (typeof product !== "string") return (await createProduct(context, product)).data.id as string;
  await namedInCatalogue(context, PRODUCT, product, "product");
  return product;
}
