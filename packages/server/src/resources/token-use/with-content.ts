import { apiError } from "@carabiner/protocol";
import type { JsonObject } from "../../store/contract/rows.ts";

/**
 * Merges a call's parameters with a token's content. Throws `parameters_exclusive` when both set the same field.
 * `param` is the parameter that holds the token.
 */
export function withContent<Told extends object>(told: Told, kept: JsonObject, param: string): Told & JsonObject {
  const both = Object.keys(kept).find((name) => Object.hasOwn(told, name));
  if (both !== undefined) throw apiError("parameters_exclusive", { param: both, other: param });
  return { ...told, ...kept } as Told & JsonObject;
}
