import { apiError, type IdSource } from "@carabiner/protocol";
import type { Limits } from "../../limits.ts";
import type { AuditAct, JsonObject, KeyRow, ListedKey } from "../../store/contract/rows.ts";
import type { Reads, Transaction } from "../../store/contract/transaction.ts";
import { issueKey } from "./issue-keys.ts";

/** The account whose keys are managed, and the mode. */
export interface KeyOwner {
  accountId: string;
  livemode: boolean;
}

/** Who manages the keys, and when: see `AuditAct`. */
interface Acting extends Pick<AuditAct, "by" | "from"> {
  now: number;
}

/** Ends keys. */
interface Ending extends Acting {
  limits: Pick<Limits, "clocksApartMs">;
}

/** Characters of a key's hash in its id: 96 bits, so no two keys share an id. */
const ID_CHARS = 24;

/** A key's id, derived from its hash, from which the key cannot be found. */
const keyId = (hash: string): string => `key_${hash.slice(0, ID_CHARS)}`;

/** Whether a key is valid without end, valid until a time, or no longer valid. */
export type KeyStatus = "active" | "expiring" | "expired";

function keyStatus({ expiresAt }: Pick<KeyRow, "expiresAt">, now: number): KeyStatus {
  if (expiresAt === null) return "active";
  return expiresAt > now ? "expiring" : "expired";
}

/** A key as the API renders it. `secret` is the whole key, which only the answer that creates it contains. */
export function keyAnswer(row: ListedKey, now: number, secret?: string): JsonObject {
  return {
    id: keyId(row.hash),
    object: "api_key",
    account: row.accountId,
    created: seconds(row.created),
    expires_at: row.expiresAt === null ? null : seconds(row.expiresAt),
    hint: row.hint,
    last_used: row.lastUsedAt === null ? null : seconds(row.lastUsedAt),
    livemode: row.livemode,
    permissions: row.permissions === null ? null : [...row.permissions.direct],
    connect_permissions: row.permissions === null ? null : [...row.permissions.connect],
    status: keyStatus(row, now),
    type: row.kind,
    ...(secret === undefined ? {} : { secret }),
  };
}

/** An account's own keys in one mode, newest first. */
export async function keysOf(reads: Reads, { accountId, livemode }: KeyOwner): Promise<ListedKey[]> {
  return (await reads.ownKeys(accountId)).filter((key) => key.livemode === livemode);
}

/** One of an account's keys, by its id. Throws `resource_missing`. */
async function keyNamed(reads: Reads, owner: KeyOwner, id: string): Promise<ListedKey> {
  const found = (await keysOf(reads, owner)).find(({ hash }) => keyId(hash) === id);
  if (found === undefined) throw apiError("resource_missing", { object: "key", id, param: "key" });
  return found;
}

interface Making extends Acting {
  ids: IdSource;
  limits: Pick<Limits, "keysPerMode">;
}

/** Creates a key, which only this answer shows. Throws `keys_too_many`. */
export async function createKey(
  tx: Transaction,
  owner: KeyOwner,
  { kind, expiresAt, permissions }: Pick<KeyRow, "kind" | "expiresAt" | "permissions">,
  { by, from, now, ids, limits }: Making,
): Promise<JsonObject> {
  const valid = (await keysOf(tx, owner)).filter((key) => keyStatus(key, now) !== "expired");
  if (valid.length >= limits.keysPerMode)
    throw apiError("keys_too_many", { limit: limits.keysPerMode, mode: owner.livemode ? "live" : "test" });
  const { row, key } = await issueKey(tx, { ...owner, kind, expiresAt, permissions }, { now, ids });
  await record(tx, "key.created", row, { by, from, now });
  return keyAnswer({ ...row, lastUsedAt: null }, now, key);
}

/**
 * Replaces a key with a new one, with the same permissions. The old key stays valid for `overlapMs`, but not beyond its
 * own expiry; with 0 it expires at once. Throws `resource_missing` or `key_already_expired`.
 */
export async function rollKey(
  tx: Transaction,
  owner: KeyOwner,
  { id, overlapMs }: { id: string; overlapMs: number },
  { by, from, now, ids, limits }: Omit<Making, "limits"> & Ending,
): Promise<JsonObject> {
  const old = await keyNamed(tx, owner, id);
  if (keyStatus(old, now) === "expired") throw apiError("key_already_expired", { id, param: "key" });
  const endsAt = Math.min(old.expiresAt ?? Number.POSITIVE_INFINITY, now + overlapMs);
  await tx.setKeyExpiry(old.hash, overlapMs === 0 ? endsAt - limits.clocksApartMs : endsAt);
  const { row, key } = await issueKey(tx, { ...owner, kind: old.kind, permissions: old.permissions, expiresAt: null }, { now, ids });
  await record(tx, "key.rolled", row, { by, from, now }, { replaces: id, replaced_expires_at: seconds(endsAt) });
  return { ...keyAnswer({ ...row, lastUsedAt: null }, now, key), replaces: { id, expires_at: seconds(endsAt), hint: old.hint } };
}

/**
 * Revokes a key at once; an expired key stays as it is. Throws `resource_missing`. Unless `evenLast` is set, also
 * throws `key_last` for the only secret key that does not expire, since no key could create another without it.
 */
export async function revokeKey(
  tx: Transaction,
  owner: KeyOwner,
  { id, evenLast }: { id: string; evenLast: boolean },
  { by, from, now, limits }: Ending,
): Promise<JsonObject> {
  const keys = await keysOf(tx, owner);
  const key = await keyNamed(tx, owner, id);
  const lasting = keys.filter((one) => one.kind === "secret" && one.expiresAt === null);
  if (!evenLast && lasting.length === 1 && lasting[0]?.hash === key.hash)
    throw apiError("key_last", { id, mode: owner.livemode ? "live" : "test", param: "key" });
  if (keyStatus(key, now) === "expired") return keyAnswer(key, now);
  await tx.setKeyExpiry(key.hash, now - limits.clocksApartMs);
  await record(tx, "key.revoked", key, { by, from, now });
  return keyAnswer({ ...key, expiresAt: now }, now);
}

/** Records an act on a key in the audit log. */
async function record(
  tx: Transaction,
  act: string,
  { hash, accountId, livemode, hint, kind, permissions }: KeyRow,
  { by, from, now }: Acting,
  more: JsonObject = {},
): Promise<void> {
  const allowed: JsonObject =
    permissions === null ? {} : { permissions: [...permissions.direct], connect_permissions: [...permissions.connect] };
  const detail = { hint, livemode, type: kind, ...allowed, ...more };
  await tx.insertAudit({ at: now, act, accountId, subject: keyId(hash), by, from, detail });
}

const seconds = (ms: number): number => Math.floor(ms / 1_000);
