import type { SignatureHeader } from "./signature-header.ts";

const ENCODER = new TextEncoder();
const HMAC = { name: "HMAC", hash: "SHA-256" };

/** The key of each secret is made once. Secrets from resolvers come and go, so the oldest keys are dropped. */
const KEYS_KEPT = 1_000;
const keys = new Map<string, Promise<CryptoKey>>();

/**
 * Node's own cryptography, if the runtime has it: it computes a signature in a few microseconds, while WebCrypto uses
 * another thread. It is looked up at run time, so that bundlers do not resolve it.
 */
const node = (globalThis as { process?: { getBuiltinModule?(name: "node:crypto"): NodeCrypto | undefined } }).process?.getBuiltinModule?.(
  "node:crypto",
);
type NodeCrypto = Pick<typeof import("node:crypto"), "createHmac" | "timingSafeEqual">;

/**
 * Whether one of the header's signatures matches the body and the secret. Compares in constant time. With Node's own
 * cryptography the result is not a promise: a webhook then waits for fewer turns of the event loop.
 */
export function isSignedWith(secret: string, header: SignatureHeader, body: Uint8Array): boolean | Promise<boolean> {
  if (node === undefined) return isSignedByWebCrypto(secret, header, body);
  const right = node.createHmac("sha256", secret).update(`${header.writtenTimestamp}.`).update(body).digest();
  for (const signature of header.signatures) {
    const given = bytesOf(signature);
    if (given.length === right.length && node.timingSafeEqual(given, right)) return true;
  }
  return false;
}

async function isSignedByWebCrypto(secret: string, header: SignatureHeader, body: Uint8Array): Promise<boolean> {
  const key = await keyOf(secret);
  const signed = signedBytes(header.writtenTimestamp, body);
  for (const signature of header.signatures) if (await crypto.subtle.verify(HMAC, key, bytesOf(signature), signed)) return true;
  return false;
}

/** What is signed: the timestamp as written, a dot, and the body. */
function signedBytes(timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefix = ENCODER.encode(`${timestamp}.`);
  const signed = new Uint8Array(prefix.length + body.length);
  signed.set(prefix);
  signed.set(body, prefix.length);
  return signed;
}

/** The key is the whole secret, `whsec_` included. */
function keyOf(secret: string): Promise<CryptoKey> {
  let key = keys.get(secret);
  if (key === undefined) {
    key = crypto.subtle.importKey("raw", ENCODER.encode(secret), HMAC, false, ["verify"]);
    keys.set(secret, key);
    const oldest = keys.size > KEYS_KEPT ? keys.keys().next().value : undefined;
    if (oldest !== undefined) keys.delete(oldest);
  }
  return key;
}

/** The bytes of hexadecimal digits. */
function bytesOf(digits: string): Uint8Array<ArrayBuffer> {
  const decoded = new Uint8Array(digits.length / 2);
  for (let place = 0; place < decoded.length; place++) decoded[place] = Number.parseInt(digits.slice(2 * place, 2 * place + 2), 16);
  return decoded;
}
