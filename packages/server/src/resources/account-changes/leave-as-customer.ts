import { previousAttributes } from "../../events/previous-attributes.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { readAccountState, writeAccountState } from "../connected-account/state/account-state.ts";
import { renderCustomer } from "../customer-state/customer-state.ts";
import { withoutAccount } from "./keep-customer.ts";

/**
 * Separates an account from the customer that it was to a platform which it has left. The customer stays with the
 * platform, and keeps the data that is known so far.
 */
export async function leaveAsCustomer(
  { tx, record }: Pick<ChangeContext, "tx" | "record">,
  account: AccountRow,
  platformId: string,
): Promise<void> {
  const state = readAccountState(account.data);
  const { customer: id, ...configured } = state.configured;
  const before = id === undefined ? null : await tx.object(id);
  if (before === null || before.accountId !== platformId || before.data.deleted === true) return;
  const { customer: _, ...applied } = configured.applied;
  await tx.updateAccount({ ...account, data: writeAccountState({ ...state, configured: { ...configured, applied } }) });
  const after = { ...before, data: withoutAccount(before.data) };
  await tx.updateObject(after);
  const object = renderCustomer(after);
  const previous = previousAttributes(renderCustomer(before), object);
  const platform = await tx.account(platformId);
  if (platform !== null && previous !== null)
    await record([{ account: platform, livemode: before.livemode, type: "customer.updated", object, previousAttributes: previous }]);
}
