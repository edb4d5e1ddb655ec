import { apiError } from "@carabiner/protocol";
import { findOwn } from "../../../operations/object-kind.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import type { PaymentMethod } from "../../customers/payment-methods/card.ts";
import { checkUsable, type PaymentMethodUse } from "../../customers/payment-methods/check-usable.ts";
import { PAYMENT_METHOD, readPaymentMethod, type SavedPaymentMethod } from "../../customers/payment-methods/payment-method.ts";
import { type PaymentMethodTold, paymentMethodNamed, savePaymentMethodTold } from "../../customers/payment-methods/save-payment-method.ts";

/** How a call gives a payment method: it names one, or tells one. */
export interface PaymentMethodGiven {
  payment_method?: string | undefined;
  payment_method_data?: PaymentMethodTold | undefined;
}

/**
 * The payment method a call names or tells, for a customer or for nobody in particular; null when it does neither.
 * Throws for one that is not there, and for one that cannot be used so.
 */
export async function paymentMethodGiven(
  context: OperationContext,
  { payment_method, payment_method_data }: PaymentMethodGiven,
  customer: string | null,
  of: PaymentMethodUse["of"] = "PaymentIntent",
): Promise<SavedPaymentMethod | null> {
  if (payment_method !== undefined && payment_method_data !== undefined)
    throw apiError("parameters_exclusive", { param: "payment_method", other: "payment_method_data" });
  if (payment_method_data !== undefined) return savePaymentMethodTold(context, payment_method_data, "payment_method_data[card]");
  if (payment_method === undefined) return null;
  const method = await paymentMethodNamed(context, payment_method, "payment_method");
  checkUsable(method, customer, { of, param: "payment_method" });
  return method;
}

/** What is kept with a payment of the method that pays. */
export function keptOf({ row, state }: SavedPaymentMethod): PaymentMethod {
  return { id: row.id, card: state.card };
}

/**
 * A payment's method as it is now: its card may have been changed, or it may have been detached since it was given. Null
 * where it has no row, as one that was given to an earlier version has not.
 */
export async function savedMethod(context: OperationContext, { id }: PaymentMethod): Promise<SavedPaymentMethod | null> {
  const row = await findOwn(context, PAYMENT_METHOD, id);
  return row === null ? null : readPaymentMethod(row);
}
