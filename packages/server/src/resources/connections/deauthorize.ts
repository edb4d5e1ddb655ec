import { OAuthError } from "@carabiner/protocol";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow, ApplicationRow, ConnectionRow } from "../../store/contract/rows.ts";
import { disconnect } from "../account-changes/disconnect.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { modeOf } from "./authorization-code.ts";

/**
 * Disconnects an account from a platform in the application's mode. Throws `OAuthError`: `not_connected`, or
 * `controlled_account` for an account the platform controls, which can only be rejected or deleted.
 * Source: https://docs.stripe.com/connect/oauth-reference (POST /oauth/deauthorize)
 */
export async function deauthorize(context: ChangeContext, application: ApplicationRow, accountId: string): Promise<void> {
  const account = await context.tx.account(accountId);
  const connection = account === null || account.deleted ? undefined : await connectionIn(context, application, account);
  if (account === null || connection === undefined)
    throw new OAuthError("not_connected", { account: accountId.slice(0, 64), mode: modeOf(application) });
  if (!mayDisconnect(account, connection)) throw new OAuthError("controlled_account", { account: account.id });
  await disconnect(context, account, connection);
}

/** Whether an account can be disconnected: the platform does not control it, and its user has the full Dashboard. */
export function mayDisconnect(account: AccountRow, connection: Pick<ConnectionRow, "controller">): boolean {
  return !connection.controller && readAccountState(account.data).controller.dashboard === "full";
}

/** An application's connection to an account, in the application's mode. */
export async function connectionIn(
  { tx }: Pick<ChangeContext, "tx">,
  { accountId: platformId, livemode }: Pick<ApplicationRow, "accountId" | "livemode">,
  account: Pick<AccountRow, "id">,
): Promise<ConnectionRow | undefined> {
  return (await tx.connections(platformId, account.id)).find((connection) => connection.livemode === livemode);
}
