import type { OperationContext } from "../../operations/operation.ts";
import type { ObjectRow } from "../../store/contract/rows.ts";
import type { Reads } from "../../store/contract/transaction.ts";
import { insertUntil } from "./forget-task.ts";
import { bySecret, keeping, kept, newSecret } from "./secret-row.ts";

/** The kinds of its two rows: one is found by the key's id, the other by its secret. Neither holds the secret. */
const KEY = "ephemeral_key";
const SECRET = "ephemeral_secret";

/** A key for a customer's own device: it reaches that customer alone, and not for long. */
export interface EphemeralKeyState {
  customer: string;
  /** Whose key made it: requests with it are made in that account's name. */
  callerId: string;
  /** Unix milliseconds. */
  expiresAt: number;
  /** The id of the row that its secret finds. */
  secretRow: string;
}

/** How every secret of an ephemeral key begins. */
export const EPHEMERAL_PREFIX = "ek_";

/** Makes a key. Returns its row, and its secret, which is told once. */
export async function makeEphemeralKey(context: OperationContext, customer: string): Promise<{ row: ObjectRow; secret: string }> {
  const { tx, account, caller, livemode, now, ids, limits } = context;
  const { secret, id: secretRow } = newSecret(ids, `${EPHEMERAL_PREFIX}${livemode ? "live" : "test"}_`);
  const state: EphemeralKeyState = { customer, callerId: caller.id, expiresAt: now + limits.ephemeralKeyMs, secretRow };
  const common = { accountId: account.id, livemode, created: now, data: keeping(state) };
  const row: ObjectRow = { ...common, id: ids.newId("ephemeral_key", now), object: KEY, parent: null };
  await insertUntil(tx, row, state.expiresAt);
  await insertUntil(tx, { ...common, id: secretRow, object: SECRET, parent: row.id }, state.expiresAt);
  return { row, secret };
}

/** Ends a key. */
export async function endEphemeralKey({ tx }: Pick<OperationContext, "tx">, row: ObjectRow): Promise<void> {
  await tx.deleteObject(kept<EphemeralKeyState>(row).secretRow);
  await tx.deleteObject(row.id);
}

/** The key that a secret is of; null when there is none. */
export async function ephemeralKeyBy(reads: Reads, secret: string): Promise<{ row: ObjectRow; state: EphemeralKeyState } | null> {
  const row = await bySecret(reads, SECRET, secret);
  return row === null ? null : { row, state: kept<EphemeralKeyState>(row) };
}
