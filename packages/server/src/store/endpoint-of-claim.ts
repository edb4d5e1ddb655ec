import type { Claim } from "./contract/delivery-store.ts";
import type { EndpointRow } from "./contract/rows.ts";

/** What a claim says about its endpoint. */
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
  pausedAt,
}: EndpointRow): Claim["endpoint"] {
  return { id, accountId, livemode, url, status, deleted, secrets, firstFailureAt, toldOf, rateLimit, pausedAt };
}
