import { describe, expect, test } from "vitest";
import type { Claim } from "../../../src/store/contract/delivery-store.ts";
import { attemptOf, START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimed, claimRequest, idsOf, OpenedStore } from "./opened-store.ts";

/** What a store that was closed still does, and what another finds in its place. */
export function closingConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  test("a closed store says so, and finishes earlier requests", async () => {
    const account = on.make.account();
    const asked = on.write((tx) => tx.insertAccount(account));
    await on.store.close();
    await expect(asked).resolves.toBeUndefined();
    await expect(on.store.nextDueAt()).rejects.toThrow(/closed/);
    await on.store.close();
  });

  const { reopen } = harness;
  if (reopen !== null)
    describe("after it was closed and opened again", () => {
      test("everything is as it was", async () => {
        const account = on.make.account();
        const endpoint = await on.oneEndpoint();
        await on.write(async (tx) => {
          await tx.insertAccount(account);
          await tx.saveSetting("clock", START);
        });
        const owed = await on.make.owe(on.store, endpoint, 3, { dueAt: START });
        const [first, second] = (await on.store.claimDue(claimRequest({ limit: 2 }))) as [Claim, Claim];
        await on.settleAll([first], { state: "pending", dueAt: START + 100_000 });
        on.store = await reopen();
        expect(await on.store.read((reads) => reads.account(account.id))).toEqual(account);
        expect(await on.store.read((reads) => reads.setting("clock"))).toBe(START);
        expect(await on.store.read((reads) => reads.attempts(first.deliveryId))).toEqual([
          attemptOf(first, START, { outcome: "status", status: 500 }),
        ]);
        expect(await on.store.nextDueAt()).toBe(START);
        expect(claimed(await on.store.claimDue(claimRequest()))).toEqual([owed[2]?.id]);
        expect(await on.store.nextDueAt()).toBe(START + 90_000);
        expect(claimed(await on.store.claimDue(claimRequest({ now: START + 90_000 }))).sort()).toEqual(
          [second.deliveryId, owed[2]?.id].sort(),
        );
        expect(await on.store.nextDueAt()).toBe(START + 100_000);
      });

      test("leases of the run before are released, hot ones too", async () => {
        const endpoint = await on.oneEndpoint();
        on.store.attach({
          reserve: (_endpointId, now) => ({ leaseUntil: now + 90_000 }),
          accept: () => undefined,
          release: () => undefined,
          due: () => undefined,
          changed: () => undefined,
        });
        const owed = await on.make.owe(on.store, endpoint, 5);
        on.store = await reopen();
        expect(await on.store.claimDue(claimRequest())).toEqual([]);
        expect(await on.store.releaseLeases(START + 1)).toMatchObject({ released: 5, suspects: 0 });
        expect(claimed(await on.store.claimDue(claimRequest({ now: START + 1 })))).toEqual(idsOf(owed));
      });
    });
}
