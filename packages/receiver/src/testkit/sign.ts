const ENCODER = new TextEncoder();

/** The `Stripe-Signature` header that signs a body. `at`: Unix milliseconds. */
export async function signatureFor(secret: string, body: Uint8Array, at: number): Promise<string> {
  const seconds = Math.floor(at / 1_000);
  const prefix = ENCODER.encode(`${seconds}.`);
  const signed = new Uint8Array(prefix.length + body.length);
  signed.set(prefix);
  signed.set(body, prefix.length);
  const key = await crypto.subtle.importKey("raw", ENCODER.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, signed));
  return `t=${seconds},v1=${[...mac].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
