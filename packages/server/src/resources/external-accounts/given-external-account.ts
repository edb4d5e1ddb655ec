import { apiError } from "@carabiner/protocol";
import type { AccountState } from "../accounts/account-state.ts";
import type { OperationContext } from "../operation.ts";
import { mergeMetadata } from "../parameters.ts";
import type { AddedExternalAccount } from "./add-external-account.ts";
import { fingerprints } from "./fingerprint.ts";
import { type ExternalAccountGiven, judgeExternalAccount } from "./judge-external-account.ts";

/**
 * What a call gives as `external_account`, judged, and ready to be added to an account. Its token is used up. Throws what
 * `judgeExternalAccount` throws.
 */
export async function givenExternalAccount(
  context: OperationContext,
  given: ExternalAccountGiven,
  { country }: Pick<AccountState, "country">,
): Promise<Omit<AddedExternalAccount, "makeDefault">> {
  const { tx, ids, now, livemode, limits } = context;
  const param = "external_account";
  const fingerprint = await fingerprints(tx, ids);
  const judged = await judgeExternalAccount(given, { livemode, fingerprint, param, now, country }, async (token, tokenParam) => {
    throw apiError("resource_missing", { object: "token", id: token, param: tokenParam });
  });
  const metadata = typeof given === "string" ? {} : mergeMetadata({}, given.metadata);
  return { judged, id: ids.newId(judged.kind, now), livemode, now, limits, metadata, param };
}
