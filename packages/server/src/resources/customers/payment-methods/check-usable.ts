import { apiError } from "@carabiner/protocol";
import type { SavedPaymentMethod } from "./payment-method.ts";

/** Where a payment method is to be used, for errors. */
export interface PaymentMethodUse {
  /** What it is used for: `PaymentIntent`. */
  of: string;
  param: string;
}

/**
 * Throws unless a payment method can be used for a customer, or for nobody's in particular: an attached one only for its
 * own, one that was used or detached for none.
 */
export function checkUsable({ row, state }: SavedPaymentMethod, customer: string | null, { of, param }: PaymentMethodUse): void {
  if (state.customer === null) {
    if (state.spent) throw apiError("payment_method_consumed", { param });
    return;
  }
  if (customer === null) throw apiError("payment_method_needs_customer", { id: row.id, customer: state.customer, object: of, param });
  if (customer !== state.customer) throw apiError("payment_method_of_other_customer", { id: row.id, customer, param });
}
