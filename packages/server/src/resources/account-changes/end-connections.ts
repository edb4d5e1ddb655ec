import { mayActFor } from "../../events/connection-access.ts";
import type { EventDraft } from "../../events/record-event.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow, ConnectionRow } from "../../store/contract/rows.ts";
import type { Transaction } from "../../store/contract/transaction.ts";
import { CODE, REFRESH_TOKEN } from "../access/secret-row.ts";
import { applicationEvent } from "./application-event.ts";

/** Rows looked at in one go. */
const AT_ONCE = 100;

/**
 * Ends connections of an account, whoever wants it: its platform, its user, or whoever deletes it. Tells each platform
 * while it can still be told, in the connection's mode, and then takes away what the connection gave: its keys expire,
 * its refresh tokens and unused codes are forgotten, and the endpoints that the platform made there are deleted, in the
 * modes in which it may no longer act for the account. Other connections, and what the account has planned, stay.
 */
export async function endConnections(
  { tx, now, record }: Pick<ChangeContext, "tx" | "now" | "record">,
  account: AccountRow,
  connections: readonly ConnectionRow[],
): Promise<void> {
  const drafts: EventDraft[] = [];
  for (const { platformId, livemode } of connections) {
    const application = await tx.application(platformId, livemode);
    if (application !== null) drafts.push(applicationEvent("deauthorized", account, application));
  }
  await record(drafts);
  for (const connection of connections) {
    await tx.deleteConnection(connection.platformId, account.id, connection.livemode);
    await tx.expireGrantedKeys(connection, now);
    for (const object of [CODE, REFRESH_TOKEN]) await forget(tx, connection, object);
  }
  for (const platformId of new Set(connections.map((connection) => connection.platformId)))
    await deleteEndpointsMadeBy(tx, platformId, account.id);
}

/** The account's events must not go on to a platform that has lost access. What its endpoints are still owed is cancelled. */
async function deleteEndpointsMadeBy(tx: Transaction, platformId: string, accountId: string): Promise<void> {
  const left = await tx.connections(platformId, accountId);
  for (const livemode of [false, true]) {
    if (mayActFor(left, livemode)) continue;
    for (;;) {
      const { rows, hasMore } = await tx.endpoints({ accountId, livemode, madeBy: platformId }, { limit: AT_ONCE });
      for (const row of rows) await tx.updateEndpoint({ ...row, deleted: true });
      if (!hasMore) break;
    }
  }
}

async function forget(tx: Transaction, { platformId, accountId, livemode }: ConnectionRow, object: string): Promise<void> {
  for (;;) {
    const { rows, hasMore } = await tx.objects({ object, accountId, livemode, parent: platformId }, { limit: AT_ONCE });
    for (const { id } of rows) await tx.deleteObject(id);
    if (!hasMore) return;
  }
}
