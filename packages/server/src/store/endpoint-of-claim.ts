import type { Claim } from "./contract/delivery-store.ts";
import type { EndpointRow } from "./contract/rows.ts";

/** Results for rows that never change. */
const known = new WeakMap<EndpointRow, Claim["endpoint"]>();

/** What a claim says about its endpoint. For a frozen row it is the same object each time. */
export function endpointOfClaim(row: EndpointRow): Claim["endpoint"] {
  if (!Object.isFrozen(row)) return partOf(row);
  let part = known.get(row);
  if (part === undefined) {
    part = partOf(row);
    known.set(row, part);
  }
  return part;
}

function partOf({
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
