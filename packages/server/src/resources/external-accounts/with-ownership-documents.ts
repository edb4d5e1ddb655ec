import type { OperationContext } from "../../operations/operation.ts";
import { type AccountWorld, externalAccountsIn } from "../connected-account/state/account-world.ts";
import { changeExternalAccount, withDocuments } from "./change-external-account.ts";

/** The part of an account's change that has the documents. */
interface Documented {
  documents?: { bank_account_ownership_verification?: { files?: readonly string[] | undefined } | undefined } | undefined;
}

/** An account with the given documents added to its bank accounts with a pending ownership check. */
export function withOwnershipDocuments(
  { now, livemode, limits }: Pick<OperationContext, "now" | "livemode" | "limits">,
  world: AccountWorld,
  { documents }: Documented,
): AccountWorld {
  const files = documents?.bank_account_ownership_verification?.files ?? [];
  if (files.length === 0) return world;
  return externalAccountsIn(world, livemode).reduce(
    (changed, { row }) =>
      changeExternalAccount(changed, row.id, (state) =>
        withDocuments(state, files, { now, livemode, ownershipCheckMs: limits.ownershipCheckMs }),
      ),
    world,
  );
}
