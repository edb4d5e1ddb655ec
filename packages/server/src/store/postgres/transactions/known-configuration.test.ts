import { expect, test } from "vitest";
import type { ClientSession } from "../database/session.ts";
import { KnownConfiguration } from "./known-configuration.ts";

/** A configuration of accounts that have so much in them, as one session reads it. */
function ofAccounts(chars: number) {
  const known = new KnownConfiguration();
  const session = { all: async () => [{ version: "1", data: { metadata: { note: "x".repeat(chars) } } }] } as unknown as ClientSession;
  return {
    read: (n: number) => known.read(session, "account", `acct_${n}`, true),
    isKnown: (n: number) => known.find("account", `acct_${n}`) !== undefined,
  };
}

test("thousands of small accounts are known, and those that were used lately", async () => {
  const { read, isKnown } = ofAccounts(100);
  for (let n = 0; n < 100_000; n++) {
    await read(n);
    if (n % 1_000 === 0) expect(isKnown(0)).toBe(true);
  }
  expect([0, 1, 90_000, 99_999].map(isKnown)).toEqual([true, false, true, true]);
});

test("as many large accounts are known as take some tens of megabytes", async () => {
  const { read, isKnown } = ofAccounts(200_000);
  for (let n = 0; n < 500; n++) await read(n);
  expect([0, 300, 450, 499].map(isKnown)).toEqual([false, false, true, true]);
});
