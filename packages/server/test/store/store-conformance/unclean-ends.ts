import { describe, expect, test } from "vitest";
import type { Claim } from "../../../src/store/contract/delivery-store.ts";
import type { NewDelivery } from "../../../src/store/contract/rows.ts";
import type { TakenOver } from "../../../src/store/contract/taken-over.ts";
import type { Store } from "../../../src/store/store.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimed, claimRequest, IN_A_MINUTE, idsOf, OpenedStore, OWNER } from "./opened-store.ts";

const NEXT = { now: START + 1, leaseMs: 90_000 };

/** What a process leaves behind that ends while attempts are under way. */
export function uncleanEndConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);
  const { reopen } = harness;

  test("nothing noted, nothing suspect", async () => {
    expect(on.store.noteUnderWay([], [])).toBeNull();
    expect(await on.store.nextSuspect(NEXT)).toBeNull();
    expect(await on.store.releaseSuspects()).toBe(0);
    expect(await on.store.read((reads) => reads.countQuarantined())).toBe(0);
    expect(await on.store.read((reads) => reads.uncleanEnds("dlv_none"))).toEqual([]);
    expect(await on.store.transaction((tx) => tx.releaseQuarantined("dlv_none", START))).toBe(false);
  });

  if (reopen === null)
    test("a store that does not outlive its process notes nothing", async () => {
      await on.make.owe(on.store, await on.oneEndpoint(), 1);
      const [claim] = (await on.store.claimDue(claimRequest())) as [Claim];
      expect(on.store.noteUnderWay([claim.token], [])).toBeNull();
      expect(await on.store.releaseLeases(START + 1)).toEqual({ released: 1, underWay: 0, suspects: 0, quarantined: [] });
    });
  else {
    /** So many deliveries, claimed. */
    async function claimedDeliveries(count: number): Promise<{ owed: NewDelivery[]; claims: Claim[] }> {
      const owed = await on.make.owe(on.store, await on.oneEndpoint(), count);
      const claims = await on.store.claimDue(claimRequest());
      return { owed, claims: owed.map(({ id }) => claims.find(({ deliveryId }) => deliveryId === id) as Claim) };
    }

    /** The process ends where it stands; the next one takes over. */
    async function end(now = START + 1): Promise<TakenOver> {
      on.store = await (reopen as () => Promise<Store>)();
      return on.store.releaseLeases(now);
    }

    const note = async (begun: readonly Claim[], settled: readonly Claim[] = []): Promise<void> => {
      await on.store.noteUnderWay(
        begun.map(({ token }) => token),
        settled.map(({ token }) => token),
      );
    };
    const ends = (id: string) => on.store.read((reads) => reads.uncleanEnds(id));

    describe("after an unclean end", () => {
      test("what was under way is suspect: nobody can claim it, and what was leased besides is due", async () => {
        const { owed, claims } = await claimedDeliveries(6);
        await note(claims.slice(0, 2));
        await on.settleAll(claims.slice(0, 1), { state: "pending", dueAt: START });
        await note(claims.slice(2, 4), claims.slice(0, 1));
        expect(await end()).toEqual({ released: 2, underWay: 3, suspects: 3, quarantined: [] });
        expect(claimed(await on.store.claimDue(claimRequest({ now: START + 1 })))).toEqual(
          idsOf([owed[0], owed[4], owed[5]] as NewDelivery[]),
        );
        expect(await on.store.claimDue(claimRequest({ now: START + 10 ** 9, busy: new Set() }))).toHaveLength(3);
        for (const { id } of owed.slice(1, 4)) {
          expect(await on.delivery(id)).toMatchObject({ state: "pending", attempts: 0, nextAttemptAt: START });
          expect(await ends(id)).toEqual([{ at: START + 1, underWay: 3 }]);
        }
        expect(await ends(owed[0]?.id ?? "")).toEqual([]);
      });

      test("suspects are leased one by one, as claims like any other", async () => {
        const { owed, claims } = await claimedDeliveries(2);
        await note(claims);
        await end();
        const first = (await on.store.nextSuspect(NEXT)) as Claim;
        expect(first).toMatchObject({
          deliveryId: owed[0]?.id,
          attempt: 1,
          dueAt: START,
          leaseUntil: START + 1 + 90_000,
          kind: "automatic",
        });
        expect(Buffer.from(first.body)).toEqual(owed[0]?.body);
        expect(first.endpoint.id).toBe(owed[0]?.endpoint.id);
        const second = (await on.store.nextSuspect(NEXT)) as Claim;
        expect(second.deliveryId).toBe(owed[1]?.id);
        expect(await on.store.nextSuspect(NEXT)).toBeNull();
        expect(await on.store.releaseSuspects()).toBe(0);
        expect(await on.store.nextDueAt()).toBe(first.leaseUntil);
        expect(await on.settleAll([first], { state: "succeeded" })).toEqual({ refused: [] });
        expect(await on.settleAll([second], { state: "pending", dueAt: IN_A_MINUTE })).toEqual({ refused: [] });
        expect(await on.store.nextDueAt()).toBe(IN_A_MINUTE);
        expect(await on.delivery(first.deliveryId)).toMatchObject({ state: "succeeded", attempts: 1 });
      });

      test("the rest can be let go: due when it was before", async () => {
        const { owed, claims } = await claimedDeliveries(3);
        await note(claims);
        await end();
        await on.store.nextSuspect(NEXT);
        expect(await on.store.releaseSuspects()).toBe(2);
        expect(await on.store.nextSuspect(NEXT)).toBeNull();
        expect(await on.store.nextDueAt()).toBe(START);
        expect(claimed(await on.store.claimDue(claimRequest({ now: START + 1 })))).toEqual(idsOf(owed.slice(1)));
      });

      test("suspects stay suspects across another end that had nothing to do with them", async () => {
        const { claims } = await claimedDeliveries(3);
        await note(claims);
        await end();
        expect(await end(START + 2)).toEqual({ released: 0, underWay: 0, suspects: 3, quarantined: [] });
        expect(await on.store.claimDue(claimRequest({ now: START + 10 ** 9 }))).toEqual([]);
        expect(await on.store.nextSuspect(NEXT)).not.toBeNull();
      });

      test("what was settled meanwhile, or begun by nobody, is not suspect, whatever was noted", async () => {
        const { claims } = await claimedDeliveries(4);
        const [sent, retried, putOff, open] = claims as [Claim, Claim, Claim, Claim];
        await note(claims);
        await on.settleAll([sent], { state: "succeeded" });
        await on.settleAll([retried, putOff], { state: "pending", dueAt: IN_A_MINUTE });
        expect(await end()).toEqual({ released: 0, underWay: 1, suspects: 1, quarantined: [] });
        expect((await on.store.nextSuspect(NEXT))?.deliveryId).toBe(open.deliveryId);
        expect(await end(START + 2)).toEqual({ released: 1, underWay: 0, suspects: 0, quarantined: [] });
      });

      test("it is found out once", async () => {
        const { owed, claims } = await claimedDeliveries(1);
        await note(claims);
        await end();
        await end(START + 2);
        expect(await ends(owed[0]?.id ?? "")).toEqual([{ at: START + 1, underWay: 1 }]);
      });

      test("it is found out also when the lease ended before", async () => {
        const { claims } = await claimedDeliveries(1);
        await note(claims);
        expect(await end(START + 10 ** 7)).toMatchObject({ underWay: 1, suspects: 1 });
        expect(await on.store.claimDue(claimRequest({ now: START + 10 ** 8 }))).toEqual([]);
      });

      test("more can be under way than there was ever room for", async () => {
        const { claims } = await claimedDeliveries(100);
        for (const claim of claims) await note([claim]);
        await note([], claims.slice(0, 30));
        await note(claims.slice(0, 10));
        expect(await end()).toMatchObject({ underWay: 80, suspects: 80, released: 20 });
      });
    });

    describe("a delivery that was alone under way", () => {
      /** Alone at an end, then claimed as the suspect it is, and begun again. */
      async function aloneAgain(): Promise<Claim> {
        const suspect = (await on.store.nextSuspect(NEXT)) as Claim;
        await note([suspect]);
        return suspect;
      }

      test("twice is quarantined: given up, and not delivered", async () => {
        const { owed, claims } = await claimedDeliveries(2);
        const [poison, other] = claims as [Claim, Claim];
        await note([poison]);
        expect(await end()).toEqual({ released: 1, underWay: 1, suspects: 1, quarantined: [] });
        await aloneAgain();
        expect(await end(START + 2)).toEqual({ released: 0, underWay: 1, suspects: 0, quarantined: [poison.deliveryId] });
        expect(await on.delivery(poison.deliveryId)).toMatchObject({
          state: "quarantined",
          attempts: 0,
          nextAttemptAt: null,
          settledAt: START + 2,
        });
        expect(await ends(poison.deliveryId)).toEqual([
          { at: START + 1, underWay: 1 },
          { at: START + 2, underWay: 1 },
        ]);
        const later = await on.store.claimDue(claimRequest({ now: START + 10 ** 9 }));
        expect(claimed(later)).toEqual([other.deliveryId]);
        await on.settleAll(later, { state: "succeeded" });
        expect(await on.store.nextDueAt()).toBeNull();
        const found = await on.store.read((reads) => reads.deliveries({ ...OWNER, state: "quarantined" }, { limit: 10 }));
        expect(idsOf(found.rows)).toEqual([poison.deliveryId]);
        expect(await on.store.read((reads) => reads.countQuarantined())).toBe(1);
        const eventIds = owed.map(({ event }) => event.id);
        expect([...(await on.store.read((reads) => reads.pendingWebhooks(eventIds))).values()]).toEqual([1, 0]);
        const failing = await on.store.read((reads) => reads.events({ ...OWNER, deliverySuccess: false }, { limit: 10 }));
        expect(idsOf(failing.rows)).toEqual([owed[0]?.event.id]);
      });

      test("once, and among others as often as you like, is not", async () => {
        const { claims } = await claimedDeliveries(2);
        await note(claims.slice(0, 1));
        await end();
        for (let at = START + 2; at < START + 6; at++) {
          const suspect = (await on.store.nextSuspect(NEXT)) as Claim;
          const others = await on.store.claimDue(claimRequest({ now: START + 2 }));
          const more = others.length > 0 ? others : [(await on.store.nextSuspect(NEXT)) as Claim];
          await note([suspect, ...more]);
          expect(await end(at)).toMatchObject({ underWay: 2, suspects: 2, quarantined: [] });
        }
      });

      test("comes first of all suspects, then those that met the most ends", async () => {
        const { claims } = await claimedDeliveries(4);
        const [quiet, often, alone, last] = claims as [Claim, Claim, Claim, Claim];
        await note([alone]);
        await end();
        await aloneAgain();
        const others = await on.store.claimDue(claimRequest({ now: START + 1 }));
        const now = (one: Claim) => others.find(({ deliveryId }) => deliveryId === one.deliveryId) as Claim;
        await note([now(often), now(last)]);
        await end(START + 2);
        const order: string[] = [];
        const all: Claim[] = [];
        for (let claim = await on.store.nextSuspect(NEXT); claim !== null; claim = await on.store.nextSuspect(NEXT)) {
          order.push(claim.deliveryId);
          all.push(claim);
        }
        expect(order).toEqual([alone.deliveryId, often.deliveryId, last.deliveryId]);
        const [quietAgain] = await on.store.claimDue(claimRequest({ now: START + 2 }));
        await note([...all, quietAgain as Claim]);
        await end(START + 3);
        expect((await on.store.nextSuspect(NEXT))?.deliveryId).toBe(alone.deliveryId);
        expect((await on.store.nextSuspect(NEXT))?.deliveryId).toBe(often.deliveryId);
        expect((await on.store.nextSuspect(NEXT))?.deliveryId).toBe(last.deliveryId);
        expect((await on.store.nextSuspect(NEXT))?.deliveryId).toBe(quiet.deliveryId);
      });

      test("and is released from quarantine begins afresh", async () => {
        const { claims } = await claimedDeliveries(1);
        const [poison] = claims as [Claim];
        await note([poison]);
        await end();
        expect(await on.store.transaction((tx) => tx.releaseQuarantined(poison.deliveryId, START + 2))).toBe(false);
        await aloneAgain();
        await end(START + 2);
        const due: number[] = [];
        on.store.attach({
          reserve: () => null,
          accept: () => undefined,
          release: () => undefined,
          due: (at) => due.push(at),
          changed: () => undefined,
        });
        expect(await on.store.transaction((tx) => tx.releaseQuarantined(poison.deliveryId, START + 5))).toBe(true);
        expect(due).toEqual([START + 5]);
        expect(await on.delivery(poison.deliveryId)).toMatchObject({ state: "pending", nextAttemptAt: START + 5, settledAt: null });
        expect(await ends(poison.deliveryId)).toEqual([]);
        expect(await on.store.nextDueAt()).toBe(START + 5);
        const again = await on.store.claimDue(claimRequest({ now: START + 5 }));
        expect(claimed(again)).toEqual([poison.deliveryId]);
        expect(await on.settleAll([poison], { state: "succeeded" })).toEqual({ refused: [poison.deliveryId] });
        await note(again);
        expect(await end(START + 6)).toMatchObject({ suspects: 1, quarantined: [] });
      });

      test("may be alone of its endpoint: nothing is left to claim of that", async () => {
        const { claims } = await claimedDeliveries(1);
        await note(claims);
        await end();
        await aloneAgain();
        await end(START + 2);
        expect(await on.store.nextDueAt()).toBeNull();
        expect(await on.store.claimDue(claimRequest({ now: START + 10 ** 9 }))).toEqual([]);
      });
    });

    test("ends go with what is old", async () => {
      const { claims } = await claimedDeliveries(1);
      await note(claims);
      await end();
      const suspect = (await on.store.nextSuspect(NEXT)) as Claim;
      await on.settleAll([suspect], { state: "succeeded" });
      const later = START + 10 ** 10;
      const request = { now: later, eventsBefore: later, answersBefore: START, requestsBefore: 0, limit: 100 };
      while ((await on.store.prune(request)) > 0);
      expect(await ends(suspect.deliveryId)).toEqual([]);
    });
  }
}
