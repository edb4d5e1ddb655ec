import type { IdKind } from "@carabiner/protocol";
import type { Static, TSchema } from "typebox";
import type { OperationContext } from "../../operations/operation.ts";
import type { TokenContent } from "../token-use/token-state.ts";

/** One kind of token: its id prefix, its parameters, and what it stores from them. */
export interface TokenKind<Params extends TSchema = TSchema> {
  id: IdKind;
  /** The parameter named as its type. */
  params: Params;
  /**
   * Judges the parameters and returns the data to store, without the number of a card, a bank account or a person.
   * Throws an error of the table for a value that a schema cannot refuse.
   */
  keep(context: OperationContext, told: Static<Params>): Promise<TokenContent>;
}

/** Preserves the type of `params` for `keep`. */
export function tokenKind<Params extends TSchema>(kind: TokenKind<Params>): TokenKind<Params> {
  return kind;
}
