import type { OperationContext } from "../../operations/operation.ts";
import type { ObjectRow } from "../../store/contract/rows.ts";
import type { Reads } from "../../store/contract/transaction.ts";
import { insertUntil } from "./forget-task.ts";
import { bySecret, keeping, kept, newSecret } from "./secret-row.ts";

/** The kinds of its two rows. One is found by the key's id, the other by its secret. Neither holds the secret. */
const KEY = "ephemeral_key";
const SECRET = "ephemeral_secret";

/** A short-lived key for a customer's device, which can access only that customer. */
export interface EphemeralKeyState {
  customer: string;
  /** The account whose key created it. Requests with it act as that account. */
  callerId: string;
  /** Unix milliseconds. */
  expiresAt: number;
  /** The id of the row that is found by its secret. */
  secretRow: string;
}

/** The prefix of every ephemeral key's secret. */
export const EPHEMERAL_PREFIX = "ek_";

/** Creates a key. Returns its row, and its secret, which is shown only once. */
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

/** Revokes a key. */
export async function endEphemeralKey({ tx }: Pick<OperationContext, "tx">, row: ObjectRow): Promise<void> {
  await tx.deleteObject(kept<EphemeralKeyState>(row).secretRow);
  await tx.deleteObject(row.id);
}

/** The key with a secret; null when there is no such key. */
export async function ephemeralKeyBy(reads: Reads, secret: string): Promise<{ row: ObjectRow; state: EphemeralKeyState } | null> {
  const row = await bySecret(reads, SECRET, secret);
  return row === null ? null : { row, state: kept<EphemeralKeyState>(row) };
}
