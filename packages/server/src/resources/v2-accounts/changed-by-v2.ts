import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { changeAccount } from "../accounts/change-account.ts";
import { checkTold } from "../accounts/check-told.ts";
import { withDefaultMcc } from "../accounts/default-mcc.ts";
import { withTokens } from "../accounts/tokens-of-account.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { changeInV1, type V2AccountTold } from "./change-in-v1.ts";
import { configure, withoutDeactivated } from "./configure.ts";
import { inV2Words, inV2WordsLater } from "./in-v2-words.ts";

/** A creation or an update through v2. */
interface Told {
  told: V2AccountTold;
  /** A token of what is told. */
  token: string | undefined;
  /** The platform that makes the account; null for an update. */
  by: AccountRow | null;
}

/** An account after a request of v2, without derived state. Consumes the tokens. Throws errors in v2's words. */
export async function changedByV2(context: OperationContext, world: AccountWorld, { told, token, by }: Told): Promise<AccountWorld> {
  const { now, livemode, ids } = context;
  const state = configure(world, told);
  const configured: AccountWorld = { ...world, state };
  const usedFor = by === null ? world.row.id : undefined;
  const given = { ...changeInV1(told), ...(token === undefined ? {} : { account_token: token }) };
  const { change, found } = await inV2WordsLater(state.country, () => withTokens(context, given, usedFor));
  const asked = by !== null && state.configured.applied.merchant === true ? withDefaultMcc(change, readAccountState(by.data)) : change;
  return inV2Words(state.country, () => {
    checkTold(configured, asked);
    const changed = changeAccount(configured, asked, { id: ids.newId("person", now), now, livemode, found });
    return withoutDeactivated(changed, told);
  });
}
