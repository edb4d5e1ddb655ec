import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import { amountsOf } from "./amounts.ts";
import type { CheckoutSession } from "./checkout-session.ts";
import { discountTyped } from "./discount.ts";
import { changeSession } from "./end-session.ts";
import { discountKept, discountShown, priced } from "./new-session.ts";

/** Applies the discount of a customer's code. Throws an error that names `param` for a code that cannot be redeemed. */
export async function applyCode(
  context: OperationContext,
  session: CheckoutSession,
  code: string,
  param: string,
): Promise<CheckoutSession> {
  const { shown, kept } = session;
  if (shown.allow_promotion_codes !== true || code === "") throw apiError("parameter_missing", { param });
  // The first payment attempt fixes the amount of the payment intent.
  if (shown.payment_intent !== null) throw apiError("checkout_discount_late", { param });
  const purchase = {
    currency: shown.currency,
    customer: shown.customer as string | null,
    subtotal: amountsOf(kept.items, null).sum.subtotal,
  };
  const discount = await discountTyped(context, code, purchase, param);
  const { items, sum } = priced(kept.items, discount);
  return changeSession(
    context,
    session,
    {
      amount_subtotal: sum.subtotal,
      amount_total: sum.total,
      discounts: [discountShown(discount)],
      payment_status: sum.total === 0 ? "no_payment_required" : "unpaid",
      total_details: { amount_discount: sum.discount, amount_shipping: 0, amount_tax: sum.tax },
    },
    { items, discount: discountKept(discount) },
  );
}
