import { hash } from "node:crypto";
import type { IdSource } from "@carabiner/protocol";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import type { Reads } from "../../store/contract/transaction.ts";

/**
 * Kinds of rows that are found by a secret. Only its SHA-256 is stored, as the row's id. Secrets are random and long,
 * so a slow hash would add no protection.
 */
export const CODE = "oauth_code";
export const REFRESH_TOKEN = "oauth_refresh_token";

/** Random characters of a secret: 190 bits. */
const SECRET_CHARS = 32;

/** A new secret, and the id of its row. */
export function newSecret(ids: IdSource, prefix: string): { secret: string; id: string } {
  const secret = prefix + ids.secret(SECRET_CHARS);
  return { secret, id: secretId(secret) };
}

/** The row id of a secret. */
export function secretId(secret: string): string {
  return hash("sha256", secret, "hex");
}

/** The row of a kind for a secret; null when there is no such row. */
export async function bySecret(reads: Reads, object: string, secret: string): Promise<ObjectRow | null> {
  const row = await reads.object(secretId(secret));
  return row?.object === object ? row : null;
}

/** Decodes a row's `data` as its kind's type. */
export function kept<Data>(row: ObjectRow): Data {
  return row.data as unknown as Data;
}

/** Encodes `data` for a row. */
export function keeping<Data extends object>(data: Data): JsonObject {
  return { ...data } as unknown as JsonObject;
}
