import { apiError } from "@carabiner/protocol";
import type { SavedPaymentMethod } from "./payment-method.ts";

/** The intended use of a payment method, for errors. */
export interface PaymentMethodUse {
  /** The object that uses it: `PaymentIntent`. */
  of: string;
  param: string;
}

/**
 * Throws unless a payment method can be used for the given customer, or without one. An attached method works only for
 * its own customer. A used or detached one cannot be used at all.
 */
export function checkUsable({ row, state }: SavedPaymentMethod, customer: string | null, { of, param }: PaymentMethodUse): void {
  if (state.customer === null) {
    if (state.spent) throw apiError("payment_method_consumed", { param });
    return;
  }
  if (customer === null) throw apiError("payment_method_needs_customer", { id: row.id, customer: state.customer, object: of, param });
  if (customer !== state.customer) throw apiError("payment_method_of_other_customer", { id: row.id, customer, param });
}
