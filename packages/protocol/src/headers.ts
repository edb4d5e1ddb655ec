/** Header names of the API, in the form that the SDKs send and read. Node converts request headers to lower case. */
export const HEADERS = {
  account: "stripe-account",
  /** Supersedes `Stripe-Account`, and means the same if it names an account. Source: https://docs.stripe.com/context */
  context: "stripe-context",
  version: "stripe-version",
  idempotencyKey: "idempotency-key",
  idempotentReplayed: "idempotent-replayed",
  requestId: "request-id",
  retryAfter: "retry-after",
  shouldRetry: "stripe-should-retry",
  signature: "stripe-signature",
} as const;

/**
 * The headers of every webhook in addition to `Stripe-Signature`, `Host` and `Content-Length`. They were recorded from
 * Stripe's own deliveries, except `Accept-Encoding`: we ask for an uncompressed response, so that no receiver can make
 * us decompress one.
 */
export const WEBHOOK_HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
  accept: "*/*; q=0.5, application/xml",
  "accept-encoding": "identity",
  "cache-control": "no-cache",
} as const;

/** A request's own headers, without the common ones of its kind; null when it lacks a common one. */
export function ownHeaders(
  headers: Readonly<Record<string, string>>,
  common: Readonly<Record<string, string>>,
): Record<string, string> | null {
  for (const name in common) if (headers[name] !== common[name]) return null;
  const own: Record<string, string> = {};
  for (const name in headers) if (!(name in common)) own[name] = headers[name] as string;
  return own;
}
