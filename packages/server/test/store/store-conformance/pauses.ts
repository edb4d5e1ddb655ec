import { describe, expect, test } from "vitest";
import type { HotLane } from "../../../src/store/contract/delivery-store.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimed, claimRequest, IN_A_MINUTE, OpenedStore } from "./opened-store.ts";

/** Endpoints that are paused. */
export function pauseConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  describe("a paused endpoint", () => {
    test("keeps what is owed to it: not claimed, not waited for, not counted as due; until it is resumed", async () => {
      const endpoint = await on.oneEndpoint();
      const other = await on.oneEndpoint();
      const paused = { ...endpoint, pausedAt: START };
      const [first] = await on.make.owe(on.store, endpoint, 1);
      await on.write((tx) => tx.updateEndpoint(paused));
      expect(await on.store.read((reads) => reads.endpoint(endpoint.id))).toEqual(paused);
      const later = on.make.delivery(on.make.event(), paused, { dueAt: IN_A_MINUTE });
      await on.write(async (tx) => {
        await tx.insertEvents([later.event], []);
        await tx.insertDeliveries([later]);
      });
      expect(await on.store.claimDue(claimRequest())).toEqual([]);
      expect(await on.store.nextDueAt()).toBe(null);
      expect(await on.store.nextDueAt(new Set([other.id]))).toBe(null);
      expect(await on.store.read((reads) => reads.backlog(IN_A_MINUTE, 100))).toMatchObject({ due: 0, oldestDueAt: null });
      expect(await on.store.read((reads) => reads.waiting(endpoint.id, START, 100))).toEqual({ pending: 2, due: 1, oldestDueAt: START });
      expect(await on.store.read((reads) => reads.waiting(endpoint.id, IN_A_MINUTE, 1))).toEqual({
        pending: 1,
        due: 1,
        oldestDueAt: START,
      });

      const [others] = await on.make.owe(on.store, other, 1);
      expect(await on.store.nextDueAt()).toBe(START);
      expect(claimed(await on.store.claimDue(claimRequest()))).toEqual([others?.id]);

      await on.write((tx) => tx.updateEndpoint(endpoint));
      expect(await on.store.nextDueAt()).toBe(START);
      expect(claimed(await on.store.claimDue(claimRequest()))).toEqual([first?.id]);
    });

    test("that is disabled or deleted is claimed, so that its deliveries are cancelled", async () => {
      const disabled = await on.oneEndpoint({ pausedAt: START });
      const deleted = await on.oneEndpoint({ pausedAt: START });
      const [one] = await on.make.owe(on.store, disabled, 1);
      const [two] = await on.make.owe(on.store, deleted, 1);
      await on.write(async (tx) => {
        await tx.updateEndpoint({ ...disabled, status: "disabled", disabledReason: "owner" });
        await tx.updateEndpoint({ ...deleted, deleted: true });
      });
      expect(await on.store.nextDueAt()).toBe(START);
      expect(claimed(await on.store.claimDue(claimRequest())).toSorted()).toEqual([one?.id, two?.id].toSorted());
    });

    test("gets nothing by the hot lane, and wakes it when it is resumed", async () => {
      const calls: string[] = [];
      const lane: HotLane = {
        reserve: ({ id }) => {
          calls.push(`reserve ${id}`);
          return { leaseUntil: START + 90_000 };
        },
        accept: () => void calls.push("accept"),
        release: () => undefined,
        due: () => void calls.push("due"),
        changed: (id) => void calls.push(`changed ${id}`),
      };
      const endpoint = await on.oneEndpoint({ pausedAt: START });
      on.store.attach(lane);
      await on.make.owe(on.store, endpoint, 1);
      expect(calls).toEqual([]);
      await on.write((tx) => tx.updateEndpoint({ ...endpoint, pausedAt: null }));
      expect(calls.toSorted()).toEqual([`changed ${endpoint.id}`, "due"].toSorted());
      on.store.attach(null);
    });
  });
}
