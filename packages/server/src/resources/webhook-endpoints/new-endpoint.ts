import type { EndpointRow } from "../../store/contract/rows.ts";

/** The fields chosen when an endpoint is created. */
export type ChosenOfEndpoint = Pick<
  EndpointRow,
  "id" | "accountId" | "livemode" | "connect" | "url" | "enabledEvents" | "apiVersion" | "description" | "metadata" | "created" | "madeBy"
> &
  Partial<Pick<EndpointRow, "own" | "payload" | "name">> & { secret: string };

/**
 * A newly created endpoint: enabled, without failures. Unless chosen otherwise, it receives whole events, either of
 * connected accounts or of the account itself.
 */
export function newEndpoint({ secret, ...chosen }: ChosenOfEndpoint): EndpointRow {
  return {
    own: !chosen.connect,
    payload: "snapshot",
    name: null,
    updated: chosen.created,
    ...chosen,
    secrets: [{ secret, expiresAt: null }],
    status: "enabled",
    disabledReason: null,
    deleted: false,
    firstFailureAt: null,
    toldOf: null,
    pausedAt: null,
    rateLimit: null,
  };
}
