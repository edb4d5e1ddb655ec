import { type ApiError, apiError } from "@carabiner/protocol";
import type { EventDraft } from "../../../events/record-event.ts";
import { hashOf } from "../../../operations/merge-change.ts";
import { findOwn } from "../../../operations/object-kind.ts";
import type { ChangeContext, OperationContext } from "../../../operations/operation.ts";
import type { JsonObject, ObjectRow } from "../../../store/contract/rows.ts";
import type { Transaction } from "../../../store/contract/transaction.ts";
import { CUSTOMER, changeCustomer, withDefaultPaymentMethod, withDefaultSource } from "../customer.ts";
import type { Decline } from "./card.ts";
import { PAYMENT_METHOD, readPaymentMethod, renderPaymentMethod, type SavedPaymentMethod, withState } from "./payment-method.ts";
import { renderSource } from "./render-source.ts";

/** The error for a card that was declined. `more` is what the answer says besides. */
export function cardDeclined(decline: Decline, more: JsonObject = {}): ApiError {
  const { error, reason, declineCode } = decline;
  return apiError(error, { reason }, { ...(declineCode === null ? {} : { decline_code: declineCode }), ...more });
}

/** Throws the error of a card that cannot be saved, since its bank declines it. */
export function checkSavable({ state: { card } }: SavedPaymentMethod): void {
  if (card.decline !== null && card.savable !== true) throw cardDeclined(card.decline);
}

/**
 * Attaches a payment method to a customer, and drafts the event. Throws `payment_method_attached` where it is attached
 * to one, `payment_method_not_attachable` where it was used without one, `customer_max_payment_methods`, and the error of
 * a card that is declined.
 */
export async function attachPaymentMethod(
  context: OperationContext,
  drafts: EventDraft[],
  method: SavedPaymentMethod,
  customer: string,
): Promise<SavedPaymentMethod> {
  const { tx, account, livemode } = context;
  if (method.state.customer !== null) throw apiError("payment_method_attached");
  if (method.state.spent) throw apiError("payment_method_not_attachable");
  checkSavable(method);
  await checkRoom(context, customer);
  const attached = withState(method, { customer, cvcCheck: method.state.cvcCheck === null ? null : "pass" });
  await tx.updateObject(attached.row);
  drafts.push({ account, livemode, type: "payment_method.attached", object: renderPaymentMethod(attached.row) });
  return attached;
}

/** Throws `customer_max_payment_methods` for a customer with as many payment methods as there may be. */
export async function checkRoom({ tx, account, livemode, limits }: OperationContext, customer: string): Promise<void> {
  const limit = limits.paymentMethodsPerCustomer;
  const filter = { object: PAYMENT_METHOD.object, accountId: account.id, livemode, parent: customer };
  if ((await tx.objects(filter, { limit })).rows.length >= limit) throw apiError("customer_max_payment_methods", { limit });
}

/** Notes that a payment method was used without a customer: it cannot be used again. Attached ones stay as they are. */
export async function spendPaymentMethod({ tx }: ChangeContext, method: SavedPaymentMethod): Promise<void> {
  if (method.state.customer === null && !method.state.spent) await tx.updateObject(withState(method, { spent: true }).row);
}

/**
 * Takes a payment method from its customer, for good, and drafts the events: also that of the customer whose default it
 * was, unless `customerChanges` is false. Throws `payment_method_not_attached`.
 */
export async function detachPaymentMethod(
  context: OperationContext,
  drafts: EventDraft[],
  method: SavedPaymentMethod,
  { customerChanges = true }: { customerChanges?: boolean } = {},
): Promise<SavedPaymentMethod> {
  const { tx, account, livemode } = context;
  const { customer } = method.state;
  if (customer === null) throw apiError("payment_method_not_attached");
  const detached = withState(method, { customer: null, spent: true });
  await tx.updateObject(detached.row);
  drafts.push(
    method.state.source
      ? { account, livemode, type: "customer.source.deleted", object: renderSource(method.row) }
      : {
          account,
          livemode,
          type: "payment_method.detached",
          object: renderPaymentMethod(detached.row),
          previousAttributes: { customer },
        },
  );
  const row = customerChanges ? await findOwn(context, CUSTOMER, customer) : null;
  if (row === null || row.data.deleted === true) return detached;
  const data = await withoutMethod(context, row, method.row.id);
  if (data !== row.data) await changeCustomer(context, drafts, account, row, data);
  return detached;
}

/** What a customer keeps once a payment method is gone: the newest source left takes the place of a default one. */
async function withoutMethod(context: OperationContext, customer: ObjectRow, method: string): Promise<JsonObject> {
  let { data } = customer;
  if (hashOf(data.invoice_settings).default_payment_method === method) data = withDefaultPaymentMethod(data, null);
  if (data.default_source !== method) return data;
  const [next] = (await attachedTo(context, customer.id)).filter(({ state }) => state.source);
  return withDefaultSource(data, next?.row.id ?? null);
}

/** Everything that is attached to a customer of the account's, the newest first. */
export async function attachedTo(
  { tx, account, livemode }: { tx: Transaction; account: { id: string }; livemode: boolean },
  customer: string,
): Promise<SavedPaymentMethod[]> {
  const all: SavedPaymentMethod[] = [];
  for (let more = true; more; ) {
    const last = all.at(-1)?.row.id;
    const { rows, hasMore } = await tx.objects(
      { object: PAYMENT_METHOD.object, accountId: account.id, livemode, parent: customer },
      { limit: PAGE, ...(last === undefined ? {} : { startingAfter: last }) },
    );
    all.push(...rows.map(readPaymentMethod));
    more = hasMore;
  }
  return all;
}

const PAGE = 100;
