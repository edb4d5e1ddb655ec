import type { ClaimRequest } from "./contract/claim-request.ts";
import type { EndpointRow } from "./contract/rows.ts";

/** How many deliveries of one endpoint a claim may take. Pure. */
export function claimShare(
  { firstFailureAt, rateLimit }: Pick<EndpointRow, "firstFailureAt" | "rateLimit">,
  { perEndpoint, perFailingEndpoint, rateSpanMs }: ClaimRequest,
): number {
  const most = firstFailureAt === null ? perEndpoint : Math.min(perEndpoint, perFailingEndpoint);
  return rateLimit === null ? most : Math.min(most, Math.max(1, Math.ceil((rateLimit * rateSpanMs) / 1_000)));
}
