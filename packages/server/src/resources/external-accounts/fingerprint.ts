import { createHmac } from "node:crypto";
import type { IdSource } from "@carabiner/protocol";
import type { Transaction } from "../../store/contract/transaction.ts";

const SETTING = "fingerprint_key";
const KEY_CHARS = 43;
const FINGERPRINT_CHARS = 16;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The fingerprint of a number: the same for the same number, and nothing of the number can be read from it without the store's key. */
export type Fingerprint = (number: string) => string;

/** Fingerprints with this store's own key, which is made when it is first needed. */
export async function fingerprints(tx: Transaction, ids: IdSource): Promise<Fingerprint> {
  let key = (await tx.setting(SETTING)) as string | null;
  if (key === null) {
    key = ids.secret(KEY_CHARS);
    await tx.saveSetting(SETTING, key);
  }
  return fingerprintsWith(key);
}

/** Fingerprints with a key. */
export function fingerprintsWith(key: string): Fingerprint {
  return (number) => {
    const digest = createHmac("sha256", key).update(number).digest();
    return Array.from(digest.subarray(0, FINGERPRINT_CHARS), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
  };
}
