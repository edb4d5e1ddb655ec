import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow, ConnectionRow } from "../../store/contract/rows.ts";
import { readAccountWorld } from "../connected-account/state/account-world.ts";
import { NO_ACCOUNT_REVIEWED } from "../connected-account/state/review.ts";
import { changeAccountWorld } from "./change-account-world.ts";
import { endConnections } from "./end-connections.ts";

/**
 * Ends a connection of an account that stays. With the platform's last connection its pauses end too: nobody else could
 * lift them. They do not come back with another connection.
 * Source: https://docs.stripe.com/connect/platform-controls-for-stripe-dashboard-accounts
 */
export async function disconnect(context: ChangeContext, account: AccountRow, connection: ConnectionRow): Promise<void> {
  const { tx, limits } = context;
  const { platformId } = connection;
  await endConnections(context, account, [connection]);
  if ((await tx.connections(platformId, account.id)).length > 0) return;
  const world = await readAccountWorld(tx, account, limits);
  const { review } = world.state;
  const { payments, payouts, by } = review.pause;
  // Pauses from before they were noted with their platform have none.
  if (!(payments || payouts) || (by ?? platformId) !== platformId) return;
  const { pause } = NO_ACCOUNT_REVIEWED;
  await changeAccountWorld(context, world, { ...world, state: { ...world.state, review: { ...review, pause } } });
}
