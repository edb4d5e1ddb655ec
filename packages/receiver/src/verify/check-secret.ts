/**
 * What is wrong with a value given as a signing secret, and what to do; null when it is valid. Never repeats the value.
 */
export function secretFault(value: unknown): string | null {
  if (value === undefined || value === null) return "is missing; set its environment variable";
  if (typeof value !== "string") return `is a ${typeof value}; a signing secret is a string that begins with whsec_`;
  if (value.trim() === "") return "is empty; set its environment variable";
  if (value !== value.trim()) return "has white space around it; remove the space where the secret is set";
  if (/^[sr]k_/.test(value)) return "is an API key; use the webhook endpoint's signing secret, which begins with whsec_";
  if (/^pk_/.test(value)) return "is a publishable key; use the webhook endpoint's signing secret, which begins with whsec_";
  if (/^(we|ed)_/.test(value)) return "is the endpoint's id; use its signing secret, which begins with whsec_";
  if (/\s/.test(value)) return "contains white space; pass several secrets as an array";
  return null;
}

/** The form of the secrets of `stripe listen`: 64 hexadecimal digits. */
export function looksLikeCliSecret(secret: string): boolean {
  return /^whsec_[0-9a-f]{64}$/.test(secret);
}

/** A printable fingerprint of a secret: the beginning of its SHA-256. */
export async function fingerprint(secret: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret)));
  return Array.from(digest.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
