import { createHmac, timingSafeEqual } from "node:crypto";
import type { IdSource } from "@carabiner/protocol";
import type { Transaction } from "../store/contract/transaction.ts";

/** Random characters of a secret and of a cookie: 190 bits. */
const SECRET_CHARS = 32;

const SECRET_SETTING = "page_secret";

/** What the servers of a store sign with what they give to browsers. Made at the first start. */
export async function pageSecret(tx: Transaction, ids: IdSource): Promise<string> {
  const kept = await tx.setting(SECRET_SETTING);
  if (typeof kept === "string") return kept;
  const made = ids.secret(SECRET_CHARS);
  await tx.saveSetting(SECRET_SETTING, made);
  return made;
}

/** A new value for a cookie that tells one browser from another. It is signed: whatever else a browser sends is nobody's. */
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
 * What a form carries to show that this browser was given it. It follows from the cookie and from what the form is for, and
 * from neither of them without the secret.
 */
export function formToken(secret: string, cookie: string, purpose: string): string {
  return signed(secret, "form", cookie, purpose);
}

/** Whether a form was given to the browser that sends it, for what it is sent for. */
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
