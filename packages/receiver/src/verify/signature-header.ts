/** The content of `Stripe-Signature`. */
export interface SignatureHeader {
  /** Unix seconds. */
  timestamp: number;
  /** The timestamp as it was written: these characters are signed. */
  writtenTimestamp: string;
  /** Each `v1`, decoded. Other schemes are ignored. */
  signatures: Uint8Array<ArrayBuffer>[];
}

/**
 * The maximum signatures in a header: one for each active secret. More are not tried, so that nobody can cause extra
 * work.
 */
const SIGNATURES_TRIED = 10;

/**
 * Parses `t=<seconds>,v1=<hex>[,v1=<hex>…][,v0=<hex>]`. Null without a timestamp or a `v1` of 64 hexadecimal digits.
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
  for (let index = 0; index < bytes.length; index++) bytes[index] = digitAt(hex, index * 2) * 16 + digitAt(hex, index * 2 + 1);
  return bytes;
}

/** The value of a character that is known to be a hexadecimal digit. */
function digitAt(hex: string, index: number): number {
  const code = hex.charCodeAt(index);
  return code <= NINE ? code - ZERO : (code | LOWER_CASE) - A + 10;
}

const ZERO = 0x30;
const NINE = 0x39;
const A = 0x61;
/** The bit that distinguishes lower case from upper case. */
const LOWER_CASE = 0x20;
