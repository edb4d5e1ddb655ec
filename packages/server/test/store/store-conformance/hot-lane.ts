import { describe, expect, test } from "vitest";
import type { Claim, HotLane } from "../../../src/store/contract/delivery-store.ts";
import type { EndpointRow, NewDelivery } from "../../../src/store/contract/rows.ts";
import { Conflict } from "../../../src/store/store.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimed, claimRequest, IN_A_MINUTE, idsOf, OpenedStore } from "./opened-store.ts";

/** The way from a commit straight to the sender. */
export function hotLaneConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  describe("the hot lane", () => {
    /** A lane with room for so many, that writes down what it is told. */
    function lane(room: number) {
      const told = {
        accepted: [] as Claim[][],
        released: [] as [string, number][],
        due: [] as number[],
        changed: [] as string[],
        reserved: 0,
      };
      const hot: HotLane = {
        reserve(_endpoint, now) {
          if (told.reserved === room) return null;
          told.reserved++;
          return { leaseUntil: now + 90_000 };
        },
        accept: (claims) => told.accepted.push([...claims]),
        release(endpointId, count) {
          told.released.push([endpointId, count]);
          told.reserved -= count;
        },
        due: (at) => told.due.push(at),
        changed: (endpointId) => told.changed.push(endpointId),
      };
      on.store.attach(hot);
      return told;
    }

    test("is notified, after the commit, of an endpoint that changed", async () => {
      const endpoint = await on.oneEndpoint();
      const told = lane(0);
      await on.write(async (tx) => {
        await tx.updateEndpoint({ ...endpoint, description: "another" });
        await tx.updateEndpoint({ ...endpoint, status: "disabled", disabledReason: "owner" });
        expect(told.changed).toEqual([]);
      });
      expect(told.changed).toEqual([endpoint.id]);
      await expect(
        on.write(async (tx) => {
          await tx.updateEndpoint(endpoint);
          throw new Error("on second thought");
        }),
      ).rejects.toThrow("on second thought");
      expect(told.changed).toEqual([endpoint.id]);
    });

    test("gets what it has room for, leased and durable; the rest is due", async () => {
      const endpoint = await on.oneEndpoint();
      const told = lane(2);
      const owed = await on.make.owe(on.store, endpoint, 3);
      const hot = told.accepted.flat();
      expect(claimed(hot)).toEqual(idsOf(owed).slice(0, 2));
      expect(told.due).toEqual([START]);
      const cold = await on.store.claimDue(claimRequest());
      expect(claimed(cold)).toEqual(idsOf(owed).slice(2));
      // A claim is the same, whichever way it came.
      const alike = ({ deliveryId: _id, token: _token, event, body: _body, ...claim }: Claim) => ({
        ...claim,
        event: { ...event, id: "" },
      });
      expect(alike(hot[0] as Claim)).toEqual(alike(cold[0] as Claim));
      expect(Buffer.from(hot[0]?.body ?? [])).toEqual(owed[0]?.body);
      expect(await on.settleAll([...hot, ...cold], { state: "succeeded" })).toEqual({ refused: [] });
      expect(await on.store.nextDueAt()).toBeNull();
    });

    test("leases run out like others", async () => {
      const endpoint = await on.oneEndpoint();
      const told = lane(1);
      await on.make.owe(on.store, endpoint, 1);
      const [hot] = told.accepted.flat() as [Claim];
      expect(await on.store.nextDueAt()).toBe(START + 90_000);
      expect(await on.store.claimDue(claimRequest({ now: START + 89_999 }))).toEqual([]);
      const [claim] = (await on.store.claimDue(claimRequest({ now: START + 90_000 }))) as [Claim];
      expect(claim).toMatchObject({ deliveryId: hot.deliveryId, attempt: 1 });
      expect(await on.settleAll([hot], { state: "succeeded" })).toEqual({ refused: [hot.deliveryId] });
    });

    test("is not asked about what is due later, but told when", async () => {
      const endpoint = await on.oneEndpoint();
      const told = lane(10);
      await on.make.owe(on.store, endpoint, 2, { dueAt: START + 5 });
      expect(told).toMatchObject({ reserved: 0, accepted: [], due: [START + 5] });
    });

    test("is notified when a settled delivery will be tried again", async () => {
      const endpoint = await on.oneEndpoint();
      const told = lane(2);
      await on.make.owe(on.store, endpoint, 2);
      const [a, b] = told.accepted.flat() as [Claim, Claim];
      expect(told.due).toEqual([]);
      await on.settleAll([a], { state: "succeeded" });
      expect(told.due).toEqual([]);
      await on.settleAll([b], { state: "pending", dueAt: IN_A_MINUTE });
      expect(told.due).toEqual([IN_A_MINUTE]);
    });

    test("gets its room back when the transaction fails, and no claim", async () => {
      const [one, two] = (await on.make.endpoints(on.store, 2)) as [EndpointRow, EndpointRow];
      const told = lane(10);
      const event = on.make.event();
      const failed = on.write(async (tx) => {
        await tx.insertEvents([event], []);
        await tx.insertDeliveries([on.make.delivery(event, one), on.make.delivery(event, two), on.make.delivery(event, one)]);
        throw new Error("no");
      });
      await expect(failed).rejects.toThrow("no");
      expect(told.accepted).toEqual([]);
      expect(told.due).toEqual([]);
      expect(told.reserved).toBe(0);
      expect(new Map(told.released)).toEqual(
        new Map([
          [one.id, 2],
          [two.id, 1],
        ]),
      );
      expect(await on.store.nextDueAt()).toBeNull();
    });

    test("gets room back for a conflict in the middle of a batch", async () => {
      const endpoint = await on.oneEndpoint();
      const [owed] = (await on.make.owe(on.store, endpoint, 1, { dueAt: IN_A_MINUTE, created: START })) as [NewDelivery];
      const told = lane(10);
      const batch = [on.make.delivery(owed.event, endpoint), { ...on.make.delivery(owed.event, endpoint), id: owed.id }];
      await expect(on.write((tx) => tx.insertDeliveries(batch))).rejects.toBeInstanceOf(Conflict);
      expect(told).toMatchObject({ reserved: 0, accepted: [] });
      expect(await on.store.nextDueAt()).toBe(IN_A_MINUTE);
    });

    test("gets nothing once it is detached", async () => {
      const endpoint = await on.oneEndpoint();
      const told = lane(10);
      on.store.attach(null);
      const owed = await on.make.owe(on.store, endpoint, 1);
      expect(told).toMatchObject({ reserved: 0, accepted: [], due: [] });
      expect(claimed(await on.store.claimDue(claimRequest()))).toEqual(idsOf(owed));
    });
  });
}
