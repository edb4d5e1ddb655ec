import { type ApiError, apiError } from "@carabiner/protocol";
import { amountShown } from "../balance/currency.ts";

/** What is refunded: a charge or an application fee. */
interface Refunded {
  amount: number;
  amount_refunded: number;
  currency: string;
}

/** The refusal of a refund that exceeds what is left, in Stripe's words, which client code looks for. */
export function refundTooLarge({ amount, amount_refunded, currency }: Refunded, asked: number, what: string): ApiError {
  return apiError("refund_too_large", {
    amount: amountShown(asked, currency),
    whole: amount_refunded === 0 ? `${what} amount` : `unrefunded amount on ${what}`,
    left: amountShown(amount - amount_refunded, currency),
    param: "amount",
  });
}
