import { apiError, type IdSource } from "@carabiner/protocol";
import type { Limits } from "../../limits.ts";
import type { AuditAct, JsonObject, ListedOperator, OperatorRow } from "../../store/contract/rows.ts";
import type { Reads, Transaction } from "../../store/contract/transaction.ts";
import { keyHash } from "./issue-keys.ts";
import { maskKey } from "./mask-key.ts";

/** How operator keys begin. */
const OPERATOR_PREFIX = "op_";

/** Random characters of an operator key: 190 bits. */
const KEY_CHARS = 32;

/** Characters of the key's hash in an operator's id: 96 bits. */
const ID_CHARS = 24;

/** An operator's id, derived from the hash of their key, from which the key cannot be found. */
const operatorId = ({ hash }: Pick<OperatorRow, "hash">): string => `operator_${hash.slice(0, ID_CHARS)}`;

/** Who manages the operators, from where, and when: see `AuditAct`. */
interface Acting extends Pick<AuditAct, "by" | "from"> {
  now: number;
}

/** An operator as the API renders it. `key` is the whole key, which only the answer that adds the operator contains. */
export function operatorAnswer(row: ListedOperator, now: number, key?: string): JsonObject {
  return {
    id: operatorId(row),
    object: "operator",
    created: seconds(row.created),
    expires_at: row.expiresAt === null ? null : seconds(row.expiresAt),
    hint: row.hint,
    last_used: row.lastUsedAt === null ? null : seconds(row.lastUsedAt),
    name: row.name,
    read_only: row.readOnly,
    status: row.expiresAt === null ? "active" : row.expiresAt > now ? "expiring" : "expired",
    ...(key === undefined ? {} : { key }),
  };
}

/** Adds an operator. Only this answer shows their key. Throws `operators_too_many`. */
export async function addOperator(
  tx: Transaction,
  { name, readOnly, expiresAt }: Pick<OperatorRow, "name" | "readOnly" | "expiresAt">,
  { by, from, now, ids, limits }: Acting & { ids: IdSource; limits: Pick<Limits, "operatorsPerServer"> },
): Promise<JsonObject> {
  const valid = (await tx.operators()).filter((one) => one.expiresAt === null || one.expiresAt > now);
  if (valid.length >= limits.operatorsPerServer) throw apiError("operators_too_many", { limit: limits.operatorsPerServer });
  const key = OPERATOR_PREFIX + ids.secret(KEY_CHARS);
  const row: OperatorRow = { hash: keyHash(key), name, hint: maskKey(key), readOnly, created: now, expiresAt };
  await tx.insertOperator(row);
  await record(tx, "operator.added", row, { by, from, now });
  return operatorAnswer({ ...row, lastUsedAt: null }, now, key);
}

/** Revokes an operator's key at once; an expired key stays as it is. Throws `resource_missing`. */
export async function revokeOperator(
  tx: Transaction,
  id: string,
  { by, from, now, limits }: Acting & { limits: Pick<Limits, "clocksApartMs"> },
): Promise<JsonObject> {
  const found = (await tx.operators()).find((one) => operatorId(one) === id);
  if (found === undefined) throw apiError("resource_missing", { object: "operator", id, param: "operator" });
  if (found.expiresAt !== null && found.expiresAt <= now) return operatorAnswer(found, now);
  await tx.setOperatorExpiry(found.hash, now - limits.clocksApartMs);
  await record(tx, "operator.revoked", found, { by, from, now });
  return operatorAnswer({ ...found, expiresAt: now }, now);
}

/** The operator whom a key belongs to. Throws `operator_key_invalid` or `operator_key_expired`. */
export async function operatorOfKey(reads: Reads, key: string, now: number): Promise<OperatorRow> {
  const row = isOperatorKey(key) ? await reads.operatorByHash(keyHash(key)) : null;
  if (row === null) throw apiError("operator_key_invalid", { key: maskKey(key) });
  if (row.expiresAt !== null && row.expiresAt <= now) throw apiError("operator_key_expired", { key: row.hint });
  return row;
}

/** Whether a key is an operator's, by its form. */
export const isOperatorKey = (key: string): boolean => key.startsWith(OPERATOR_PREFIX);

/** Records what an operator did in a session of the dashboard. `act` may or may not concern an account. */
export function recordOperatorAct(
  tx: Transaction,
  act: string,
  operator: OperatorRow,
  { from, now, accountId = null, detail = {} }: Omit<Acting, "by"> & { accountId?: string | null; detail?: JsonObject },
): Promise<void> {
  return record(tx, act, operator, { by: operator.hint, from, now }, { accountId, detail });
}

function record(
  tx: Transaction,
  act: string,
  row: OperatorRow,
  { by, from, now }: Acting,
  { accountId, detail }: { accountId: string | null; detail: JsonObject } = { accountId: null, detail: {} },
): Promise<void> {
  const { name, hint, readOnly } = row;
  const about = { name, hint, read_only: readOnly, ...detail };
  return tx.insertAudit({ at: now, act, accountId, subject: operatorId(row), by, from, detail: about });
}

const seconds = (ms: number): number => Math.floor(ms / 1_000);
