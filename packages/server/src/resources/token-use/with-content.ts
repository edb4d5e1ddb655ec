import { apiError } from "@carabiner/protocol";
import { isHash } from "../../operations/merge-change.ts";
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

/**
 * Parameters merged with a token's content, including their hashes. Where both have a value, the content's wins.
 */
export function besideContent(told: JsonObject, kept: JsonObject): JsonObject {
  const both = { ...told };
  for (const [name, value] of Object.entries(kept)) {
    const given = both[name];
    both[name] = isHash(value) && isHash(given) ? besideContent(given, value) : value;
  }
  return both;
}
