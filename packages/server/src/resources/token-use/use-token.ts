import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import { readToken, type TokenState, type TokenType, writeToken } from "./token-state.ts";

/** How a token is used. */
export interface TokenUse {
  /** What it may stand for. */
  types: readonly TokenType[];
  /** The parameter it was given in, for errors. */
  param: string;
  /** The account it is used for, which may have made it itself; undefined where there is none yet. */
  usedFor?: string | undefined;
}

/**
 * Uses a token of the account the call is for, of the platform that asks, or of the account it is used for, in the mode
 * of the call: it cannot be used again. Returns what it keeps. Throws `resource_missing` for one that is not there or somebody else's,
 * `resource_in_other_mode`, `token_of_other_type` and `token_already_used`.
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
  await tx.updateObject({ ...row, data: writeToken({ ...state, used: true }) });
  return state;
}
