import { createHmac, hash } from "node:crypto";

/** What to sign, and the keys. */
export interface Signing {
  /** Unix time in seconds, new for each attempt. */
  timestamp: number;
  /** The exact bytes of the request body. */
  body: Uint8Array;
  /** Every active secret, the newest first. Each produces one `v1`. */
  secrets: readonly string[];
  /** Adds the dummy `v0` signature that test events carry and verifiers must ignore. */
  dummy: boolean;
}

/**
 * The value of `Stripe-Signature`: `t=<seconds>,v1=<hex>[,v1=<hex>…][,v0=<hex>]`.
 * `v1` is the HMAC-SHA256 of `<t>.<body>` keyed with the whole secret, prefix included.
 * Source: https://docs.stripe.com/webhooks#verify-manually
 */
export function signatureHeader({ timestamp, body, secrets, dummy }: Signing): string {
  let header = `t=${timestamp}`;
  for (const secret of secrets) header += `,v1=${hmac(secret, timestamp, body)}`;
  // The v0 scheme is not published. Any value other than a v1 works; this one is repeatable, and does not read the body
  // again.
  if (dummy) header += `,v0=${hash("sha256", header)}`;
  return header;
}

function hmac(key: string, timestamp: number, body: Uint8Array): string {
  return createHmac("sha256", key).update(`${timestamp}.`).update(body).digest("hex");
}
