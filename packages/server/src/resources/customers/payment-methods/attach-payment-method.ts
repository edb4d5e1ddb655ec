import { apiError } from "@carabiner/protocol";
import type { EventDraft } from "../../../events/event-draft.ts";
import { hashOf } from "../../../operations/merge-change.ts";
import { findOwn } from "../../../operations/object-kind.ts";
import type { ChangeContext, OperationContext } from "../../../operations/operation.ts";
import type { JsonObject, ObjectRow } from "../../../store/contract/rows.ts";
import type { Transaction } from "../../../store/contract/transaction.ts";
import { CUSTOMER, withDefaultPaymentMethod, withDefaultSource } from "../../customer-state/customer-state.ts";
import { accountOf, changeCustomer } from "../customer.ts";
import { cardDeclined } from "./declines.ts";
import { PAYMENT_METHOD, readPaymentMethod, renderPaymentMethod, type SavedPaymentMethod, withState } from "./payment-method.ts";
import { renderSource } from "./render-source.ts";

/** Throws the error of a card that cannot be saved because its bank declines it. */
export function checkSavable({ state: { card } }: SavedPaymentMethod): void {
  if (card.decline !== null && card.savable !== true) throw cardDeclined(card.decline);
}

/**
 * Attaches a payment method to a customer, and drafts the event. Throws `payment_method_attached` when it is already
 * attached, `payment_method_not_attachable` when it was used without a customer, `customer_max_payment_methods`, and
 * the error of a declined card.
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
  const customerAccount = await accountOf(context, customer);
  const attached = withState(method, { customer, customerAccount, cvcCheck: method.state.cvcCheck === null ? null : "pass" });
  await tx.updateObject(attached.row);
  drafts.push({ account, livemode, type: "payment_method.attached", object: renderPaymentMethod(attached.row) });
  return attached;
}

/** Throws `customer_max_payment_methods` when a customer has reached the limit of payment methods. */
export async function checkRoom({ tx, account, livemode, limits }: OperationContext, customer: string): Promise<void> {
  const limit = limits.paymentMethodsPerCustomer;
  const filter = { object: PAYMENT_METHOD.object, accountId: account.id, livemode, parent: customer };
  if ((await tx.objects(filter, { limit })).rows.length >= limit) throw apiError("customer_max_payment_methods", { limit });
}

/**
 * Marks a payment method as used without a customer, so it cannot be used again, and its security code as checked, even
 * after a decline, as recorded answers show. Attached ones do not change.
 */
export async function spendPaymentMethod({ tx }: ChangeContext, method: SavedPaymentMethod): Promise<SavedPaymentMethod> {
  const { customer, cvcCheck, spent } = method.state;
  if (customer !== null || spent) return method;
  const after = withState(method, { spent: true, cvcCheck: cvcCheck === null ? null : "pass" });
  await tx.updateObject(after.row);
  return after;
}

/**
 * Detaches a payment method from its customer permanently, and drafts the events. If it was the customer's default, the
 * customer's event is included, unless `customerChanges` is false. Throws `payment_method_not_attached`.
 */
export async function detachPaymentMethod(
  context: OperationContext,
  drafts: EventDraft[],
  method: SavedPaymentMethod,
  { customerChanges = true }: { customerChanges?: boolean } = {},
): Promise<SavedPaymentMethod> {
  const { tx, account, livemode } = context;
  const { customer, customerAccount } = method.state;
  if (customer === null) throw apiError("payment_method_not_attached");
  const detached = withState(method, { customer: null, customerAccount: null, spent: true });
  await tx.updateObject(detached.row);
  drafts.push(
    method.state.source
      ? { account, livemode, type: "customer.source.deleted", object: renderSource(method.row) }
      : {
          account,
          livemode,
          type: "payment_method.detached",
          object: renderPaymentMethod(detached.row),
          previousAttributes: { customer, ...(customerAccount == null ? {} : { customer_account: customerAccount }) },
        },
  );
  const row = customerChanges ? await findOwn(context, CUSTOMER, customer) : null;
  if (row === null || row.data.deleted === true) return detached;
  const data = await withoutMethod(context, row, method.row.id);
  if (data !== row.data) await changeCustomer(context, drafts, account, row, data);
  return detached;
}

/** The customer after a payment method is removed: the newest remaining source replaces a removed default. */
async function withoutMethod(context: OperationContext, customer: ObjectRow, method: string): Promise<JsonObject> {
  let { data } = customer;
  if (hashOf(data.invoice_settings).default_payment_method === method) data = withDefaultPaymentMethod(data, null);
  if (data.default_source !== method) return data;
  const [next] = (await attachedTo(context, customer.id)).filter(({ state }) => state.source);
  return withDefaultSource(data, next?.row.id ?? null);
}

/** All payment methods attached to a customer of the account, newest first. */
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
