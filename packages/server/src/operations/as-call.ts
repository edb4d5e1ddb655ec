import { ApiError } from "@carabiner/protocol";
import type { JsonObject } from "../store/contract/rows.ts";
import type { OperationContext, Resource } from "./operation.ts";

/**
 * What a call of the API would do, done by another part of the server in its own transaction: so that what a page causes
 * is what a call causes, with the same checks and the same events. `params` are as the call takes them, and known to be
 * well formed; `path` names what the call's path names.
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
  return (context, params, named = {}) => operation.run(context, params as never, named);
}

/** Runs `work`, and names the parameters of its errors as they stand within another: `amount` as `payment_intent_data[amount]`. */
export async function within<Result>(param: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof ApiError ? thrown.within(param) : thrown;
  }
}
