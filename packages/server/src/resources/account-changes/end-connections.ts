import { mayActFor } from "../../events/connection-access.ts";
import type { EventDraft } from "../../events/event-draft.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow, ConnectionRow } from "../../store/contract/rows.ts";
import type { Transaction } from "../../store/contract/transaction.ts";
import { CODE, REFRESH_TOKEN } from "../access/secret-row.ts";
import { applicationEvent } from "./application-event.ts";
import { leaveAsCustomer } from "./leave-as-customer.ts";

/** How many rows are read at a time. */
const AT_ONCE = 100;

/**
 * Ends connections of an account, on behalf of its platform, its user, or a deletion. First notifies each platform, in
 * the connection's mode, while it can still receive events. Then revokes what the connection granted: its keys expire,
 * and its refresh tokens and unused codes are deleted. Endpoints that the platform created on the account are deleted
 * in the modes in which it may no longer act for the account. If the account was a customer of the platform, it no
 * longer is. Other connections, and the account's planned tasks, stay.
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
  for (const platformId of new Set(connections.map((connection) => connection.platformId))) {
    await deleteEndpointsMadeBy(tx, platformId, account.id);
    if ((await tx.connections(platformId, account.id)).length === 0) await leaveAsCustomer({ tx, record }, account, platformId);
  }
}

/**
 * Stops the account's events from reaching a platform without access: pending deliveries to its endpoints are
 * cancelled.
 */
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
