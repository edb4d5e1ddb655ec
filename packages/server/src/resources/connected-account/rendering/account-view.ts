import type { OperationContext } from "../../../operations/operation.ts";
import type { AccountWorld } from "../state/account-world.ts";

/** Who looks at an account. */
export interface AccountView {
  /** A platform that controls it: sees by what properties. */
  controls: boolean;
  /** Who sees the people and the company behind it, and where it is paid: itself, who controls it, and who made it. */
  full: boolean;
}

/** How the account a call is for sees an account; itself, how the caller sees it. */
export async function viewOf(
  { tx, caller, account }: Pick<OperationContext, "tx" | "caller" | "account">,
  { row, state }: Pick<AccountWorld, "row" | "state">,
): Promise<AccountView> {
  const viewer = row.id === account.id ? caller : account;
  if (viewer.id === row.id) return { controls: false, full: true };
  const controls = (await tx.connections(viewer.id, row.id)).some(({ controller }) => controller);
  return { controls, full: controls || state.createdBy === viewer.id };
}
