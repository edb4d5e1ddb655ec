import { apiError } from "@carabiner/protocol";
import type { EventDraft } from "../../events/event-draft.ts";
import { previousAttributes } from "../../events/previous-attributes.ts";
import { expanderOf, findOwn, namedRow, ownRow } from "../../operations/object-kind.ts";
import type { ChangeContext, OperationContext } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import type { AccountRow, JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { connectedAccount } from "../access/accessible-account.ts";
import { changeAccountWorld } from "../account-changes/change-account-world.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { readAccountWorld } from "../connected-account/state/account-world.ts";
import { accountOfCustomer, CUSTOMER, renderCustomer } from "../customer-state/customer-state.ts";

/**
 * The customer that a path names, by its own id or by the id of the account that it is. It may be deleted. Throws
 * `resource_missing`. Source: https://docs.stripe.com/connect/use-accounts-as-customers
 */
export async function customerInPath(context: OperationContext, id: string): Promise<ObjectRow> {
  if (!id.startsWith("acct_")) return ownRow(context, CUSTOMER, id);
  const account = await connectedAccount(context, id);
  return ownedRow(account === null ? null : await customerOfAccount(context, account), context, CUSTOMER.name, id);
}

/** The same. Also throws `resource_missing` when the customer is deleted. */
export async function livingCustomer(context: OperationContext, id: string): Promise<ObjectRow> {
  const row = await customerInPath(context, id);
  return ownedRow(row.data.deleted === true ? null : row, context, CUSTOMER.name, id);
}

/** The customer that an account is to the call's account, in its mode; null if it is not a customer. */
async function customerOfAccount(context: OperationContext, { data }: AccountRow): Promise<ObjectRow | null> {
  const { customer } = readAccountState(data).configured;
  return customer === undefined ? null : findOwn(context, CUSTOMER, customer);
}

/** A customer in parameters: by its own id, or as an account. Without either, there is no customer. */
export interface CustomerGiven {
  customer?: string | undefined;
  customer_account?: string | undefined;
}

/**
 * The customer that parameters name for use; null if they name no customer. Throws `resource_missing` when it does not
 * exist, `account_not_customer` for an account without the customer configuration, or with one that is deactivated, and
 * `parameters_exclusive` for both parameters.
 */
export async function customerNamed(context: OperationContext, given: CustomerGiven): Promise<ObjectRow | null> {
  const row = await customerListed(context, given);
  return row === null ? null : usable(row, given.customer === undefined ? "customer_account" : "customer");
}

/** The customer whose id a parameter gives for use. Throws the same errors as `customerNamed`. */
export async function customerGiven(context: OperationContext, id: string): Promise<ObjectRow> {
  return usable(await livingNamed(context, id), "customer");
}

/** The id of the customer whose objects a list shows; undefined for any. */
export async function customerFilter(context: OperationContext, given: CustomerGiven): Promise<string | undefined> {
  return given.customer_account === undefined ? given.customer : (await customerListed(context, given))?.id;
}

/**
 * The same for a list of a customer's objects, which also shows objects that were made before a configuration was
 * deactivated.
 */
export async function customerListed(context: OperationContext, { customer, customer_account }: CustomerGiven): Promise<ObjectRow | null> {
  if (customer !== undefined && customer_account !== undefined)
    throw apiError("parameters_exclusive", { param: "customer_account", other: "customer" });
  if (customer !== undefined) return livingNamed(context, customer);
  if (customer_account === undefined) return null;
  const account = await connectedAccount(context, customer_account);
  if (account === null) throw apiError("resource_missing", { object: "account", id: customer_account, param: "customer_account" });
  const row = await customerOfAccount(context, account);
  if (row === null) throw notCustomer(customer_account, "customer_account");
  return row;
}

async function livingNamed(context: OperationContext, id: string): Promise<ObjectRow> {
  const row = await namedRow(context, CUSTOMER, id, "customer");
  if (row.data.deleted === true) throw apiError("resource_missing", { object: CUSTOMER.name, id, param: "customer" });
  return row;
}

function usable(row: ObjectRow, param: string): ObjectRow {
  if (row.data.deactivated === true) throw notCustomer(accountOfCustomer(row) ?? "", param);
  return row;
}

const notCustomer = (account: string, param: string) => apiError("account_not_customer", { account, param });

/** How an object names its customer: by the customer's id, and by the id of the account that it is. */
export function customerFields(row: ObjectRow | null): { customer: string | null; customer_account: string | null } {
  return row === null ? { customer: null, customer_account: null } : { customer: row.id, customer_account: accountOfCustomer(row) };
}

/** The account that a customer is; null if it is not an account. */
export async function accountOf(context: OperationContext, customer: string | null): Promise<string | null> {
  const row = customer === null ? null : await findOwn(context, CUSTOMER, customer);
  return row === null ? null : accountOfCustomer(row);
}

/** Throws `resource_missing` unless the named customer belongs to the account and still exists; see `customerNamed`. */
export async function checkCustomer(context: OperationContext, id: string | undefined): Promise<void> {
  await customerNamed(context, { customer: id });
}

/** Loads a customer for its id in a response. A deleted customer shows only that it is deleted. */
export const expandCustomer = expanderOf(CUSTOMER);

/**
 * Writes a customer's new state, and drafts the event if a visible field changed. The event of a customer that is an
 * account is recorded together with the account's.
 */
export async function changeCustomer(
  context: ChangeContext,
  drafts: EventDraft[],
  account: AccountRow,
  before: ObjectRow,
  data: JsonObject,
): Promise<ObjectRow> {
  const { tx, livemode, limits } = context;
  const after: ObjectRow = { ...before, data };
  const itself = accountOfCustomer(before);
  const row = itself === null ? null : await tx.account(itself);
  if (row !== null) {
    const world = await readAccountWorld(tx, row, limits);
    return (await changeAccountWorld(context, world, { ...world, customer: after })).customer ?? after;
  }
  await tx.updateObject(after);
  const customer = renderCustomer(after);
  const previous = previousAttributes(renderCustomer(before), customer);
  if (previous !== null) drafts.push({ account, livemode, type: "customer.updated", object: customer, previousAttributes: previous });
  return after;
}
