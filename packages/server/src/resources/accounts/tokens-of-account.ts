import type { Static } from "typebox";
import type { OperationContext } from "../../operations/operation.ts";
import { type Told, withIdNumbers } from "../persons/tokens-of-person.ts";
import { useToken } from "../token-use/use-token.ts";
import { withContent } from "../token-use/with-content.ts";
import type { updateAccountParameters } from "./account-parameters.ts";
import type { AccountChange } from "./change-account.ts";

/**
 * What an account is told, with what the tokens in it stand for in their places. Uses them up. Throws
 * `parameters_exclusive` for what is told by a token and beside it, and what `useToken` throws.
 */
export async function withTokens(
  context: OperationContext,
  { account_token: token, ...told }: Omit<Static<typeof updateAccountParameters>, "expand" | "external_account">,
): Promise<Told<AccountChange>> {
  const individual = told.individual === undefined ? null : await withIdNumbers(context, told.individual, "individual");
  const change = individual === null ? told : { ...told, individual: individual.change };
  if (token === undefined) return { change, found: individual?.found ?? {} };
  const { kept, found } = await useToken(context, token, { types: ["account"], param: "account_token" });
  return { change: withContent(change, kept, "account_token"), found: { ...found, ...individual?.found } };
}
