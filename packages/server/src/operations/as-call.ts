import { ApiError } from "@carabiner/protocol";
import type { JsonObject } from "../store/contract/rows.ts";
import type { OperationContext, Resource } from "./operation.ts";
import { WrittenAnswer } from "./written-answer.ts";

/**
 * Runs an API call for another part of the server, in that part's transaction, so that a page has the same checks and
 * events as a call. `params` are the call's parameters, already well formed. `path` contains the ids in the call's
 * path.
 */
export function asCall(
  resource: Resource,
  method: "POST" | "DELETE",
  path: string,
): (
  context: OperationContext,
  params: Readonly<Record<string, unknown>>,
  path?: Readonly<Record<string, string>>,
) => Promise<JsonObject | ApiError> {
  const operation = resource.operations.find((one) => one.method === method && one.path === path);
  if (operation === undefined) throw new Error(`${resource.object} has no ${method} ${path}.`);
  return async (context, params, named = {}) => {
    const answer = await operation.run(context, params as never, named);
    return answer instanceof WrittenAnswer ? answer.read() : answer;
  };
}

/** Runs `work`, and renames the parameters in its errors to nested ones: `amount` to `payment_intent_data[amount]`. */
export async function within<Result>(param: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof ApiError ? thrown.within(param) : thrown;
  }
}
