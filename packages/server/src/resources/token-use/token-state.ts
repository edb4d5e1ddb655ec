import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import type { TokenFindings } from "../connected-account/requirements/submission.ts";

/** The content of a token: its `type`, and the parameter it is created with. */
export type TokenType = "account" | "bank_account" | "card" | "person" | "pii";

/** The stored data of a token. */
export interface TokenContent {
  /** The parameters that its use applies, without secrets; empty after its use. */
  kept: JsonObject;
  /** The judgements made when it was created, if any. */
  found?: TokenFindings;
  /** The fields that its response shows in addition to those of every token. */
  shown: JsonObject;
}

/** A token without its id: what its row stores in `data`. */
export interface TokenState extends TokenContent {
  type: TokenType;
  /** Whether it was used. It can be used only once. */
  used: boolean;
  /** The IP address it was created from. */
  clientIp: string | null;
}

/** A token's state from its row. */
export function readToken(row: ObjectRow): TokenState {
  return row.data as unknown as TokenState;
}

/** A token's state for its row. */
export function writeToken(state: TokenState): JsonObject {
  return { ...state } as unknown as JsonObject;
}
