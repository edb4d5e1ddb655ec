import type { EndpointRow } from "../../store/contract/rows.ts";

/** The fields chosen when an endpoint is created. */
export type ChosenOfEndpoint = Pick<
  EndpointRow,
  "id" | "accountId" | "livemode" | "connect" | "url" | "enabledEvents" | "apiVersion" | "description" | "metadata" | "created" | "madeBy"
> & { secret: string };

/** A newly created endpoint: enabled, without failures. */
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
