import { signatureHeader, WEBHOOK_HEADERS } from "@carabiner/protocol";
import type { Claim } from "../store/contract/delivery-store.ts";

/**
 * The headers of one attempt, newly signed with every active secret. `now` decides which secrets are active; the
 * receiver compares `wallNow` with its own clock. Both Unix milliseconds.
 */
export function webhookHeaders(claim: Claim, now: number, wallNow: number): Record<string, string> {
  const secrets: string[] = [];
  for (const { secret, expiresAt } of claim.endpoint.secrets) if (expiresAt === null || expiresAt > now) secrets.push(secret);
  return {
    ...WEBHOOK_HEADERS,
    "stripe-signature": signatureHeader({
      timestamp: Math.floor(wallNow / 1000),
      body: claim.body,
      secrets,
      dummy: !claim.event.livemode,
    }),
    ...(claim.traceparent === undefined ? {} : { traceparent: claim.traceparent }),
  };
}
