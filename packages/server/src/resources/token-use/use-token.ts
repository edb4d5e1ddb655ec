import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import { readToken, type TokenState, type TokenType, writeToken } from "./token-state.ts";

/** How a token is used. */
export interface TokenUse {
  /** The types it may have. */
  types: readonly TokenType[];
  /** The parameter that holds it, for errors. */
  param: string;
  /** The account it is used for, which may also have created it; undefined when there is none yet. */
  usedFor?: string | undefined;
}

/**
 * Consumes a token. From then on it keeps only the data that is shown, and the account that it was used for: the token
 * is deleted when that account is erased. The token must be of the mode of the call. It must belong to the call's
 * account, the calling platform, or the account it is used for. Returns its stored data. Throws `resource_missing` for
 * a token that does not exist or belongs to another account, `resource_in_other_mode`, `token_of_other_type` and
 * `token_already_used`.
 */
export async function useToken(
  { tx, account, caller, livemode }: Pick<OperationContext, "tx" | "account" | "caller" | "livemode">,
  id: string,
  { types, param, usedFor }: TokenUse,
): Promise<TokenState> {
  const row = await tx.object(id);
  if (row?.object !== "token" || ![account.id, caller.id, usedFor].includes(row.accountId))
    throw apiError("resource_missing", { object: "token", id, param });
  if (row.livemode !== livemode)
    throw apiError("resource_in_other_mode", {
      object: "token",
      id,
      param,
      mode: livemode ? "live" : "test",
      other: livemode ? "test" : "live",
    });
  const state = readToken(row);
  if (!types.includes(state.type)) throw apiError("token_of_other_type", { id, type: state.type, types: types.join(" or "), param });
  if (state.used) throw apiError("token_already_used", { id, param });
  const { found: _, ...left } = state;
  await tx.updateObject({ ...row, parent: usedFor ?? null, data: writeToken({ ...left, kept: {}, used: true }) });
  return state;
}
