import type { Claim, EndpointRow } from "./store.ts";

/** What a claim says of its endpoint. */
export function endpointOfClaim({
  id,
  accountId,
  livemode,
  url,
  status,
  deleted,
  secrets,
  firstFailureAt,
  toldOf,
  rateLimit,
}: EndpointRow): Claim["endpoint"] {
  return { id, accountId, livemode, url, status, deleted, secrets, firstFailureAt, toldOf, rateLimit };
}
