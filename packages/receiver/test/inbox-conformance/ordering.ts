import { describe, expect, test } from "vitest";
import type { Claim, Order } from "../../src/inbox/inbox.ts";
import { START } from "../signed-webhook.ts";
import { DONE, ids, inboxEvent, LEASE_MS, OpenedInbox } from "./inbox-fixture.ts";
import type { InboxHarness } from "./inbox-harness.ts";

/** Who waits for whom. */
export function orderingConformance<Tx>(harness: InboxHarness<Tx>): void {
  const on = new OpenedInbox(harness);
  const three = async (order: Order) => {
    const late = await on.add(inboxEvent({ at: 2_000 }), { order });
    const early = await on.add(inboxEvent({ at: 1_000 }), { order });
    const other = await on.add(inboxEvent({ at: 3_000, objectId: "acct_other" }), { order });
    return { late, early, other };
  };
  const done = (claim: Claim | undefined, mark: Claim["mark"] = null) => on.inbox.settle(claim as Claim, { ...DONE, mark });

  test("any: all at once", async () => {
    const { late, early, other } = await three("any");
    expect(ids(await on.claim()).sort()).toEqual([late.id, early.id, other.id].sort());
  });

  describe("serial", () => {
    test("gives an object's events one after another, as they were created", async () => {
      const { late, early, other } = await three("serial");
      const first = await on.claim();
      expect(ids(first)).toEqual([early.id, other.id]);
      expect(await on.claim()).toEqual([]);
      await done(first[0]);
      expect(ids(await on.claim())).toEqual([late.id]);
    });

    test("waits for one that waits for another try, until it is given up", async () => {
      const { late, early } = await three("serial");
      const [first] = await on.claim();
      await on.inbox.settle(first as Claim, {
        at: START,
        next: { state: "pending", dueAt: START + 500 },
        error: "no",
        counts: true,
        mark: null,
      });
      expect(await on.claim(START + 499)).toEqual([]);
      const [again] = await on.claim(START + 500);
      expect(again?.event.id).toBe(early.id);
      await on.inbox.settle(again as Claim, { ...DONE, next: { state: "dead" } });
      expect(ids(await on.claim(START + 500))).toEqual([late.id]);
    });

    test("in the same second, an object's beginning comes first and its end last", async () => {
      const ended = await on.add(inboxEvent({ rank: 2 }), { order: "serial" });
      const began = await on.add(inboxEvent({ rank: 0 }), { order: "serial" });
      const changed = await on.add(inboxEvent({ rank: 1 }), { order: "serial" });
      for (const { id } of [began, changed, ended]) {
        const [claim, ...more] = await on.claim();
        expect([claim?.event.id, more]).toEqual([id, []]);
        await done(claim);
      }
    });

    test("does not hold up another handler", async () => {
      const event = await on.add(inboxEvent({ at: 2 }), { order: "serial", handler: "a" });
      const other = await on.add(inboxEvent({ at: 1 }), { order: "serial", handler: "b" });
      expect(ids(await on.claim()).sort()).toEqual([event.id, other.id].sort());
    });
  });

  describe("latest", () => {
    test("makes older events that wait needless", async () => {
      const early = await on.add(inboxEvent({ at: 1_000 }), { order: "latest" });
      const late = await on.add(inboxEvent({ at: 2_000 }), { order: "latest" });
      const elsewhere = await on.add(inboxEvent({ at: 3_000, objectId: "acct_other" }), { order: "latest" });
      expect(await on.states(early.id)).toEqual(["a:stale"]);
      expect(ids(await on.claim()).sort()).toEqual([late.id, elsewhere.id].sort());
    });

    test("tells of an older one that comes later that a newer waits, and of one that comes after, what was handled", async () => {
      const late = await on.add(inboxEvent({ at: 2_000 }), { order: "latest" });
      await on.add(inboxEvent({ at: 1_000 }), { order: "latest" });
      const [older] = await on.claim();
      expect(older).toMatchObject({ newerWaits: true, mark: null });
      await on.inbox.settle(older as Claim, { ...DONE, next: { state: "stale" } });
      const [newer] = await on.claim();
      expect(newer).toMatchObject({ newerWaits: false, event: { id: late.id } });
      await done(newer, { created: START + 2_000, ended: false });
      await on.add(inboxEvent({ at: 1_500 }), { order: "latest" });
      const [stale] = await on.claim();
      expect(stale).toMatchObject({ mark: { created: START + 2_000, ended: false } });
      // A mark is only ever raised: an end that is older than what is known was that of a former life.
      await done(stale, { created: START + 1_500, ended: true });
      await on.add(inboxEvent({ at: 1_600 }), { order: "latest" });
      const [again] = await on.claim();
      expect(again?.mark).toEqual({ created: START + 2_000, ended: false });
      await done(again, { created: START + 2_000, ended: true });
      await on.add(inboxEvent({ at: 1_700 }), { order: "latest" });
      const [ended] = await on.claim();
      expect(ended?.mark).toEqual({ created: START + 2_000, ended: true });
      await done(ended, { created: START + 2_500, ended: false });
      await on.add(inboxEvent({ at: 1_800 }), { order: "latest" });
      expect((await on.claim())[0]?.mark).toEqual({ created: START + 2_500, ended: false });
    });

    test("keeps both of the same second, one after the other", async () => {
      const one = await on.add(inboxEvent({ at: 1_000 }), { order: "latest" });
      const other = await on.add(inboxEvent({ at: 1_000 }), { order: "latest" });
      const first = await on.claim();
      expect(ids(first)).toEqual([one.id]);
      await done(first[0], { created: START + 1_000, ended: false });
      expect(ids(await on.claim())).toEqual([other.id]);
    });

    test("is not held up by one that waits for another try", async () => {
      await on.add(inboxEvent({ at: 1_000 }), { order: "latest" });
      const [first] = await on.claim();
      const late = await on.add(inboxEvent({ at: 2_000 }), { order: "latest" });
      // It is under way: the newer waits for it, and it is not made stale.
      expect(await on.claim()).toEqual([]);
      await on.inbox.settle(first as Claim, {
        at: START,
        next: { state: "pending", dueAt: START + 500 },
        error: "no",
        counts: true,
        mark: null,
      });
      expect(ids(await on.claim())).toEqual([late.id]);
    });
  });

  test("whoever claims, one object's work is never at two at once", async () => {
    for (const order of ["serial", "latest"] as const) {
      const object = { objectId: `po_${order}` };
      // All of one second: none makes another needless.
      const events = await Promise.all(Array.from({ length: 8 }, () => on.add(inboxEvent(object), { order, handler: "b" })));
      const other = harness.another === null ? on.inbox : await harness.another();
      const handled: string[] = [];
      while (handled.length < events.length) {
        const claims = (
          await Promise.all([on.inbox, other, on.inbox, other].map((inbox) => on.claim(START, { from: inbox, limit: 3, handlers: ["b"] })))
        ).flat();
        expect(claims).toHaveLength(1);
        await done(claims[0]);
        handled.push(...ids(claims));
      }
      expect(handled.sort()).toEqual(events.map(({ id }) => id).sort());
    }
  });

  test("work stored with a lease keeps the order too", async () => {
    await on.add(inboxEvent({ at: 1_000 }), { order: "serial" });
    expect(await on.hot(inboxEvent({ at: 2_000 }), { order: "serial" })).toMatchObject({ claims: [], waiting: 1 });
    const hot = await on.hot(inboxEvent({ at: 2_000, objectId: "acct_other" }), { order: "latest" });
    expect(hot).toMatchObject({ claims: [{ order: "latest", leaseUntil: START + LEASE_MS }], waiting: 0 });
  });
}
