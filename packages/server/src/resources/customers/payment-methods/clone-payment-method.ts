import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../../operations/operation.ts";
import { CUSTOMER } from "../../customer-state/customer-state.ts";
import { spendPaymentMethod } from "./attach-payment-method.ts";
import { checkUsable } from "./check-usable.ts";
import { PAYMENT_METHOD, readPaymentMethod, type SavedPaymentMethod } from "./payment-method.ts";
import { savePaymentMethod } from "./save-payment-method.ts";

/**
 * Copies a platform's payment method to the connected account of the call. An attached method must be named together
 * with its customer. An unattached one is consumed. The copy is not attached to a customer. Throws `resource_missing`,
 * `payment_method_of_other_customer`, `payment_method_needs_customer` or `payment_method_consumed`.
 * Source: https://docs.stripe.com/connect/direct-charges-multiple-accounts
 */
export async function clonePaymentMethod(context: OperationContext, id: string, customer: string | undefined): Promise<SavedPaymentMethod> {
  const platform: OperationContext = { ...context, account: context.caller };
  const owned = async (object: string, ownedId: string) => {
    const row = await context.tx.object(ownedId);
    return row?.object === object && row.accountId === platform.account.id && row.livemode === context.livemode ? row : null;
  };
  if (context.account.id === context.caller.id) throw apiError("payment_method_clone_needs_account", { param: "payment_method" });
  if (customer !== undefined) {
    const row = await owned(CUSTOMER.object, customer);
    if (row === null || row.data.deleted === true)
      throw apiError("resource_missing", { object: CUSTOMER.name, id: customer, param: "customer" });
  }
  const row = await owned(PAYMENT_METHOD.object, id);
  if (row === null) throw apiError("resource_missing", { object: PAYMENT_METHOD.name, id, param: "payment_method" });
  const method = readPaymentMethod(row);
  checkUsable(method, customer ?? null, { of: "PaymentMethod", param: "payment_method" });
  await spendPaymentMethod(platform, method);
  const { card, cvcCheck, billing, allowRedisplay, metadata } = method.state;
  return savePaymentMethod(context, { card, cvcCheck, billing }, { allowRedisplay, metadata });
}
