import type { OperationContext } from "../../operations/operation.ts";
import { mergeMetadata } from "../../operations/parameters.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { useToken } from "../token-use/use-token.ts";
import type { AddedExternalAccount } from "./add-external-account.ts";
import { fingerprints } from "./fingerprint.ts";
import { type ExternalAccountGiven, judgeExternalAccount } from "./judge-external-account.ts";
import type { TokenKept } from "./judged-external-account.ts";

/**
 * The external account that a call gives as `external_account`, or in `param`, judged and ready to be added. Consumes
 * its token. Throws what `judgeExternalAccount` and `useToken` throw.
 */
export async function givenExternalAccount(
  context: OperationContext,
  given: ExternalAccountGiven,
  { row, state: { country } }: Pick<AccountWorld, "row" | "state">,
  param = "external_account",
): Promise<Omit<AddedExternalAccount, "makeDefault">> {
  const { tx, ids, now, livemode, limits } = context;
  const fingerprint = await fingerprints(tx, ids);
  let id: string | undefined;
  const judged = await judgeExternalAccount(given, { livemode, fingerprint, param, now, country }, async (token, tokenParam) => {
    const { kept } = await useToken(context, token, { types: ["bank_account", "card"], param: tokenParam, usedFor: row.id });
    const content = kept as unknown as TokenKept;
    id = content.id;
    return content.judged;
  });
  const metadata = typeof given === "string" ? {} : mergeMetadata({}, given.metadata);
  return { judged, id: id ?? ids.newId(judged.kind, now), livemode, now, limits, metadata, param };
}
