import { describe, expect, test } from "vitest";
import type { Claim } from "../../../src/store/contract/delivery-store.ts";
import type { DeliveryWalk } from "../../../src/store/contract/delivery-walk.ts";
import type { NewDelivery } from "../../../src/store/contract/rows.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimRequest, idsOf, OpenedStore, OWNER } from "./opened-store.ts";

/** Walks through deliveries, step by step. */
export function walkConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  /** All that a walk finds, in steps of `look`. */
  async function walked(given: Partial<DeliveryWalk> & Pick<DeliveryWalk, "states">): Promise<{ ids: string[]; steps: number }> {
    const ids: string[] = [];
    let after: string | null = null;
    let upTo: string | null = null;
    for (let steps = 1; ; steps++) {
      const walk: DeliveryWalk = { ...OWNER, created: { gte: START - 1 }, look: 2, ...given, after, upTo };
      const found = await on.store.read((reads) => reads.walkDeliveries(walk));
      ids.push(...idsOf(found.deliveries));
      ({ next: after, upTo } = found);
      if (after === null) return { ids, steps };
    }
  }

  describe("a walk through deliveries", () => {
    test("finds those in a state in the order they were made, a few at a time, and none that were made after it began", async () => {
      const endpoint = await on.oneEndpoint();
      const other = await on.oneEndpoint({ accountId: "acct_other" });
      const rows = await on.make.owe(on.store, endpoint, 7);
      await on.make.owe(on.store, other, 1);
      const claims = await on.store.claimDue(claimRequest());
      await on.settleAll(claims.slice(1), { state: "exhausted" });
      await on.settleAll(claims.slice(0, 1), { state: "succeeded" });
      const exhausted = rows.slice(1).map(({ id }) => id);
      expect(await walked({ states: ["exhausted"] })).toEqual({ ids: exhausted, steps: 4 });
      expect(await walked({ states: ["succeeded"] })).toMatchObject({ ids: [rows[0]?.id] });
      expect(await walked({ states: ["exhausted", "cancelled"], endpointId: endpoint.id })).toMatchObject({ ids: exhausted });
      expect(await walked({ states: ["exhausted"], endpointId: "we_none" })).toMatchObject({ ids: [] });
      expect(await walked({ states: ["exhausted"], eventTypePattern: "customer.*" })).toMatchObject({ ids: exhausted });
      expect(await walked({ states: ["exhausted"], eventTypePattern: "payout.*" })).toMatchObject({ ids: [] });
      expect(await walked({ states: ["exhausted"], eventAccountId: "acct_none" })).toMatchObject({ ids: [] });
      expect(await walked({ states: ["exhausted"], created: { gte: START + 1 } })).toMatchObject({ ids: [] });
      const first = await on.store.read((reads) =>
        reads.walkDeliveries({ ...OWNER, states: ["cancelled", "exhausted"], created: { gte: START }, look: 3, after: null, upTo: null }),
      );
      expect(first).toMatchObject({ looked: 3, reached: START });
      const late = await on.make.owe(on.store, endpoint, 1);
      await on.settleAll(await on.store.claimDue(claimRequest()), { state: "exhausted" });
      const rest = await on.store.read((reads) =>
        reads.walkDeliveries({
          ...{ ...OWNER, states: ["cancelled", "exhausted"], created: { gte: START } },
          ...{ look: 100, after: first.next, upTo: first.upTo },
        }),
      );
      expect(idsOf(rest.deliveries)).toEqual(exhausted.slice(3));
      expect(idsOf(rest.deliveries)).not.toContain(late[0]?.id);
    });

    test("leaves out what was received after all, is under way, or has a later delivery; and endpoints that are gone", async () => {
      const endpoint = await on.oneEndpoint();
      const gone = await on.oneEndpoint();
      const rows = await on.make.owe(on.store, endpoint, 4);
      await on.make.owe(on.store, gone, 1);
      await on.settleAll(await on.store.claimDue(claimRequest()), { state: "exhausted" });
      await on.write((tx) => tx.updateEndpoint({ ...gone, deleted: true }));
      const again = (n: number, given: Partial<NewDelivery> = {}) =>
        on.make.delivery(rows[n]?.event as NewDelivery["event"], endpoint, given);
      const [received, underWay, triedAgain] = [again(0), again(1, { dueAt: START + 60_000 }), again(2)];
      await on.write((tx) => tx.insertDeliveries([received, underWay, triedAgain]));
      const claims = await on.store.claimDue(claimRequest());
      const claimOf = ({ id }: NewDelivery) => claims.find(({ deliveryId }) => deliveryId === id) as Claim;
      await on.settleAll([claimOf(received)], { state: "succeeded" });
      await on.settleAll([claimOf(triedAgain)], { state: "exhausted" });
      expect((await walked({ states: ["exhausted"] })).ids).toEqual([rows[3]?.id, triedAgain.id]);
      expect((await walked({ states: ["succeeded"] })).ids).toEqual([received.id]);
    });
  });
}
