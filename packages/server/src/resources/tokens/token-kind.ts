import type { IdKind } from "@carabiner/protocol";
import type { Static, TSchema } from "typebox";
import type { OperationContext } from "../../operations/operation.ts";
import type { TokenContent } from "../token-use/token-state.ts";

/** One kind of token: what its ids look like, what it is told, and what of that it keeps. */
export interface TokenKind<Params extends TSchema = TSchema> {
  id: IdKind;
  /** The parameter named as its type. */
  params: Params;
  /**
   * Judges what was told and says what is kept of it: no number of a card, a bank account or a person.
   * Throws an error of the table for a value that a schema cannot refuse.
   */
  keep(context: OperationContext, told: Static<Params>): Promise<TokenContent>;
}

/** Keeps the type of `params` for `keep` to see. */
export function tokenKind<Params extends TSchema>(kind: TokenKind<Params>): TokenKind<Params> {
  return kind;
}
