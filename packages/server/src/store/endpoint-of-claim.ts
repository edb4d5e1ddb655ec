import type { Claim, EndpointRow } from "./store.ts";

/** What a claim says of its endpoint. */
export function endpointOfClaim({ id, livemode, url, status, deleted, secrets, firstFailureAt, toldOf }: EndpointRow): Claim["endpoint"] {
  return { id, livemode, url, status, deleted, secrets, firstFailureAt, toldOf };
}
