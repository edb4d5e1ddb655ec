import type { RefusalReason } from "../report.ts";
import { diagnose } from "./diagnose.ts";
import { parseSignatureHeader } from "./signature-header.ts";
import type { SigningEndpoint } from "./signing-endpoint.ts";
import { isSignedWith } from "./signing-keys.ts";

/** A request to verify. */
export interface Verification {
  /** The value of `Stripe-Signature`; null when there is none. */
  header: string | null;
  body: Uint8Array;
  endpoints: readonly SigningEndpoint[];
  /** Unix milliseconds. */
  now: number;
  toleranceSeconds: number;
}

export type Verified = { ok: true; endpoints: string[] } | { ok: false; reason: RefusalReason; says: string; skewSeconds?: number };

/**
 * Finds the endpoints whose secret signed the exact bytes: several if they share it. The body is not trusted, or even
 * read, before that. Without a matching secret, nothing passes.
 */
export async function verify({ header, body, endpoints, now, toleranceSeconds }: Verification): Promise<Verified> {
  if (header === null || header.trim() === "") {
    return {
      ok: false,
      reason: "header_missing",
      says: "The request has no Stripe-Signature header. It does not come from the sender, or a proxy removed the header.",
    };
  }
  const parsed = parseSignatureHeader(header);
  if (parsed === null) {
    return {
      ok: false,
      reason: "header_malformed",
      says: "The Stripe-Signature header has no timestamp with a v1 signature. A proxy may have cut it short.",
    };
  }
  const signer = await findSigner(endpoints, (secret) => isSignedWith(secret, parsed, body));
  if (signer === null) return { ok: false, ...(await diagnose(parsed, body, endpoints)) };

  const skewSeconds = Math.round(now / 1_000 - parsed.timestamp);
  if (Math.abs(skewSeconds) > toleranceSeconds) {
    const past = skewSeconds > 0;
    return {
      ok: false,
      reason: past ? "timestamp_old" : "timestamp_future",
      skewSeconds,
      says: past
        ? `The signature is right but ${skewSeconds} s old, and ${toleranceSeconds} s are allowed. This machine's clock is fast, the request was delayed on the way, or somebody replays a recorded request.`
        : `The signature is right but ${-skewSeconds} s in the future, and ${toleranceSeconds} s are allowed. This machine's clock is slow, or the sender's is fast.`,
    };
  }
  return { ok: true, endpoints: signer };
}

/** The endpoints that have the matching secret; null when none does. */
async function findSigner(endpoints: readonly SigningEndpoint[], matches: (secret: string) => Promise<boolean>): Promise<string[] | null> {
  for (const secret of new Set(endpoints.flatMap(({ secrets }) => secrets))) {
    if (await matches(secret)) return endpoints.filter(({ secrets }) => secrets.includes(secret)).map(({ name }) => name);
  }
  return null;
}
