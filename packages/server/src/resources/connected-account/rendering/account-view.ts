import type { OperationContext } from "../../../operations/operation.ts";
import type { AccountRow, ConnectionRow } from "../../../store/contract/rows.ts";
import type { AccountWorld } from "../state/account-world.ts";

/** The viewer of an account. */
export interface AccountView {
  /** A platform that controls or created it, which sees its controller properties. */
  controls: boolean;
  /**
   * Whether the viewer may see its persons, company and external accounts. The account itself, its controller and its
   * creator may.
   */
  full: boolean;
  /**
   * The platform that created it, in the mode of the account: only this platform sees the customer that the account is
   * to it.
   */
  creator: boolean;
}

type Viewed = Pick<AccountWorld, "row" | "state">;
type Viewing = Pick<OperationContext, "tx" | "caller" | "account" | "livemode">;

/** How the call's account sees an account. For the account itself: how the caller sees it. */
export async function viewOf(context: Viewing, world: Viewed): Promise<AccountView> {
  const { tx, caller, account, livemode } = context;
  const viewer = world.row.id === account.id ? caller : account;
  if (viewer.id === world.row.id) return { controls: false, full: true, creator: false };
  return viewBy(viewer, livemode, world, await tx.connections(viewer.id, world.row.id));
}

/** The same for several accounts, in their order, without a separate statement for each. */
export async function viewsOf(context: Viewing, worlds: readonly Viewed[]): Promise<AccountView[]> {
  const { tx, account, livemode } = context;
  const others = worlds.map(({ row }) => row.id).filter((id) => id !== account.id);
  const connections = await tx.connectionsTo(account.id, others);
  const views: AccountView[] = [];
  for (const world of worlds) {
    const { id } = world.row;
    views.push(id === account.id ? await viewOf(context, world) : viewBy(account, livemode, world, connections.get(id) ?? []));
  }
  return views;
}

function viewBy(viewer: Pick<AccountRow, "id">, livemode: boolean, { state }: Viewed, connections: readonly ConnectionRow[]): AccountView {
  const controls = connections.some(({ controller }) => controller);
  const created = state.createdBy === viewer.id;
  return { controls: controls || created, full: controls || created, creator: created && state.livemode === livemode };
}
