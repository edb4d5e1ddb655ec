/** The content of `Stripe-Signature`. */
export interface SignatureHeader {
  /** Unix seconds. */
  timestamp: number;
  /** The timestamp as it was written: these characters are signed. */
  writtenTimestamp: string;
  /** Each `v1`: 64 hexadecimal digits in lower case. Other schemes are ignored. */
  signatures: string[];
}

/**
 * The maximum signatures in a header: one for each active secret. Any more are not tried, so that nobody can cause
 * extra work.
 */
const SIGNATURES_TRIED = 10;

/**
 * Parses `t=<seconds>,v1=<hex>[,v1=<hex>…][,v0=<hex>]`. Null without a timestamp or a `v1` of 64 hexadecimal digits.
 * Source: https://docs.stripe.com/webhooks#verify-manually
 */
export function parseSignatureHeader(value: string): SignatureHeader | null {
  let writtenTimestamp: string | null = null;
  const signatures: string[] = [];
  for (let from = 0; from < value.length; ) {
    const comma = value.indexOf(",", from);
    const end = comma === -1 ? value.length : comma;
    const at = value.indexOf("=", from);
    if (at !== -1 && at < end) {
      const scheme = value.slice(from, at).trim();
      const content = value.slice(at + 1, end).trim();
      if (scheme === "t" && writtenTimestamp === null && /^\d{1,12}$/.test(content)) writtenTimestamp = content;
      if (scheme === "v1" && signatures.length < SIGNATURES_TRIED && /^[0-9a-f]{64}$/i.test(content))
        signatures.push(content.toLowerCase());
    }
    from = end + 1;
  }
  if (writtenTimestamp === null || signatures.length === 0) return null;
  return { timestamp: Number(writtenTimestamp), writtenTimestamp, signatures };
}
