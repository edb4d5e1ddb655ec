import { createHmac } from "node:crypto";
import type { IdSource } from "@carabiner/protocol";
import type { Transaction } from "../../store/contract/transaction.ts";

const SETTING = "fingerprint_key";
const KEY_CHARS = 43;
const FINGERPRINT_CHARS = 16;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * The fingerprint of a number: identical for identical numbers. It reveals nothing of the number without the store's
 * key.
 */
export type Fingerprint = (number: string) => string;

/** Computes fingerprints with this store's key, which is created on first use. */
export async function fingerprints(tx: Transaction, ids: IdSource): Promise<Fingerprint> {
  let key = (await tx.setting(SETTING)) as string | null;
  if (key === null) {
    key = ids.secret(KEY_CHARS);
    await tx.saveSetting(SETTING, key);
  }
  return fingerprintsWith(key);
}

/** Computes fingerprints with a key. */
export function fingerprintsWith(key: string): Fingerprint {
  return (number) => {
    const digest = createHmac("sha256", key).update(number).digest();
    return Array.from(digest.subarray(0, FINGERPRINT_CHARS), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
  };
}
