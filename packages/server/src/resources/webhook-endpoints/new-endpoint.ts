import type { EndpointRow } from "../../store/contract/rows.ts";

/** What is chosen of an endpoint when it is made. */
export type ChosenOfEndpoint = Pick<
  EndpointRow,
  "id" | "accountId" | "livemode" | "connect" | "url" | "enabledEvents" | "apiVersion" | "description" | "metadata" | "created" | "madeBy"
> & { secret: string };

/** An endpoint as it is when it was just made: enabled, and nothing has failed yet. */
export function newEndpoint({ secret, ...chosen }: ChosenOfEndpoint): EndpointRow {
  return {
    ...chosen,
    secrets: [{ secret, expiresAt: null }],
    status: "enabled",
    disabledReason: null,
    deleted: false,
    firstFailureAt: null,
    toldOf: null,
    rateLimit: null,
  };
}
