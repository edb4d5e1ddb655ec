import type { OperationContext } from "../../../operations/operation.ts";
import type { AccountWorld } from "../state/account-world.ts";

/** The viewer of an account. */
export interface AccountView {
  /** A platform that controls it, which sees its controller properties. */
  controls: boolean;
  /** May see its persons, company and external accounts: the account itself, its controller, and its creator. */
  full: boolean;
  /** The platform that created it, in the mode of the account: it alone sees the customer that the account is to it. */
  creator: boolean;
}

/** How the call's account sees an account; for the account itself, how the caller sees it. */
export async function viewOf(
  { tx, caller, account, livemode }: Pick<OperationContext, "tx" | "caller" | "account" | "livemode">,
  { row, state }: Pick<AccountWorld, "row" | "state">,
): Promise<AccountView> {
  const viewer = row.id === account.id ? caller : account;
  if (viewer.id === row.id) return { controls: false, full: true, creator: false };
  const controls = (await tx.connections(viewer.id, row.id)).some(({ controller }) => controller);
  const created = state.createdBy === viewer.id;
  return { controls, full: controls || created, creator: created && state.livemode === livemode };
}
