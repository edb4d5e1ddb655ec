import { expect, test } from "vitest";
import type { AccountRow, ConnectionRow } from "../../store/contract/rows.ts";
import type { Transaction } from "../../store/contract/transaction.ts";
import { actingApplication, connectedAccount } from "./accessible-account.ts";

const account = (id: string, deleted = false): AccountRow => ({ id, created: 0, apiVersion: "2024-06-20", deleted, data: {} });
const [PLATFORM, OTHER] = [account("acct_platform"), account("acct_other")];
const ACCOUNTS = [PLATFORM, OTHER, account("acct_test"), account("acct_live"), account("acct_deleted", true), account("acct_unconnected")];
/** In which modes each account is connected to the platform. */
const MODES: Readonly<Record<string, readonly boolean[]>> = { acct_test: [false], acct_live: [true], acct_deleted: [true, false] };

const reads: Pick<Transaction, "account" | "connections" | "application"> = {
  account: async (id) => ACCOUNTS.find((one) => one.id === id) ?? null,
  connections: async (platformId, accountId) =>
    (platformId === PLATFORM.id ? (MODES[accountId] ?? []) : []).map(
      (livemode): ConnectionRow => ({ platformId, accountId, livemode, created: 0, controller: true, scope: "read_write" }),
    ),
  application: async (accountId, livemode) => ({ id: `ca_${livemode}`, accountId, livemode, name: "Platform", redirectUris: [] }),
};
const tx = reads as Transaction;

test.each([
  ["acct_test", false, true],
  ["acct_test", true, false],
  ["acct_live", false, true],
  ["acct_live", true, true],
  ["acct_deleted", false, false],
  ["acct_unconnected", false, false],
  ["acct_unknown", false, false],
])("a platform reaches %s with a key (live: %s): %s", async (id, livemode, reached) => {
  const found = await connectedAccount({ tx, caller: PLATFORM, account: PLATFORM, livemode }, id);
  expect(found?.id ?? null).toBe(reached ? id : null);
  // A caller that acts for the platform cannot reach its accounts.
  expect(await connectedAccount({ tx, caller: OTHER, account: PLATFORM, livemode }, id)).toBeNull();
});

test.each([true, false])("who acts for a platform acts with its application of the key's mode, live: %s", async (livemode) => {
  const context = { tx, caller: OTHER, account: PLATFORM, application: null, livemode };
  expect(await actingApplication(context)).toMatchObject({ id: `ca_${livemode}`, accountId: PLATFORM.id });
  expect(await actingApplication({ ...context, caller: PLATFORM })).toBeNull();
});
