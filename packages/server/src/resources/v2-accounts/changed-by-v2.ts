import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow, JsonObject } from "../../store/contract/rows.ts";
import { type AccountChange, changeAccount } from "../accounts/change-account.ts";
import { checkTold } from "../accounts/check-told.ts";
import { withDefaultMcc } from "../accounts/default-mcc.ts";
import type { TokenFindings } from "../connected-account/requirements/submission.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { withOwnershipDocuments } from "../external-accounts/with-ownership-documents.ts";
import { useV2Token } from "../token-use/v2-token.ts";
import { besideContent } from "../token-use/with-content.ts";
import { changeInV1, type V2AccountTold } from "./change-in-v1.ts";
import { configure, withoutDeactivated } from "./configure.ts";
import { inV2Words } from "./in-v2-words.ts";
import { withCustomer } from "./with-customer.ts";

/** A creation or an update through v2. */
interface Told {
  told: V2AccountTold;
  /** A token with the given data. */
  token: string | undefined;
  /** The platform that creates the account; null for an update. */
  by: AccountRow | null;
}

/** An account after a v2 request, without derived state. Consumes the tokens. Its errors name v2's parameters. */
export async function changedByV2(context: OperationContext, world: AccountWorld, { told, token, by }: Told): Promise<AccountWorld> {
  const { now, livemode, ids } = context;
  const state = configure(world, told);
  const configured: AccountWorld = { ...world, state };
  const beside = changeInV1(told);
  const { change, found } = token === undefined ? { change: beside, found: {} } : await withAccountToken(context, beside, { told, token });
  const asked = by !== null && state.configured.applied.merchant === true ? withDefaultMcc(change, readAccountState(by.data)) : change;
  const after = inV2Words(state.country, () => {
    checkTold(configured, asked);
    const changed = changeAccount(configured, asked, { id: ids.newId("person", now), now, livemode, found });
    return withoutDeactivated(withOwnershipDocuments(context, changed, asked), told);
  });
  return withCustomer(context, after, told.configuration?.customer);
}

/** A change with a token's content. Consumes the token. Throws what `useV2Token` throws. */
async function withAccountToken(
  context: OperationContext,
  change: AccountChange,
  { told, token }: { told: V2AccountTold; token: string },
): Promise<{ change: AccountChange; found: TokenFindings }> {
  const use = { kind: "account_token", ofAccount: null, param: "account_token", besides: told as JsonObject } as const;
  const { kept, found } = await useV2Token(context, token, use);
  return { change: besideContent(change as JsonObject, kept) as AccountChange, found };
}
