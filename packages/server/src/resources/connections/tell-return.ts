import type { ChangeContext } from "../../operations/operation.ts";
import { keeping } from "../access/secret-row.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { appliedConfigurations } from "../connected-account/v2/configurations.ts";
import type { Followed, SessionState } from "./page-link.ts";

/**
 * Notifies the platform once that the user of a v2 link has returned. Stripe does not say whether a user who leaves
 * before the end counts as returned; here, everyone who is sent to `return_url` does.
 * Source: https://docs.stripe.com/api/v2/core/account-links/event-types
 */
export async function tellReturn(context: ChangeContext, { row, state }: Followed<SessionState>, world: AccountWorld): Promise<void> {
  if (state.inV2 === undefined || state.returned === true) return;
  const isCreator = world.state.createdBy === row.parent && world.state.livemode === row.livemode;
  await context.tx.updateObject({ ...row, data: keeping({ ...state, returned: true } satisfies SessionState) });
  await context.record([
    {
      thin: true,
      type: "v2.core.account_link.returned",
      account: world.row,
      livemode: row.livemode,
      related: null,
      data: {
        account_id: row.accountId,
        configurations: [...(state.inV2.configurations ?? appliedConfigurations(world, isCreator))],
        use_case: state.purpose,
      },
      onPlatforms: ({ platformId }) => platformId === row.parent,
    },
  ]);
}
