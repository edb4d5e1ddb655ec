import { expect, test } from "vitest";
import type { Transaction } from "../store/contract/transaction.ts";
import { StoreUnavailable } from "../store/store.ts";
import { createKeyUses } from "./key-uses.ts";

const LIMITS = { keyUseNotedMs: 3_600_000, keyUsesRemembered: 2 };

/** Collects what a store is asked to note. The store can be made unavailable. */
function noted() {
  const notes: [hash: string, at: number, unlessSince: number][] = [];
  const state = { away: false };
  const tx = { noteKeyUse: async (...note: [string, number, number]) => void notes.push(note) } as unknown as Transaction;
  const transaction = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
    if (state.away) throw new StoreUnavailable("away");
    return work(tx);
  };
  return { notes, state, transaction };
}

test("a key's use is noted once an hour, each key for itself", async () => {
  const store = noted();
  const uses = createKeyUses(store, LIMITS, (error) => expect.fail(String(error)));
  for (const [hash, now] of [
    ["a", 0],
    ["a", 1],
    ["b", 2],
    ["a", 3_599_999],
    ["a", 3_600_000],
  ] as const)
    uses.used(hash, now);
  await uses.close();
  expect(store.notes).toEqual([
    ["a", 0, -3_599_999],
    ["b", 2, -3_599_997],
    ["a", 3_600_000, 1],
  ]);
});

test("what could not be noted is at the next use, and more keys than are remembered cost a note more", async () => {
  const store = noted();
  const uses = createKeyUses(store, LIMITS, (error) => expect.fail(String(error)));
  store.state.away = true;
  uses.used("a", 0);
  await uses.close();
  store.state.away = false;
  for (const hash of ["a", "b", "c", "a"]) uses.used(hash, 1);
  await uses.close();
  expect(store.notes.map(([hash]) => hash)).toEqual(["a", "b", "c", "a"]);
});
