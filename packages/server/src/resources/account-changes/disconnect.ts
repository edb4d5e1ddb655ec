import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow, ConnectionRow } from "../../store/contract/rows.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { readAccountWorld } from "../connected-account/state/account-world.ts";
import { changeAccountWorld } from "./change-account-world.ts";
import { endConnections } from "./end-connections.ts";
import { withoutPausesOf } from "./without-pauses-of.ts";

/**
 * Ends a connection of an account that continues to exist. With the platform's last connection its pauses also end,
 * because nobody else could lift them. They do not come back with a new connection.
 * Source: https://docs.stripe.com/connect/platform-controls-for-stripe-dashboard-accounts
 */
export async function disconnect(context: ChangeContext, account: AccountRow, connection: ConnectionRow): Promise<void> {
  const { tx, limits } = context;
  const { platformId } = connection;
  await endConnections(context, account, [connection]);
  if ((await tx.connections(platformId, account.id)).length > 0) return;
  // Leaving may have changed it: it is no longer a customer of the platform.
  const row = (await tx.account(account.id)) ?? account;
  const state = withoutPausesOf(readAccountState(row.data), platformId);
  if (state === null) return;
  const world = await readAccountWorld(tx, row, limits);
  await changeAccountWorld(context, world, { ...world, state });
}
