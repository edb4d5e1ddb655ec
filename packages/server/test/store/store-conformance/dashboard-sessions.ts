import { expect, test } from "vitest";
import type { DashboardSessionRow } from "../../../src/store/contract/session-store.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { OpenedStore } from "./opened-store.ts";

const NONE_ENDED = { createdBefore: 0, seenBefore: 0 };

/**
 * Sessions of the dashboard: found by the hash of their cookie, moved on by their use, and deleted once they have
 * ended.
 */
export function dashboardSessionConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);
  const session = (n: number, given: Partial<DashboardSessionRow> = {}): DashboardSessionRow => ({
    hash: `hash_${n}`,
    testKey: "key_test",
    liveKey: null,
    operatorKey: null,
    created: START + n,
    seenAt: START + n,
    ...given,
  });
  const read = (n: number) => on.store.read((reads) => reads.dashboardSession(`hash_${n}`));

  test("one is read back as it was written, until it is deleted", async () => {
    const rows = [session(1), session(2, { testKey: null, liveKey: "key_live" }), session(3, { testKey: null, operatorKey: "op" })];
    for (const row of rows) await on.store.sessions.insert(row, NONE_ENDED);
    expect([await read(1), await read(2), await read(3)]).toEqual(rows);
    await on.store.sessions.delete("hash_2");
    await on.store.sessions.delete("hash_9");
    expect([await read(1), await read(2)]).toEqual([rows[0], null]);
  });

  test("its use moves it on, and never back", async () => {
    await on.store.sessions.insert(session(1), NONE_ENDED);
    await on.store.sessions.noteUse("hash_1", START + 60_000);
    await on.store.sessions.noteUse("hash_1", START + 30_000);
    await on.store.sessions.noteUse("hash_9", START);
    expect(await read(1)).toEqual(session(1, { seenAt: START + 60_000 }));
  });

  test("a new one deletes those that were opened, or used, too long ago", async () => {
    await on.store.sessions.insert(session(1, { seenAt: START + 100 }), NONE_ENDED);
    await on.store.sessions.insert(session(20, { seenAt: START + 30 }), NONE_ENDED);
    await on.store.sessions.insert(session(30, { seenAt: START + 100 }), NONE_ENDED);
    await on.store.sessions.insert(session(40), { createdBefore: START + 2, seenBefore: START + 31 });
    expect([await read(1), await read(20)]).toEqual([null, null]);
    expect([await read(30), await read(40)]).toEqual([session(30, { seenAt: START + 100 }), session(40)]);
  });
}
