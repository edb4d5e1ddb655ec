import { signatureHeader, WEBHOOK_HEADERS } from "@carabiner/protocol";
import type { Claim } from "../store/contract/delivery-store.ts";

/**
 * The headers of one attempt: signed afresh with every secret that is active.
 * `now` decides which secrets are; `wallNow` is what the receiver compares with its own clock. Both Unix milliseconds.
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
