import type { ConnectionRow, KeyRow } from "../../contract/rows.ts";
import type { Session } from "../database/session.ts";

const INSERT = "INSERT INTO keys VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const EXPIRE_GRANTED =
  "UPDATE keys SET expires_at = $1 WHERE account_id = $2 AND platform_id = $3 AND connection_livemode = $4 AND expires_at IS NULL";
const NOTE_USE = `
  INSERT INTO key_uses (hash, at) SELECT hash, $1 FROM keys WHERE hash = $2
  ON CONFLICT (hash) DO UPDATE SET at = excluded.at WHERE key_uses.at < $3`;

/** Writes a key. */
export async function insertKey(
  session: Session,
  { hash, accountId, livemode, kind, hint, created, expiresAt, grant, permissions }: KeyRow,
): Promise<void> {
  const granted = grant === null ? [null, null, null] : [grant.platformId, grant.livemode, grant.scope];
  const allowed = permissions === null ? null : JSON.stringify(permissions);
  await session.run(INSERT, hash, accountId, livemode, kind, hint, created, expiresAt, ...granted, allowed);
}

/** Makes the keys of a connection invalid from `at` on. */
export async function expireGrantedKeys(
  session: Session,
  { platformId, accountId, livemode }: Pick<ConnectionRow, "platformId" | "accountId" | "livemode">,
  at: number,
): Promise<void> {
  await session.run(EXPIRE_GRANTED, at, accountId, platformId, livemode);
}

/** Records a use of a key, unless a later one is recorded. */
export async function noteKeyUse(session: Session, hash: string, at: number, unlessSince: number): Promise<void> {
  await session.run(NOTE_USE, at, hash, unlessSince);
}

/** Deletes the keys of an account. */
export async function deleteKeys(session: Session, accountId: string): Promise<void> {
  await session.run("DELETE FROM key_uses WHERE hash IN (SELECT hash FROM keys WHERE account_id = $1)", accountId);
  await session.run("DELETE FROM keys WHERE account_id = $1", accountId);
}
