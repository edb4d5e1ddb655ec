import { OAuthError } from "@carabiner/protocol";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow, ApplicationRow, ConnectionRow, ObjectRow, Scope } from "../../store/contract/rows.ts";
import { insertUntil } from "../access/forget-task.ts";
import { bySecret, CODE, keeping, kept, newSecret, secretId } from "../access/secret-row.ts";
import { disconnect } from "../account-changes/disconnect.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { isControlled } from "../connected-account/state/controller-properties.ts";
import { connectAccount } from "./connect-account.ts";

/** The data of a code. Its row holds the consenting account, the platform as parent, and the client id's mode. */
interface CodeState {
  scope: Scope;
  /** Unix milliseconds. */
  expiresAt: number;
  /** The request that used it: a hash of its idempotency key, or null without a key. Undefined before use. */
  usedBy?: string | null;
}

/**
 * Creates a single-use code, valid for a few minutes, that a platform exchanges for a connection to an account. Returns
 * `ac_…`.
 */
export async function issueCode(
  { tx, now, ids, limits }: ChangeContext,
  { application, account, scope }: { application: ApplicationRow; account: AccountRow; scope: Scope },
): Promise<string> {
  const { secret, id } = newSecret(ids, "ac_");
  const state: CodeState = { scope, expiresAt: now + limits.authorizationCodeMs };
  const row: ObjectRow = {
    id,
    object: CODE,
    accountId: account.id,
    livemode: application.livemode,
    parent: application.accountId,
    created: now,
    data: keeping(state),
  };
  await insertUntil(tx, row, now + limits.authorizationCodeKeptMs);
  return secret;
}

/**
 * Exchanges a code for its connection. Using a code again revokes the connection and is refused. A retry of the same
 * request, identified by its idempotency key, gets the same connection instead. Returns the refusal instead of throwing
 * it, so that the revocation is kept.
 */
export async function redeemCode(
  context: ChangeContext,
  { application, code, idempotencyKey }: { application: ApplicationRow; code: string; idempotencyKey: string | null },
): Promise<{ connection: ConnectionRow; scope: Scope } | OAuthError> {
  const { tx, now } = context;
  const row = await bySecret(tx, CODE, code);
  const account = row === null ? null : await tx.account(row.accountId);
  const value = code.slice(0, 64);
  if (row === null || account === null || account.deleted) return new OAuthError("code_unknown", { value });
  if (row.parent !== application.accountId) return new OAuthError("code_foreign");
  if (row.livemode !== application.livemode) return new OAuthError("code_other_mode", { mode: modeOf(application), other: modeOf(row) });
  const state = kept<CodeState>(row);
  const usedBy = idempotencyKey === null ? null : secretId(idempotencyKey);
  const connections = await tx.connections(application.accountId, account.id);
  const connection = connections.find(({ livemode }) => livemode === row.livemode);
  if (state.usedBy !== undefined) {
    if (connection !== undefined && usedBy !== null && usedBy === state.usedBy) return { connection, scope: state.scope };
    if (connection !== undefined) await disconnect(context, account, connection);
    return new OAuthError("code_used");
  }
  if (now >= state.expiresAt) return new OAuthError("code_expired", { value });
  await tx.updateObject({ ...row, data: keeping({ ...state, usedBy } satisfies CodeState) });
  const { type } = readAccountState(account.data);
  return {
    connection: await connectAccount(context, application, account, { scope: state.scope, controller: isControlled(type) }),
    scope: state.scope,
  };
}

/** `test` or `live`, for messages. */
export function modeOf({ livemode }: { livemode: boolean }): "test" | "live" {
  return livemode ? "live" : "test";
}
