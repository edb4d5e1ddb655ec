/** The parts of a signature header. Source: https://docs.stripe.com/webhooks#verify-manually */
export interface SignatureParts {
  /** When it was signed: Unix seconds. */
  timestamp: number;
  /** One signature for each secret that signed, in hexadecimal. */
  signatures: readonly string[];
}

/** Reads `t=…,v1=…,v1=…`. Null when it has another form. */
export function readSignature(header: string): SignatureParts | null {
  const parts = header.split(",").map((part) => part.split("=", 2) as [string, string?]);
  const timestamp = Number(parts.find(([name]) => name === "t")?.[1]);
  const signatures = parts.flatMap(([name, value]) => (name === "v1" && value !== undefined ? [value] : []));
  return Number.isInteger(timestamp) && signatures.length > 0 ? { timestamp, signatures } : null;
}

/**
 * The signature of a text with a secret, in hexadecimal. Rejects if the page is not secure: plain http on another
 * machine.
 */
export async function signatureOf(secret: string, signed: string): Promise<string> {
  if (crypto.subtle === undefined) throw new Error("The browser computes signatures only on https and on this machine.");
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", bytes.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const made = await crypto.subtle.sign("HMAC", key, bytes.encode(signed));
  return Array.from(new Uint8Array(made), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
