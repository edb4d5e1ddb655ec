import { apiError } from "@carabiner/protocol";
import { findOwn } from "../../../operations/object-kind.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import type { PaymentMethod } from "../../customers/payment-methods/card.ts";
import { checkUsable, type PaymentMethodUse } from "../../customers/payment-methods/check-usable.ts";
import { PAYMENT_METHOD, readPaymentMethod, type SavedPaymentMethod } from "../../customers/payment-methods/payment-method.ts";
import { type PaymentMethodTold, paymentMethodNamed, savePaymentMethodTold } from "../../customers/payment-methods/save-payment-method.ts";

/** How a call specifies a payment method: by id, or by its details. */
export interface PaymentMethodGiven {
  payment_method?: string | undefined;
  payment_method_data?: PaymentMethodTold | undefined;
}

/**
 * The payment method that a call names or describes, with or without a customer; null when the call does neither.
 * Throws for a missing method, and for one that cannot be used this way.
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

/** The details of the payment method that are stored with a payment. */
export function keptOf({ row, state }: SavedPaymentMethod): PaymentMethod {
  return { id: row.id, card: state.card, billing: state.billing };
}

/**
 * The current state of a payment's method: its card may have changed, or it may have been detached since. Null when it
 * has no row, as for methods stored by an earlier version.
 */
export async function savedMethod(context: OperationContext, { id }: PaymentMethod): Promise<SavedPaymentMethod | null> {
  const row = await findOwn(context, PAYMENT_METHOD, id);
  return row === null ? null : readPaymentMethod(row);
}
