import { apiError } from "@carabiner/protocol";
import type { Limits } from "../../limits.ts";
import type { TaskHandlers } from "../../operations/task.ts";
import type { AccountRow, JsonObject } from "../../store/contract/rows.ts";
import type { Reads, Transaction } from "../../store/contract/transaction.ts";
import type { Store } from "../../store/store.ts";
import { ACCOUNT_TASK } from "../account-changes/change-account-world.ts";
import { endConnections } from "../account-changes/end-connections.ts";
import { withoutPausesOf } from "../account-changes/without-pauses-of.ts";
import { readAccountState, writeAccountState } from "../connected-account/state/account-state.ts";

/** The task that continues an erasure, on any server that runs tasks, until nothing is left. */
const ERASE_TASK = "erase";

/** How many connected accounts one step examines. */
const ACCOUNTS_AT_ONCE = 20;

/** The most connected accounts that a preview counts. */
const COUNTED = 250;

/**
 * Ends an account at once: its keys are invalid, its endpoints receive nothing more, and deliveries that are pending
 * are not sent. The customer that it was to its platform keeps only its id. The following steps delete its rows; the
 * first of these is planned.
 */
export async function beginErasure(tx: Transaction, row: AccountRow, now: number): Promise<void> {
  await tx.updateAccount({ ...row, deleted: true });
  await tx.deleteKeys(row.id);
  const { customer: id } = readAccountState(row.data).configured;
  const customer = id === undefined ? null : await tx.object(id);
  if (customer !== null) await tx.updateObject({ ...customer, data: { deleted: true } });
  for (const livemode of [false, true])
    for (;;) {
      const { rows, hasMore } = await tx.endpoints({ accountId: row.id, livemode }, { limit: 100 });
      for (const endpoint of rows) await tx.updateEndpoint({ ...endpoint, deleted: true });
      if (!hasMore) break;
    }
  await planNext(tx, row.id, now);
}

/**
 * One step of an erasure, of bounded size. Accounts that only the platform controls are erased before it. All others
 * lose their connection to it and its pauses. Data among the requests and answers of others is deleted last, because
 * one search covers all erased accounts. Returns how many rows it deleted or changed, or 1 if it only examined some; 0
 * when nothing is left.
 */
export async function eraseStep(
  tx: Transaction,
  accountId: string,
  { now, limits }: { now: number; limits: Pick<Limits, "erasedRowsAtOnce"> },
): Promise<number> {
  const limit = limits.erasedRowsAtOnce;
  let done = 0;
  /** Erases part of an account, if the step has room for more. */
  const erase = async (id: string): Promise<void> => {
    if (done < limit) done += await tx.eraseRows({ accountId: id, erasure: accountId, now }, limit - done);
  };
  for (const livemode of [false, true]) {
    const { rows } = await tx.connectedAccounts({ platformId: accountId, livemode }, { limit: ACCOUNTS_AT_ONCE });
    for (const row of rows) {
      if (await isControlledBy(tx, row, accountId)) await erase(row.id);
      else {
        await leave({ tx, now }, row, accountId);
        done++;
      }
    }
    if (done > 0) return done;
  }
  for (const id of await tx.deletedAccounts(accountId, ACCOUNTS_AT_ONCE)) await erase(id);
  if (done > 0) return done;
  await erase(accountId);
  return done > 0 ? done : tx.eraseAmongOthers(accountId, limit);
}

/** Continues erasures that a call did not finish. */
export const eraseTask: TaskHandlers = {
  async [ERASE_TASK]({ tx, now, limits }, { subject }) {
    if ((await eraseStep(tx, subject, { now, limits })) > 0) await planNext(tx, subject, now);
  },
};

/** Removes a complete erasure from the list of what falls due. */
export const endErasure = (tx: Transaction, accountId: string): Promise<void> =>
  tx.cancelTask({ accountId, livemode: false, kind: ERASE_TASK, subject: accountId });

/**
 * The setting that names the erasure after which files must still be purged. Its value is different for each erasure.
 */
const PURGE = "purge_owed";

/**
 * Records, in the transaction that begins an erasure, that files must be purged after it, so that the successor of a
 * killed server does it.
 */
export const owePurge = (tx: Transaction, accountId: string, now: number): Promise<void> => tx.saveSetting(PURGE, `${accountId} ${now}`);

/**
 * Purges files after complete erasures, if that is still to do. Returns whether it was. While an erasure is under way
 * it does nothing and returns null.
 */
export async function purgeIfOwed(store: Pick<Store, "read" | "transaction" | "purge">): Promise<boolean | null> {
  const owed = await store.read((reads) => reads.setting(PURGE));
  if (owed === null) return false;
  if ((await store.read((reads) => reads.tasksOfKind(ERASE_TASK, 1))).length > 0) return null;
  await store.purge();
  await store.transaction(async (tx) => {
    // Another erasure may have begun meanwhile.
    if ((await tx.setting(PURGE)) === owed) await tx.saveSetting(PURGE, null);
  });
  return true;
}

const planNext = (tx: Transaction, accountId: string, now: number): Promise<void> =>
  tx.scheduleTask({ accountId, livemode: false, kind: ERASE_TASK, subject: accountId, dueAt: now });

/**
 * Whether an account is erased together with a platform: the platform created it, no other platform is connected to it,
 * and it is not a platform itself.
 */
async function isControlledBy(reads: Reads, row: AccountRow, platformId: string): Promise<boolean> {
  const { connections } = await reads.subscribers(row.id);
  return connections.every((one) => one.platformId === platformId && one.controller) && (await reads.application(row.id, false)) === null;
}

/**
 * Ends an account's connections to a platform, and the platform's pauses. There is no event for the platform, because
 * it no longer receives events. The account's task applies the effects on the account, and records their events.
 */
async function leave({ tx, now }: { tx: Transaction; now: number }, before: AccountRow, platformId: string): Promise<void> {
  await endConnections({ tx, now, record: async () => [] }, before, await tx.connections(platformId, before.id));
  const row = (await tx.account(before.id)) ?? before;
  const state = withoutPausesOf(readAccountState(row.data), platformId);
  if (state === null) return;
  await tx.updateAccount({ ...row, data: writeAccountState(state) });
  await tx.scheduleTask({ accountId: row.id, livemode: state.livemode, kind: ACCOUNT_TASK, subject: row.id, dueAt: now });
}

/** What is erased with a platform, and what stays. `more` says that there are more accounts than were counted. */
export async function deletionPreview(reads: Reads, row: AccountRow): Promise<JsonObject> {
  let erased = 0;
  let disconnected = 0;
  let more = false;
  const seen = new Set<string>();
  for (const livemode of [false, true]) {
    const { rows, hasMore } = await reads.connectedAccounts({ platformId: row.id, livemode }, { limit: COUNTED });
    more ||= hasMore;
    for (const account of rows) {
      if (seen.has(account.id)) continue;
      seen.add(account.id);
      if (await isControlledBy(reads, account, row.id)) erased++;
      else disconnected++;
    }
  }
  const endpoints = async (livemode: boolean) => reads.countEndpoints({ accountId: row.id, livemode });
  return {
    accounts_disconnected: disconnected,
    accounts_erased: erased,
    endpoints: (await endpoints(false)) + (await endpoints(true)),
    keys: (await reads.ownKeys(row.id)).length,
    more_accounts: more,
  };
}

/** What is erased with an account. Events are counted up to `countUpTo` in each mode. */
export async function erasurePreview(reads: Reads, row: AccountRow, countUpTo: number): Promise<JsonObject> {
  let [events, endpoints, more] = [0, 0, false];
  for (const livemode of [false, true]) {
    const found = await reads.events({ accountId: row.id, livemode }, { limit: countUpTo });
    events += found.rows.length;
    more ||= found.hasMore;
    endpoints += await reads.countEndpoints({ accountId: row.id, livemode });
  }
  return { events, more_events: more, endpoints, keys: (await reads.ownKeys(row.id)).length };
}

/**
 * An account that can be erased: it is not a platform, and its platform has deleted it. Throws for any other account.
 */
export async function erasableAccount(reads: Reads, id: string): Promise<AccountRow> {
  const row = await reads.account(id);
  if (row === null) throw apiError("resource_missing", { object: "account", id, param: "account" });
  if ((await reads.application(id, false)) !== null) throw apiError("account_is_platform", { id, param: "account" });
  if (!row.deleted) throw apiError("account_not_deleted", { id, param: "account" });
  return row;
}
