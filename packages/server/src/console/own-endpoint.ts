import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../operations/operation.ts";
import { isListener } from "../store/contract/is-listener.ts";
import type { EndpointRow } from "../store/contract/rows.ts";

/** An endpoint of the call's account, in its mode. Throws `resource_missing`. */
export async function ownEndpoint({ tx, account, livemode }: OperationContext, id: string): Promise<EndpointRow> {
  const endpoint = await tx.endpoint(id);
  if (
    endpoint === null ||
    endpoint.deleted ||
    isListener(endpoint.id) ||
    endpoint.accountId !== account.id ||
    endpoint.livemode !== livemode
  )
    throw apiError("resource_missing", { object: "webhook endpoint", id, param: "endpoint" });
  return endpoint;
}
