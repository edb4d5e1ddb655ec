import { hash } from "node:crypto";
import { createIdSource } from "@carabiner/protocol";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../limits.ts";
import type { ListedKey, ListedOperator } from "../../store/contract/rows.ts";
import type { Transaction } from "../../store/contract/transaction.ts";
import { revokeKey, rollKey } from "./manage-keys.ts";
import { revokeOperator } from "./manage-operators.ts";

const NOW = 1_000_000;
const OWNER = { accountId: "acct_p", livemode: false };
const digest = hash("sha256", "the key", "hex");
const acting = { by: "operator", from: null, now: NOW, ids: createIdSource((size) => Buffer.alloc(size)), limits: DEFAULT_LIMITS };

/** A transaction on one key and one operator, and when they end. */
function oneOfEach() {
  const ends: number[] = [];
  const common = { hash: digest, hint: "hint", created: 0, expiresAt: null, lastUsedAt: null };
  const key: ListedKey = { ...common, ...OWNER, kind: "secret", grant: null, permissions: null };
  const operator: ListedOperator = { ...common, name: "Ada", readOnly: false };
  const present: Partial<Transaction> = {
    ownKeys: async () => [key],
    operators: async () => [operator],
    setKeyExpiry: async (_, at) => void ends.push(at ?? Number.POSITIVE_INFINITY),
    setOperatorExpiry: async (_, at) => void ends.push(at),
    insertKey: async () => undefined,
    insertAudit: async () => undefined,
  };
  return { tx: present as Transaction, ends };
}

const keyId = `key_${digest.slice(0, 24)}`;

test.each<[string, (tx: Transaction) => Promise<unknown>]>([
  ["a key that is rolled without an overlap", (tx) => rollKey(tx, OWNER, { id: keyId, overlapMs: 0 }, acting)],
  ["a key that is revoked", (tx) => revokeKey(tx, OWNER, { id: keyId, evenLast: true }, acting)],
  ["an operator that is revoked", (tx) => revokeOperator(tx, `operator_${digest.slice(0, 24)}`, acting)],
])("%s has ended for servers whose clocks are behind as well", async (_, end) => {
  const { tx, ends } = oneOfEach();
  await end(tx);
  expect(ends).toEqual([NOW - DEFAULT_LIMITS.clocksApartMs]);
});

test("an overlap is as long as requested", async () => {
  const { tx, ends } = oneOfEach();
  await rollKey(tx, OWNER, { id: keyId, overlapMs: 5_000 }, acting);
  expect(ends).toEqual([NOW + 5_000]);
});
