import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow, ApplicationRow, ConnectionRow, Scope } from "../../store/contract/rows.ts";
import { applicationEvent } from "../account-changes/application-event.ts";

/**
 * Connects an account to a platform in the application's mode, and notifies the platform. An account already connected
 * in that mode gets no new event, and the wider of the two scopes applies. Connections in the other mode and of other
 * platforms do not change. Returns the connection.
 */
export async function connectAccount(
  { tx, now, record }: Pick<ChangeContext, "tx" | "now" | "record">,
  application: ApplicationRow,
  account: AccountRow,
  { scope, controller }: { scope: Scope; controller: boolean },
): Promise<ConnectionRow> {
  const { accountId: platformId, livemode } = application;
  const there = (await tx.connections(platformId, account.id)).find((connection) => connection.livemode === livemode);
  if (there === undefined) {
    const connection: ConnectionRow = { platformId, accountId: account.id, livemode, created: now, controller, scope };
    await tx.insertConnection(connection);
    await record([applicationEvent("authorized", account, application)]);
    return connection;
  }
  if (there.scope === "read_write" || scope === "read_only") return there;
  const widened = { ...there, scope };
  await tx.deleteConnection(platformId, account.id, livemode);
  await tx.insertConnection(widened);
  return widened;
}
