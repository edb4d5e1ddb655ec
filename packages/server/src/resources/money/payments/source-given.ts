import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../../operations/operation.ts";
import { customerGiven } from "../../customers/customer.ts";
import { cardOfToken } from "../../customers/payment-methods/card-told.ts";
import type { SavedPaymentMethod } from "../../customers/payment-methods/payment-method.ts";
import { savePaymentMethod } from "../../customers/payment-methods/save-payment-method.ts";
import { findSource } from "../../customers/sources/customer-source.ts";

/**
 * The source of a charge: the named or default source of the customer, or a token. Throws `customer_source_missing`,
 * `customer_without_card`, `parameter_missing` and the errors of tokens.
 */
export async function sourceGiven(
  context: OperationContext,
  { customer, source }: { customer?: string | undefined; source?: string | undefined },
): Promise<SavedPaymentMethod> {
  if (customer !== undefined) {
    const row = await customerGiven(context, customer);
    const id = source ?? (row.data.default_source as string | undefined);
    if (id === undefined) throw apiError("customer_without_card", { param: "card" });
    const found = await findSource(context, customer, id);
    if (found === null) throw apiError("customer_source_missing", { customer, id, param: "source" });
    return found;
  }
  if (source === undefined) throw apiError("parameter_missing", { param: "source" });
  const { id, ...card } = await cardOfToken(context, source, "source");
  return savePaymentMethod(context, card, { id: id ?? context.ids.newId("card", context.now), source: true, spent: true });
}
