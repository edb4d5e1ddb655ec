import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import {
  choice,
  flag,
  hash,
  integer,
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
import { customerFields, customerFilter, customerNamed, expandCustomer } from "../customers/customer.ts";
import {
  type CatalogueKind,
  catalogueExpander,
  changeInCatalogue,
  createInCatalogue,
  fieldsGiven,
  listCatalogue,
  namedInCatalogue,
  ownInCatalogue,
  shownOf,
  showView,
  type View,
} from "./catalogue-object.ts";
import { COUPON, COUPON_VIEW } from "./coupons.ts";

export const PROMOTION_CODE_VIEW: View = {
  object: "promotion_code",
  show: showPromotionCode,
  events: { created: "promotion_code.created", updated: "promotion_code.updated" },
};

export const PROMOTION_CODE: CatalogueKind = {
  object: "promotion_code",
  name: "promotion code",
  idKind: "promotion_code",
  views: [PROMOTION_CODE_VIEW],
};

/** Length of a generated code. */
const CODE_CHARS = 8;

/** The expiry of a code that never expires. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** Codes that customers redeem for coupons. Source: https://docs.stripe.com/api/promotion_codes */
export const promotionCodes: Resource = {
  object: "promotion_code",
  expandable: { customer: expandCustomer, "promotion.coupon": catalogueExpander(COUPON, COUPON_VIEW) },
  operations: [
    operation({
      method: "POST",
      path: "/v1/promotion_codes",
      params: coversStripeParams<Omit<Stripe.PromotionCodeCreateParams, "restrictions">>()(
        params({
          active: optional(flag()),
          code: optional(text(500)),
          /** The name of `promotion[coupon]` before version 2025-09-30. */
          coupon: optional(text()),
          customer: optional(text()),
          customer_account: optional(text()),
          expires_at: optional(timestamp()),
          max_redemptions: optional(integer(1)),
          metadata: optional(metadata()),
          promotion: optional(hash({ coupon: optional(text()), type: choice(["coupon"]) })),
          restrictions: optional(
            coversStripeParams<Stripe.PromotionCodeCreateParams.Restrictions>()(
              hash({
                first_time_transaction: optional(flag()),
                minimum_amount: optional(integer(1)),
                minimum_amount_currency: optional(text()),
              }),
              ["currency_options"],
            ),
          ),
        }),
      ),
      async run(context, given) {
        const coupon = await couponNamed(context, given);
        const customer = await customerNamed(context, given);
        if (given.expires_at !== undefined && given.expires_at * 1_000 <= context.now)
          throw apiError("timestamp_in_past", { param: "expires_at" });
        const { first_time_transaction = false, minimum_amount, minimum_amount_currency } = given.restrictions ?? {};
        if (minimum_amount !== undefined && minimum_amount_currency === undefined)
          throw apiError("parameter_missing", { param: "restrictions[minimum_amount_currency]" });
        const code = given.code ?? context.ids.secret(CODE_CHARS).toUpperCase();
        if (!/^[a-zA-Z0-9-]+$/.test(code)) throw apiError("promotion_code_invalid", { param: "code" });
        if (given.active !== false) await checkCodeIsFree(context, code);
        const row = await createInCatalogue(context, PROMOTION_CODE, {
          data: (identity) => ({
            ...asJson({
              ...identity,
              object: "promotion_code",
              active: given.active ?? true,
              code,
              ...customerFields(customer),
              expires_at: given.expires_at ?? null,
              max_redemptions: given.max_redemptions ?? null,
              metadata: mergeMetadata({}, given.metadata),
              promotion: { type: "coupon", coupon },
              restrictions: {
                first_time_transaction,
                minimum_amount: minimum_amount ?? null,
                minimum_amount_currency:
                  minimum_amount_currency === undefined
                    ? null
                    : currencyGiven(minimum_amount_currency, "restrictions[minimum_amount_currency]"),
              },
              times_redeemed: 0,
            } satisfies Stripe.PromotionCode),
            by_code: code.toLowerCase(),
            by_coupon: coupon,
            by_end: given.expires_at === undefined ? NEVER : given.expires_at * 1_000,
          }),
        });
        return showView(PROMOTION_CODE_VIEW, row, context);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/promotion_codes",
      params: coversStripeParams<Stripe.PromotionCodeListParams>()(
        params({
          ...pageProperties,
          active: optional(flag()),
          code: optional(text(500)),
          coupon: optional(text()),
          created: optional(timeFilter()),
          customer: optional(text()),
          customer_account: optional(text()),
        }),
      ),
      run: async (context, { active, code, coupon, created, customer, customer_account, expand: _, ...page }) =>
        listCatalogue(context, PROMOTION_CODE, PROMOTION_CODE_VIEW, {
          url: "/v1/promotion_codes",
          page,
          created: timeRange(created),
          where: {
            active,
            by_code: code?.toLowerCase(),
            by_coupon: coupon,
            customer: await customerFilter(context, { customer, customer_account }),
          },
          within: { by_end: active === true ? { gt: context.now } : undefined },
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/promotion_codes/:promotion_code",
      params: params({}),
      run: async (context, _, path) =>
        showView(PROMOTION_CODE_VIEW, await ownInCatalogue(context, PROMOTION_CODE, path.promotion_code ?? ""), context),
    }),
    operation({
      method: "POST",
      path: "/v1/promotion_codes/:promotion_code",
      params: coversStripeParams<Stripe.PromotionCodeUpdateParams>()(params({ active: optional(flag()), metadata: optional(metadata()) }), [
        "restrictions",
      ]),
      async run(context, given, path) {
        const row = await ownInCatalogue(context, PROMOTION_CODE, path.promotion_code ?? "");
        if (given.active === true && row.data.active === false) await checkCodeIsFree(context, row.data.code as string);
        const after = await changeInCatalogue(context, PROMOTION_CODE, row, {
          ...fieldsGiven(given, ["active"]),
          metadata: mergeMetadata(row.data.metadata as Record<string, string>, given.metadata),
        });
        return showView(PROMOTION_CODE_VIEW, after, context);
      },
    }),
  ],
};

interface CouponGiven {
  coupon?: string;
  promotion?: { coupon?: string; type: "coupon" };
}

/** The id of the coupon that a call names, under either parameter name. */
async function couponNamed(context: OperationContext, { coupon, promotion }: CouponGiven): Promise<string> {
  if (coupon !== undefined && promotion !== undefined) throw apiError("parameters_exclusive", { param: "coupon", other: "promotion" });
  if (coupon === undefined && promotion === undefined) throw apiError("parameter_missing", { param: "promotion" });
  const id = coupon ?? promotion?.coupon;
  const param = promotion === undefined ? "coupon" : "promotion[coupon]";
  if (id === undefined) throw apiError("parameter_missing", { param });
  await namedInCatalogue(context, COUPON, id, param);
  return id;
}

/** Throws `promotion_code_taken` when an active promotion code has the same code, since codes must be unambiguous. */
async function checkCodeIsFree(context: OperationContext, code: string): Promise<void> {
  if ((await findActiveCode(context, code)) !== null) throw apiError("promotion_code_taken", { code, param: "code" });
}

/** The account's active promotion code that matches a customer's input; null when no code matches. */
export async function findActiveCode({ tx, account, livemode, now }: OperationContext, code: string): Promise<ObjectRow | null> {
  const where = { by_code: code.toLowerCase(), active: true };
  const { rows } = await tx.objects({ object: PROMOTION_CODE.object, accountId: account.id, livemode, where }, { limit: CODES_LOOKED_AT });
  return rows.find((row) => isActiveCode(row, now)) ?? null;
}

/** How many promotion codes with the same code are read, newest first: only the newest can be active. */
const CODES_LOOKED_AT = 100;

/** Whether a code's own limits allow redeeming it. */
export function isActiveCode(row: ObjectRow, now: number): boolean {
  const { active, expires_at, max_redemptions, times_redeemed } = row.data as unknown as Stripe.PromotionCode;
  return active && (expires_at === null || expires_at * 1_000 > now) && (max_redemptions === null || times_redeemed < max_redemptions);
}

function showPromotionCode(row: ObjectRow, now: number): JsonObject {
  return { ...shownOf(row), active: isActiveCode(row, now) };
}
