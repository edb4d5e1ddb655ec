import type { RefusalReason } from "../report.ts";
import { diagnose } from "./diagnose.ts";
import { parseSignatureHeader, type SignatureHeader } from "./signature-header.ts";
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
export function verify({ header, body, endpoints, now, toleranceSeconds }: Verification): Verified | Promise<Verified> {
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
  const [only, ...others] = endpoints;
  const secrets = only !== undefined && others.length === 0 ? only.secrets : distinctSecrets(endpoints);
  const found = findSecret(secrets, 0, parsed, body);
  const decide = (secret: string | null): Verified | Promise<Verified> => {
    if (secret === null) return diagnose(parsed, body, endpoints).then((diagnosis) => ({ ok: false, ...diagnosis }));
    // Several endpoints if they share the secret.
    const signers = endpoints.filter((endpoint) => endpoint.secrets.includes(secret)).map(({ name }) => name);
    return checkTime(parsed, signers, now, toleranceSeconds);
  };
  return found instanceof Promise ? found.then(decide) : decide(found);
}

/** Whether the signature, which is valid, is also recent. */
function checkTime({ timestamp }: SignatureHeader, endpoints: string[], now: number, toleranceSeconds: number): Verified {
  const skewSeconds = Math.round(now / 1_000 - timestamp);
  if (Math.abs(skewSeconds) > toleranceSeconds) {
    const past = skewSeconds > 0;
    return {
      ok: false,
      reason: past ? "timestamp_old" : "timestamp_future",
      skewSeconds,
      says: past
        ? `The signature is right but ${skewSeconds} s old, and ${toleranceSeconds} s are allowed. This machine's clock is fast, the request was delayed on the way, or someone is replaying a recorded request.`
        : `The signature is right but ${-skewSeconds} s in the future, and ${toleranceSeconds} s are allowed. This machine's clock is slow, or the sender's is fast.`,
    };
  }
  return { ok: true, endpoints };
}

/**
 * The first of the secrets, from the given position on, that signed the body; null when none did. The result is a
 * promise only if the cryptography returns one.
 */
function findSecret(
  secrets: readonly string[],
  from: number,
  header: SignatureHeader,
  body: Uint8Array,
): string | null | Promise<string | null> {
  for (let place = from; place < secrets.length; place++) {
    const secret = secrets[place] as string;
    const matches = isSignedWith(secret, header, body);
    if (matches instanceof Promise) return matches.then((right) => (right ? secret : findSecret(secrets, place + 1, header, body)));
    if (matches === true) return secret;
  }
  return null;
}

function distinctSecrets(endpoints: readonly SigningEndpoint[]): readonly string[] {
  return [...new Set(endpoints.flatMap(({ secrets }) => secrets))];
}
