import { ApiError } from "@carabiner/protocol";
import { v2Field } from "../connected-account/v2/requirement-name.ts";

/** Runs code that works on v1's parameters, and renames v1's parameters to v2's in its errors. */
export function inV2Words<Result>(country: string, run: () => Result): Result {
  try {
    return run();
  } catch (thrown) {
    throw renamed(thrown, country);
  }
}

function renamed(thrown: unknown, country: string): unknown {
  if (!(thrown instanceof ApiError) || thrown.param === undefined) return thrown;
  return thrown.renamed(v2Field(thrown.param.replaceAll(/\[(\w+)\]/g, ".$1"), country));
}
