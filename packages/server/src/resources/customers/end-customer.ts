import type { EventDraft } from "../../events/event-draft.ts";
import type { OperationContext } from "../../operations/operation.ts";
import type { ObjectRow } from "../../store/contract/rows.ts";
import { renderCustomer } from "../customer-state/customer-state.ts";
import { attachedTo, detachPaymentMethod } from "./payment-methods/attach-payment-method.ts";

/**
 * Deletes a customer of the call's account: detaches its payment methods, and records the events. The row remains, so
 * that the customer is still shown as deleted; `kept` is the data that it keeps in addition.
 */
export async function endCustomer(context: OperationContext, row: ObjectRow, kept: ObjectRow["data"] = {}): Promise<void> {
  const { account, livemode } = context;
  await context.tx.updateObject({ ...row, data: { ...kept, deleted: true } });
  const drafts: EventDraft[] = [];
  for (const method of await attachedTo(context, row.id)) await detachPaymentMethod(context, drafts, method);
  await context.record([...drafts, { account, livemode, type: "customer.deleted", object: renderCustomer(row) }]);
}
