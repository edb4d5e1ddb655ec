import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import {
  choice,
  decimal,
  hash,
  integer,
  list,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
  timestamp,
} from "../../operations/parameters.ts";
import { timeRange } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { currencyGiven } from "../balance/currency.ts";
import {
  type CatalogueKind,
  catalogueField,
  changeInCatalogue,
  createInCatalogue,
  deleteFromCatalogue,
  fieldsGiven,
  listCatalogue,
  namedInCatalogue,
  ownInCatalogue,
  shownOf,
  showView,
  type View,
} from "./catalogue-object.ts";
import { PRODUCT } from "./product.ts";

export const COUPON_VIEW: View = {
  object: "coupon",
  show: showCoupon,
  events: { created: "coupon.created", updated: "coupon.updated", deleted: "coupon.deleted" },
};

export const COUPON: CatalogueKind = { object: "coupon", name: "coupon", idKind: "coupon", views: [COUPON_VIEW] };

/** Length of a generated coupon id. */
const ID_CHARS = 8;

/** Coupons. Source: https://docs.stripe.com/api/coupons */
export const coupons: Resource = {
  object: "coupon",
  expandable: { applies_to: catalogueField(COUPON, "applies_to") },
  operations: [
    operation({
      method: "POST",
      path: "/v1/coupons",
      params: coversStripeParams<Stripe.CouponCreateParams>()(
        params({
          amount_off: optional(integer(1)),
          applies_to: optional(hash({ products: optional(list(text())) })),
          currency: optional(text()),
          duration: optional(choice(["forever", "once", "repeating"])),
          duration_in_months: optional(integer(1)),
          id: optional(text(500)),
          max_redemptions: optional(integer(1)),
          metadata: optional(metadata()),
          name: optional(text(40)),
          percent_off: optional(decimal()),
          redeem_by: optional(timestamp()),
        }),
        ["currency_options"],
      ),
      async run(context, given) {
        const { amount_off, percent_off, duration = "once", duration_in_months } = given;
        checkDiscount(given);
        checkDuration(duration, duration_in_months);
        if (given.redeem_by !== undefined && given.redeem_by * 1_000 <= context.now)
          throw apiError("timestamp_in_past", { param: "redeem_by" });
        const currency = given.currency === undefined ? null : currencyGiven(given.currency);
        const products = await productsNamed(context, given.applies_to?.products);
        const row = await createInCatalogue(context, COUPON, {
          id: given.id ?? context.ids.secret(ID_CHARS),
          data: (identity) =>
            asJson({
              ...identity,
              object: "coupon",
              amount_off: amount_off ?? null,
              ...(products === undefined ? {} : { applies_to: { products } }),
              currency: amount_off === undefined ? null : currency,
              duration,
              duration_in_months: duration_in_months ?? null,
              max_redemptions: given.max_redemptions ?? null,
              metadata: mergeMetadata({}, given.metadata),
              name: given.name ?? null,
              percent_off: percent_off ?? null,
              redeem_by: given.redeem_by ?? null,
              times_redeemed: 0,
              valid: true,
            } satisfies Stripe.Coupon),
        });
        return showView(COUPON_VIEW, row, context);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/coupons",
      params: coversStripeParams<Stripe.CouponListParams>()(params({ ...pageProperties, created: optional(timeFilter()) })),
      run: (context, { created, expand: _, ...page }) =>
        listCatalogue(context, COUPON, COUPON_VIEW, {
          url: "/v1/coupons",
          page,
          created: timeRange(created),
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/coupons/:coupon",
      params: params({}),
      run: async (context, _, path) => showView(COUPON_VIEW, await ownInCatalogue(context, COUPON, path.coupon ?? ""), context),
    }),
    operation({
      method: "POST",
      path: "/v1/coupons/:coupon",
      params: coversStripeParams<Stripe.CouponUpdateParams>()(params({ metadata: optional(metadata()), name: optional(text(40)) }), [
        "currency_options",
      ]),
      async run(context, given, path) {
        const row = await ownInCatalogue(context, COUPON, path.coupon ?? "");
        const after = await changeInCatalogue(context, COUPON, row, {
          ...fieldsGiven(given, ["name"]),
          metadata: mergeMetadata(row.data.metadata as Record<string, string>, given.metadata),
        });
        return showView(COUPON_VIEW, after, context);
      },
    }),
    operation({
      method: "DELETE",
      path: "/v1/coupons/:coupon",
      params: params({}),
      run: async (context, _, path) =>
        deleteFromCatalogue(context, COUPON, await ownInCatalogue(context, COUPON, path.coupon ?? ""), COUPON_VIEW),
    }),
  ],
};

/** Requires either a percentage or an amount, not both. */
function checkDiscount({ amount_off, percent_off, currency }: { amount_off?: number; percent_off?: number; currency?: string }): void {
  if (amount_off !== undefined && percent_off !== undefined)
    throw apiError("parameters_exclusive", { param: "amount_off", other: "percent_off" });
  if (amount_off === undefined && percent_off === undefined)
    throw apiError("parameter_missing_either", { param: "percent_off", other: "amount_off" });
  if (percent_off !== undefined && !(percent_off > 0 && percent_off <= 100))
    throw apiError("percent_off_invalid", { param: "percent_off" });
  if (amount_off !== undefined && currency === undefined) throw apiError("parameter_missing", { param: "currency" });
}

function checkDuration(duration: string, months: number | undefined): void {
  const param = "duration_in_months";
  if (duration === "repeating" && months === undefined) throw apiError("parameter_missing", { param });
  if (duration !== "repeating" && months !== undefined) throw apiError("duration_in_months_unneeded", { param });
}

async function productsNamed(context: OperationContext, products: readonly string[] | undefined): Promise<string[] | undefined> {
  if (products === undefined || products.length === 0) return undefined;
  for (const [at, id] of products.entries()) await namedInCatalogue(context, PRODUCT, id, `applies_to[products][${at}]`);
  return [...products];
}

/** Whether a coupon can still be used: neither its time nor its redemptions are used up. */
export function isValidCoupon(row: ObjectRow, now: number): boolean {
  const { redeem_by, max_redemptions, times_redeemed } = row.data as unknown as Stripe.Coupon;
  return (redeem_by === null || redeem_by * 1_000 > now) && (max_redemptions === null || times_redeemed < max_redemptions);
}

function showCoupon(row: ObjectRow, now: number): JsonObject {
  // The products it applies to are shown only when expanded.
  const { applies_to: _, ...shown } = shownOf(row);
  return { ...shown, valid: isValidCoupon(row, now) };
}
