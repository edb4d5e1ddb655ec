import { hash } from "node:crypto";
import type { IdSource } from "@carabiner/protocol";
import type { KeyRow } from "../../store/contract/rows.ts";
import type { Transaction } from "../../store/contract/transaction.ts";
import { maskKey } from "./mask-key.ts";

/** An account's keys in one mode, in plain text: shown when they are created, and never stored. */
export interface KeyPair {
  secret: string;
  publishable: string;
}

export type Keys = { test: KeyPair; live: KeyPair };

/** Random characters of a key: 142 bits. */
const KEY_CHARS = 24;

/** New random keys for both modes. */
export function randomKeys(ids: IdSource): Keys {
  return keysEnding(() => ids.secret(KEY_CHARS));
}

/** Keys with a given ending, for a server whose keys may be public. */
export function keysEnding(ending: () => string): Keys {
  const pair = (mode: "test" | "live"): KeyPair => ({ secret: `sk_${mode}_${ending()}`, publishable: `pk_${mode}_${ending()}` });
  return { test: pair("test"), live: pair("live") };
}

/** Makes keys valid for an account. Stores only their hashes. */
export async function issueKeys(tx: Transaction, accountId: string, keys: Keys, now: number): Promise<void> {
  for (const mode of ["test", "live"] as const)
    for (const kind of ["secret", "publishable"] as const)
      await tx.insertKey(keyRow(accountId, mode === "live", kind, keys[mode][kind], now));
}

/** Issues a pair of keys to an account in one mode, which only the platform of a connection may use. */
export async function grantedKeys(
  tx: Transaction,
  { accountId, livemode, grant }: Pick<KeyRow, "accountId" | "livemode" | "grant">,
  { now, ids }: { now: number; ids: IdSource },
): Promise<KeyPair> {
  const pair = randomKeys(ids)[livemode ? "live" : "test"];
  for (const kind of ["secret", "publishable"] as const)
    await tx.insertKey({ ...keyRow(accountId, livemode, kind, pair[kind], now), grant });
  return pair;
}

/** Creates a key of an account. Returns the key itself too, which is not stored. */
export async function issueKey(
  tx: Transaction,
  { accountId, livemode, kind, expiresAt, permissions }: Pick<KeyRow, "accountId" | "livemode" | "kind" | "expiresAt" | "permissions">,
  { now, ids }: { now: number; ids: IdSource },
): Promise<{ row: KeyRow; key: string }> {
  const key = `${PREFIXES[kind]}_${livemode ? "live" : "test"}_${ids.secret(KEY_CHARS)}`;
  const row = { ...keyRow(accountId, livemode, kind, key, now), expiresAt, permissions };
  await tx.insertKey(row);
  return { row, key };
}

/** The row of a key. */
function keyRow(accountId: string, livemode: boolean, kind: KeyRow["kind"], key: string, now: number): KeyRow {
  const valid = { created: now, expiresAt: null, grant: null, permissions: null };
  return { hash: keyHash(key), accountId, livemode, kind, hint: maskKey(key), ...valid };
}

/** How keys begin, by kind. Source: https://docs.stripe.com/keys */
const PREFIXES: Readonly<Record<KeyRow["kind"], string>> = { secret: "sk", publishable: "pk", restricted: "rk" };

/**
 * The lookup hash of a key: SHA-256 in hex. A fast hash is sufficient, since keys are random and long. A restricted key
 * is hashed with a prefix: nodes of versions without restricted keys hash it without one, find nothing and refuse it,
 * where they would otherwise treat it as a secret key.
 */
export function keyHash(key: string): string {
  return hash("sha256", key.startsWith(`${PREFIXES.restricted}_`) ? `restricted:${key}` : key, "hex");
}
