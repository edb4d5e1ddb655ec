import { ApiError } from "@carabiner/protocol";
import { v2Field } from "../connected-account/v2/requirement-name.ts";

/** Runs what works on parameters of v1. Its errors name v2's parameters. */
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
