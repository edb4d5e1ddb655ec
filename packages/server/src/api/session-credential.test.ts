import { expect, test } from "vitest";
import type { AccountRow } from "../store/contract/rows.ts";
import { chosenPlatform } from "./session-credential.ts";

const account = (id: string, deleted: boolean): AccountRow => ({ id, created: 0, apiVersion: "2024-06-20", deleted, data: {} });
const LONGEST = `acct_${"a".repeat(59)}`;
const ACCOUNTS = new Map(
  [account("acct_platform", false), account("acct_deleted", true), account("acct_connected", false), account(LONGEST, false)].map(
    (each) => [each.id, each],
  ),
);

test.each([
  ["a platform", "acct_platform", "acct_platform"],
  ["a platform whose id is as long as any", LONGEST, LONGEST],
  ["none that was deleted", "acct_deleted", null],
  ["no account that is not a platform", "acct_connected", null],
  ["none that is unknown", "acct_unknown", null],
])("an operator acts for %s", async (_, id, chosen) => {
  const reads = {
    account: async (asked: string) => ACCOUNTS.get(asked) ?? null,
    application: async (accountId: string, livemode: boolean) =>
      accountId === "acct_connected" ? null : { id: "ca_1", accountId, livemode, name: "Platform", redirectUris: [] },
  };
  expect(await chosenPlatform(reads, id)).toBe(chosen);
});

test("an id that is longer than any is not looked up", async () => {
  const never = (): never => {
    throw new Error("It is looked up.");
  };
  expect(await chosenPlatform({ account: never, application: never }, `${LONGEST}a`)).toBeNull();
});
