import type { SignatureHeader } from "./signature-header.ts";

const ENCODER = new TextEncoder();
const HMAC = { name: "HMAC", hash: "SHA-256" };

/** Each secret's key is made once. Resolvers' secrets come and go, so the oldest keys are dropped. */
const KEYS_KEPT = 1_000;
const keys = new Map<string, Promise<CryptoKey>>();
const nodeKeys = new Map<string, NodeKey>();

/**
 * Node's own modules, if the runtime has them: their cryptography computes a signature in a few microseconds, while
 * WebCrypto goes through another thread. Looked up at run time, so that bundlers do not resolve them.
 */
const builtin = (globalThis as { process?: { getBuiltinModule?(name: string): object | undefined } }).process?.getBuiltinModule;
const node = builtin?.("node:crypto") as NodeCrypto | undefined;
const bytes = builtin?.("node:buffer") as Pick<typeof import("node:buffer"), "Buffer"> | undefined;

type NodeCrypto = Pick<typeof import("node:crypto"), "createHmac" | "timingSafeEqual"> & {
  /** In Node.js from 20.12. */
  hash?: typeof import("node:crypto").hash;
};

/** Returns the signature of a timestamp and a body: hexadecimal digits in lower case. */
type NodeKey = (timestamp: string, body: Uint8Array) => string;

/** SHA-256 works on blocks of so many bytes; a signature has so many hexadecimal digits. */
const BLOCK = 64;
const DIGEST = 32;
const DIGITS = 64;
/** The largest body that is copied behind its key: a larger one costs more to copy than that saves. */
const COPIED_BYTES = 65_536;
/** More characters than a timestamp has. */
const TIMESTAMP_CHARACTERS = 16;

/**
 * Whether one of the header's signatures matches the body and the secret. Compares in constant time. With Node's own
 * cryptography the result is not a promise: a webhook then has fewer turns to wait for.
 */
export function isSignedWith(secret: string, header: SignatureHeader, body: Uint8Array): boolean | Promise<boolean> {
  if (node === undefined || bytes === undefined) return isSignedByWebCrypto(secret, header, body);
  const right = nodeKeyOf(secret, node, bytes.Buffer)(header.writtenTimestamp, body);
  for (const signature of header.signatures) if (isEqual(signature, right, node, bytes.Buffer)) return true;
  return false;
}

let compared: { one: Buffer; other: Buffer } | null = null;

/** Compares two texts of hexadecimal digits. The duration tells their lengths alone. */
function isEqual(one: string, other: string, { timingSafeEqual }: NodeCrypto, Bytes: typeof Buffer): boolean {
  if (one.length !== DIGITS || other.length !== DIGITS) return false;
  compared ??= { one: Bytes.alloc(DIGITS), other: Bytes.alloc(DIGITS) };
  compared.one.write(one, "latin1");
  compared.other.write(other, "latin1");
  return timingSafeEqual(compared.one, compared.other);
}

function nodeKeyOf(secret: string, crypto: NodeCrypto, Bytes: typeof Buffer): NodeKey {
  let key = nodeKeys.get(secret);
  if (key === undefined) {
    key = nodeKey(secret, crypto, Bytes);
    keep(nodeKeys, secret, key);
  }
  return key;
}

/** Two hashes in one call each take two thirds of the time of `createHmac`, and leave no objects to collect. */
function nodeKey(secret: string, crypto: NodeCrypto, Bytes: typeof Buffer): NodeKey {
  const { createHmac, hash } = crypto;
  const byHmac: NodeKey = (timestamp, body) => createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest("hex");
  if (hash === undefined || ENCODER.encode(secret).length > BLOCK) return byHmac;
  const byHash = hashingKey(ENCODER.encode(secret), hash, Bytes);
  const tried = ENCODER.encode("{}");
  // Other runtimes have functions of the same names.
  return byHash("1", tried) === byHmac("1", tried)
    ? (timestamp, body) =>
        body.length <= COPIED_BYTES && timestamp.length < TIMESTAMP_CHARACTERS ? byHash(timestamp, body) : byHmac(timestamp, body)
    : byHmac;
}

let copied: Buffer | null = null;

/** HMAC from its definition. Source: https://www.rfc-editor.org/rfc/rfc2104#section-2 */
function hashingKey(secret: Uint8Array, hash: typeof import("node:crypto").hash, Bytes: typeof Buffer): NodeKey {
  const inner = Bytes.alloc(BLOCK, 0x36);
  const outer = Bytes.alloc(BLOCK + DIGEST, 0x5c);
  for (const [place, byte] of secret.entries()) {
    inner[place] = byte ^ 0x36;
    outer[place] = byte ^ 0x5c;
  }
  return (timestamp, body) => {
    copied ??= Bytes.allocUnsafeSlow(BLOCK + TIMESTAMP_CHARACTERS + COPIED_BYTES);
    copied.set(inner);
    const from = BLOCK + copied.write(`${timestamp}.`, BLOCK, "latin1");
    copied.set(body, from);
    outer.write(hash("sha256", copied.subarray(0, from + body.length), "latin1"), BLOCK, "latin1");
    return hash("sha256", outer, "hex");
  };
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
    keep(keys, secret, key);
  }
  return key;
}

function keep<Key>(kept: Map<string, Key>, secret: string, key: Key): void {
  kept.set(secret, key);
  const oldest = kept.size > KEYS_KEPT ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
}

/** The bytes of hexadecimal digits. */
function bytesOf(digits: string): Uint8Array<ArrayBuffer> {
  const decoded = new Uint8Array(digits.length / 2);
  for (let place = 0; place < decoded.length; place++) decoded[place] = Number.parseInt(digits.slice(2 * place, 2 * place + 2), 16);
  return decoded;
}
