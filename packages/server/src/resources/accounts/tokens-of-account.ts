import type { Static } from "typebox";
import type { OperationContext } from "../../operations/operation.ts";
import type { CapabilityName } from "../connected-account/state/capabilities.ts";
import { type WithoutTokens, withIdNumbers } from "../persons/tokens-of-person.ts";
import { useToken } from "../token-use/use-token.ts";
import { withContent } from "../token-use/with-content.ts";
import type { updateAccountParameters } from "./account-parameters.ts";
import type { AccountChange } from "./change-account.ts";

/**
 * An account's parameters, with tokens replaced by what they stand for. Consumes the tokens. `usedFor` is the account's
 * id, even while it is being created. Throws `parameters_exclusive` for values given both in a token and outside of it,
 * and what `useToken` throws.
 */
export async function withTokens(
  context: OperationContext,
  {
    account_token: token,
    requested_capabilities: names,
    ...given
  }: Omit<Static<typeof updateAccountParameters>, "expand" | "external_account" | "bank_account">,
  usedFor: string,
): Promise<WithoutTokens<AccountChange>> {
  const told = names === undefined || names === null ? given : withCapabilities(given, names);
  const individual = told.individual === undefined ? null : await withIdNumbers(context, told.individual, { hash: "individual", usedFor });
  const change = individual === null ? told : { ...told, individual: individual.change };
  if (token === undefined) return { change, found: individual?.found ?? {} };
  const { kept, found } = await useToken(context, token, { types: ["account"], param: "account_token", usedFor });
  return { change: withContent(change, kept, "account_token"), found: { ...found, ...individual?.found } };
}

/** Parameters with `requested_capabilities` converted to the current form. */
function withCapabilities(told: AccountChange, names: readonly CapabilityName[]): AccountChange {
  const requested = Object.fromEntries(names.map((name) => [name, { requested: true }]));
  return { ...told, capabilities: { ...requested, ...told.capabilities } };
}
