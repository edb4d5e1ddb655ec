/** What stands in `Stripe-Signature`. */
export interface SignatureHeader {
  /** Unix seconds. */
  timestamp: number;
  /** The timestamp as it was written: these characters are signed. */
  writtenTimestamp: string;
  /** Each `v1`, decoded. Other schemes are not looked at. */
  signatures: Uint8Array<ArrayBuffer>[];
}

/** How many signatures one header may hold: one for each active secret. More are not tried, so that nobody can make us work. */
const SIGNATURES_TRIED = 10;

/**
 * Reads `t=<seconds>,v1=<hex>[,v1=<hex>…][,v0=<hex>]`. Null when there is no timestamp or no `v1` of 64 hexadecimal digits.
 * Source: https://docs.stripe.com/webhooks#verify-manually
 */
export function parseSignatureHeader(value: string): SignatureHeader | null {
  let writtenTimestamp: string | null = null;
  const signatures: Uint8Array<ArrayBuffer>[] = [];
  for (const part of value.split(",")) {
    const at = part.indexOf("=");
    if (at === -1) continue;
    const scheme = part.slice(0, at).trim();
    const content = part.slice(at + 1).trim();
    if (scheme === "t" && writtenTimestamp === null && /^\d{1,12}$/.test(content)) writtenTimestamp = content;
    if (scheme === "v1" && signatures.length < SIGNATURES_TRIED && /^[0-9a-f]{64}$/i.test(content)) signatures.push(bytesOf(content));
  }
  if (writtenTimestamp === null || signatures.length === 0) return null;
  return { timestamp: Number(writtenTimestamp), writtenTimestamp, signatures };
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index++) bytes[index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  return bytes;
}
