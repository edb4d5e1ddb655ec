import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { OperationContext } from "../../operations/operation.ts";
import type { ObjectRow } from "../../store/contract/rows.ts";
import { amountShown } from "../balance/currency.ts";
import { changeInCatalogue, findInCatalogue, namedInCatalogue } from "../catalogue/catalogue-object.ts";
import { COUPON, isValidCoupon } from "../catalogue/coupons.ts";
import { findActiveCode, isActiveCode, PROMOTION_CODE } from "../catalogue/promotion-codes.ts";
import type { TakenOff } from "./amounts.ts";
import type { SessionKept } from "./checkout-session.ts";

/** A coupon redeemed directly or by a code. */
export interface Redeemed {
  coupon: ObjectRow;
  promotionCode: ObjectRow | null;
}

/** The purchase that a discount applies to. */
interface Purchase {
  currency: string | null;
  customer: string | null;
  /** Its total before discounts. */
  subtotal: number;
}

/** The coupon that a parameter names, directly or by a promotion code. Throws for one that cannot be redeemed. */
export async function discountNamed(
  context: OperationContext,
  given: { coupon?: string; promotion_code?: string },
  purchase: Purchase,
  param: string,
): Promise<Redeemed> {
  const { coupon, promotion_code } = given;
  if (coupon !== undefined && promotion_code !== undefined)
    throw apiError("parameters_exclusive", { param: `${param}[coupon]`, other: `${param}[promotion_code]` });
  if (promotion_code !== undefined) {
    const row = await namedInCatalogue(context, PROMOTION_CODE, promotion_code, `${param}[promotion_code]`);
    return byCode(context, row, purchase, `${param}[promotion_code]`);
  }
  if (coupon === undefined) throw apiError("parameter_missing", { param: `${param}[coupon]` });
  const row = await namedInCatalogue(context, COUPON, coupon, `${param}[coupon]`);
  checkCoupon(row, purchase, context.now, `${param}[coupon]`);
  return { coupon: row, promotionCode: null };
}

/** The same for a code that a customer typed. */
export async function discountTyped(context: OperationContext, code: string, purchase: Purchase, param: string): Promise<Redeemed> {
  const row = await findActiveCode(context, code);
  if (row === null)
    throw apiError("coupon_invalid", { object: "code", id: code.slice(0, 80), reason: "there is none, or it is over", param });
  return byCode(context, row, purchase, param);
}

async function byCode(context: OperationContext, row: ObjectRow, purchase: Purchase, param: string): Promise<Redeemed> {
  const { id, customer, promotion, restrictions } = row.data as unknown as Stripe.PromotionCode;
  const refuse = (reason: string) => apiError("coupon_invalid", { object: "promotion code", id, reason, param });
  if (!isActiveCode(row, context.now)) throw refuse("it is not active");
  if (customer !== null && customer !== purchase.customer) throw refuse("it is for another customer");
  const { first_time_transaction, minimum_amount, minimum_amount_currency } = restrictions;
  if (minimum_amount !== null && (minimum_amount_currency !== purchase.currency || purchase.subtotal < minimum_amount))
    throw refuse(`it is for payments of ${amountShown(minimum_amount, minimum_amount_currency ?? "usd")} and more`);
  if (first_time_transaction && (await hasPaid(context, purchase.customer))) throw refuse("it is for a customer's first payment");
  const coupon = await findInCatalogue(context, COUPON, promotion.coupon as string);
  if (coupon === null) throw refuse("its coupon has been deleted");
  checkCoupon(coupon, purchase, context.now, param);
  return { coupon, promotionCode: row };
}

async function hasPaid({ tx, account, livemode }: OperationContext, customer: string | null): Promise<boolean> {
  if (customer === null) return false;
  const where = { customer, status: "succeeded" };
  return (await tx.objects({ object: "payment_intent", accountId: account.id, livemode, where }, { limit: 1 })).rows.length > 0;
}

function checkCoupon(row: ObjectRow, { currency }: Purchase, now: number, param: string): void {
  const coupon = row.data as unknown as Stripe.Coupon;
  const refuse = (reason: string) => apiError("coupon_invalid", { object: "coupon", id: coupon.id, reason, param });
  if (!isValidCoupon(row, now)) throw refuse("it is no longer valid");
  if (coupon.currency !== null && coupon.currency !== currency) throw refuse(`it is for payments in ${coupon.currency}`);
}

/** The discount of a coupon. */
export function takenOff({ coupon }: Redeemed): TakenOff {
  const { percent_off: percent, amount_off: amount, applies_to } = coupon.data as unknown as Stripe.Coupon;
  return { percent, amount, products: applies_to?.products ?? null };
}

/** Counts a redemption of the coupon and of its promotion code. */
export async function countRedemption(context: OperationContext, discount: NonNullable<SessionKept["discount"]>): Promise<void> {
  const coupon = await findInCatalogue(context, COUPON, discount.coupon);
  if (coupon !== null) await changeInCatalogue(context, COUPON, coupon, counted(coupon));
  if (discount.promotionCode === null) return;
  const code = await findInCatalogue(context, PROMOTION_CODE, discount.promotionCode);
  if (code === null) return;
  const { times_redeemed } = counted(code);
  const usedUp = times_redeemed === code.data.max_redemptions;
  await changeInCatalogue(context, PROMOTION_CODE, code, { times_redeemed, ...(usedUp ? { active: false } : {}) });
}

const counted = ({ data }: ObjectRow) => ({ times_redeemed: (data.times_redeemed as number) + 1 });
