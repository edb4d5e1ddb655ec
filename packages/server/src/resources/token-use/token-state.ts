import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import type { TokenFindings } from "../connected-account/requirements/submission.ts";

/** What a token stands for: its `type`, and the parameter it is made with. */
export type TokenType = "account" | "bank_account" | "card" | "person" | "pii";

/** What is kept of what a token was told. */
export interface TokenContent {
  /** What its use tells: as parameters name it, without what is never kept. */
  kept: JsonObject;
  /** What was found of it as it came, where that is judged. */
  found?: TokenFindings;
  /** What its answer shows beside the fields that every token has. */
  shown: JsonObject;
}

/** A token, beside its id: what its row keeps in `data`. */
export interface TokenState extends TokenContent {
  type: TokenType;
  /** It can be used once. */
  used: boolean;
  /** The address it was made from. */
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
