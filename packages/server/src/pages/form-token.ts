import { createHmac, timingSafeEqual } from "node:crypto";
import type { IdSource } from "@carabiner/protocol";
import type { Transaction } from "../store/contract/transaction.ts";

/** Random characters of a secret and of a cookie: 190 bits. */
const SECRET_CHARS = 32;

const SECRET_SETTING = "page_secret";

/** The secret that the servers of a store use to sign what browsers receive. It is made at the first start. */
export async function pageSecret(tx: Transaction, ids: IdSource): Promise<string> {
  const kept = await tx.setting(SECRET_SETTING);
  if (typeof kept === "string") return kept;
  const made = ids.secret(SECRET_CHARS);
  await tx.saveSetting(SECRET_SETTING, made);
  return made;
}

/** A new cookie value that identifies one browser. It is signed, so that values from elsewhere are ignored. */
export function newBrowserId(secret: string, ids: IdSource): string {
  const random = ids.secret(SECRET_CHARS);
  return `${random}.${signed(secret, "browser", random)}`;
}

/** Whether a cookie's value is one that `newBrowserId` made. */
export function isBrowserId(secret: string, value: string): boolean {
  const [random = "", signature = ""] = value.split(".", 2);
  return isSame(signature, signed(secret, "browser", random));
}

/**
 * A token in a form that shows that this browser received the form. It is derived from the cookie and the form's
 * purpose, and cannot be computed without the secret.
 */
export function formToken(secret: string, cookie: string, purpose: string): string {
  return signed(secret, "form", cookie, purpose);
}

/** Whether a form was issued to this browser for this purpose. */
export function isOwnForm(secret: string, cookie: string, purpose: string, token: unknown): boolean {
  return typeof token === "string" && isSame(token, formToken(secret, cookie, purpose));
}

function signed(secret: string, ...parts: readonly string[]): string {
  return createHmac("sha256", secret).update(JSON.stringify(parts)).digest("hex");
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
