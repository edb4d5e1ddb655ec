import { apiError } from "@carabiner/protocol";
import type { JsonObject } from "../../store/contract/rows.ts";

/**
 * What is told in a call, with what a token tells beside it. Throws `parameters_exclusive` when both tell the same.
 * `param` is the parameter the token was given in.
 */
export function withContent<Told extends object>(told: Told, kept: JsonObject, param: string): Told & JsonObject {
  const both = Object.keys(kept).find((name) => Object.hasOwn(told, name));
  if (both !== undefined) throw apiError("parameters_exclusive", { param: both, other: param });
  return { ...told, ...kept } as Told & JsonObject;
}
