import { expect, test } from "vitest";
import { attemptOf, START, settlementOf } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimRequest, idsOf, OpenedStore, OWNER } from "./opened-store.ts";

/** Text that a database may refuse, or not look into. Nobody should store it; a store bears it. */
const HOSTILE = ["\0", "a\0b", "\ud83d", "\udca9 \ud83d", "\\u0000", "\\\0", "\\\\\ud83d", "{\"'},$1", "💩\r\n\u2028\uffff"];

/** Text that was never meant to be stored. */
export function hostileTextConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  test("in a row it is kept, and the lists that come to it go on", async () => {
    const data = (text: string) => ({ name: text, [text]: text, at: 1 });
    const objects = HOSTILE.map((text) => on.make.object({ data: data(text) }));
    const beside = on.make.object({ data: { name: "Jenny", at: 1 } });
    const account = on.make.account();
    const accounts = HOSTILE.map((text) =>
      on.make.account({ data: { createdBy: account.id, livemode: false, email: text, [text]: text } }),
    );
    await on.write(async (tx) => {
      for (const row of [...accounts, account]) await tx.insertAccount(row);
      for (const row of accounts) await tx.updateAccount({ ...row, deleted: true });
      for (const row of [...objects, beside]) await tx.insertObject(row);
      for (const row of objects) await tx.updateObject(row);
    });
    await on.store.read(async (reads) => {
      const customers = { ...OWNER, object: "customer" };
      expect((await reads.objects({ ...customers, where: { name: "Jenny" } }, { limit: 1 })).rows).toEqual([beside]);
      expect((await reads.objects({ ...customers, where: { name: "nobody" } }, { limit: 1 })).rows).toEqual([]);
      const within = await reads.objects({ ...customers, within: { at: { gte: 1 } } }, { limit: 100 });
      expect(new Set(idsOf(within.rows))).toEqual(new Set(idsOf([...objects, beside])));
      const closed = await reads.closedAccounts({ platformId: account.id, livemode: false }, { limit: 100 });
      expect(new Set(idsOf(closed.rows))).toEqual(new Set(idsOf(accounts)));
    });
  });

  test("nothing is found by it, and no read fails", async () => {
    for (const text of HOSTILE)
      await on.store.read(async (reads) => {
        const found = [await reads.account(text), await reads.object(text), await reads.event(text), await reads.delivery(text)];
        expect(found).toEqual([null, null, null, null]);
        expect((await reads.events({ ...OWNER, types: [text], objectId: text }, { limit: 10 })).rows).toEqual([]);
        expect((await reads.objectsById([text, "cus_none"])).size).toBe(0);
      });
  });

  test("an attempt that says it is settled", async () => {
    await on.make.owe(on.store, await on.oneEndpoint(), HOSTILE.length);
    const claims = await on.store.claimDue(claimRequest());
    const settlements = claims.map((claim, n) => {
      const text = HOSTILE[n] as string;
      const said = { reason: text, responseBody: text, responseHeaders: { [`x-${text}`]: text } };
      return { ...settlementOf(claim, { state: "succeeded" }, START), attempt: { ...attemptOf(claim, START), ...said } };
    });
    expect(await on.store.settle(settlements, [])).toEqual({ refused: [] });
    for (const { deliveryId } of claims) expect(await on.store.read((reads) => reads.attempts(deliveryId))).toHaveLength(1);
  });
}
