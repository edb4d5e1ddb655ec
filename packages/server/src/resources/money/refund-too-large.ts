import { type ApiError, apiError } from "@carabiner/protocol";
import { amountShown } from "../balance/currency.ts";

/** What a refund is of: a charge or an application fee. */
interface Refunded {
  amount: number;
  amount_refunded: number;
  currency: string;
}

/** The refusal of a refund of more than is left, in the words of Stripe's own, which code looks for. */
export function refundTooLarge({ amount, amount_refunded, currency }: Refunded, asked: number, what: string): ApiError {
  return apiError("refund_too_large", {
    amount: amountShown(asked, currency),
    whole: amount_refunded === 0 ? `${what} amount` : `unrefunded amount on ${what}`,
    left: amountShown(amount - amount_refunded, currency),
    param: "amount",
  });
}
