import { OAuthError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { mayActFor } from "../../events/connection-access.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { ApplicationRow, ConnectionRow, KeyRow, Scope } from "../../store/contract/rows.ts";
import { bySecret, keeping, kept, newSecret, REFRESH_TOKEN } from "../access/secret-row.ts";
import { grantedKeys } from "../platforms/issue-keys.ts";

/** The data of a refresh token. Its row holds the account, the platform as parent, and the connection's mode. */
interface RefreshState {
  scope: Scope;
}

type Granted = Pick<ConnectionRow, "platformId" | "accountId" | "livemode">;

/** The response to a code: the platform's keys to the account, and a refresh token. */
export async function tokensFor(context: ChangeContext, connection: Granted, scope: Scope): Promise<Stripe.OAuthToken> {
  const { tx, now, ids } = context;
  const { platformId, accountId, livemode } = connection;
  const { secret, id } = newSecret(ids, "rt_");
  const state: RefreshState = { scope };
  await tx.insertObject({ id, object: REFRESH_TOKEN, accountId, livemode, parent: platformId, created: now, data: keeping(state) });
  return answer(context, connection, { scope, livemode, refreshToken: secret });
}

/**
 * Issues more keys for a refresh token, in the mode of the platform's key. A live connection includes test access,
 * since a platform in production acts for its accounts in both modes. `scope` may be narrower than the token's. Throws
 * `OAuthError`.
 */
export async function refreshed(
  context: ChangeContext,
  { application, refreshToken, scope: asked }: { application: ApplicationRow; refreshToken: string; scope: Scope | undefined },
): Promise<Stripe.OAuthToken> {
  const row = await bySecret(context.tx, REFRESH_TOKEN, refreshToken);
  if (row === null) throw new OAuthError("refresh_token_unknown");
  const platformId = application.accountId;
  if (row.parent !== platformId) throw new OAuthError("refresh_token_foreign");
  if (!mayActFor([row], application.livemode)) throw new OAuthError("refresh_token_other_mode");
  const { scope: has } = kept<RefreshState>(row);
  if (asked === "read_write" && has === "read_only") throw new OAuthError("scope_exceeded", { has, value: asked });
  const { accountId, livemode } = row;
  return answer(context, { platformId, accountId, livemode }, { scope: asked ?? has, livemode: application.livemode, refreshToken });
}

async function answer(
  { tx, now, ids }: ChangeContext,
  connection: Granted,
  { scope, livemode, refreshToken }: { scope: Scope; livemode: boolean; refreshToken: string },
): Promise<Stripe.OAuthToken> {
  const grant: KeyRow["grant"] = { platformId: connection.platformId, livemode: connection.livemode, scope };
  const keys = await grantedKeys(tx, { accountId: connection.accountId, livemode, grant }, { now, ids });
  return {
    access_token: keys.secret,
    livemode,
    refresh_token: refreshToken,
    token_type: "bearer",
    stripe_publishable_key: keys.publishable,
    stripe_user_id: connection.accountId,
    scope,
  };
}
