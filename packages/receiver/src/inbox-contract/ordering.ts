import { deepEqual, equal } from "node:assert/strict";
import type { Claim, Order } from "../inbox/inbox.ts";
import { DONE, ids, inboxEvent, LEASE_MS, START } from "./inbox-fixture.ts";
import { matches } from "./matches.ts";
import type { Suite } from "./suite.ts";

/** Which work waits for which. */
export function orderingCases<Tx>({ harness, on, describe, test }: Suite<Tx>): void {
  const three = async (order: Order) => {
    const late = await on.add(inboxEvent({ at: 2_000 }), { order });
    const early = await on.add(inboxEvent({ at: 1_000 }), { order });
    const other = await on.add(inboxEvent({ at: 3_000, objectId: "acct_other" }), { order });
    return { late, early, other };
  };
  const done = (claim: Claim | undefined, mark: Claim["mark"] = null) => on.inbox.settle(claim as Claim, { ...DONE, mark });

  test("any: all at once", async () => {
    const { late, early, other } = await three("any");
    deepEqual(ids(await on.claim()).sort(), [late.id, early.id, other.id].sort());
  });

  describe("serial", () => {
    test("gives an object's events one after another, as they were created", async () => {
      const { late, early, other } = await three("serial");
      const first = await on.claim();
      deepEqual(ids(first), [early.id, other.id]);
      deepEqual(await on.claim(), []);
      await done(first[0]);
      deepEqual(ids(await on.claim()), [late.id]);
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
      deepEqual(await on.claim(START + 499), []);
      const [again] = await on.claim(START + 500);
      equal(again?.event.id, early.id);
      await on.inbox.settle(again as Claim, { ...DONE, next: { state: "dead" } });
      deepEqual(ids(await on.claim(START + 500)), [late.id]);
    });

    test("in the same second, an object's beginning comes first and its end last", async () => {
      const ended = await on.add(inboxEvent({ rank: 2 }), { order: "serial" });
      const began = await on.add(inboxEvent({ rank: 0 }), { order: "serial" });
      const changed = await on.add(inboxEvent({ rank: 1 }), { order: "serial" });
      for (const { id } of [began, changed, ended]) {
        const [claim, ...more] = await on.claim();
        deepEqual([claim?.event.id, more], [id, []]);
        await done(claim);
      }
    });

    test("does not hold up another handler", async () => {
      const event = await on.add(inboxEvent({ at: 2 }), { order: "serial", handler: "a" });
      const other = await on.add(inboxEvent({ at: 1 }), { order: "serial", handler: "b" });
      deepEqual(ids(await on.claim()).sort(), [event.id, other.id].sort());
    });
  });

  describe("latest", () => {
    test("makes older events that wait needless", async () => {
      const early = await on.add(inboxEvent({ at: 1_000 }), { order: "latest" });
      const late = await on.add(inboxEvent({ at: 2_000 }), { order: "latest" });
      const elsewhere = await on.add(inboxEvent({ at: 3_000, objectId: "acct_other" }), { order: "latest" });
      deepEqual(await on.states(early.id), ["a:stale"]);
      deepEqual(ids(await on.claim()).sort(), [late.id, elsewhere.id].sort());
    });

    test("tells of an older one that comes later that a newer waits, and of one that comes after, what was handled", async () => {
      const late = await on.add(inboxEvent({ at: 2_000 }), { order: "latest" });
      await on.add(inboxEvent({ at: 1_000 }), { order: "latest" });
      const [older] = await on.claim();
      matches(older, { newerWaits: true, mark: null });
      await on.inbox.settle(older as Claim, { ...DONE, next: { state: "stale" } });
      const [newer] = await on.claim();
      matches(newer, { newerWaits: false, event: { id: late.id } });
      await done(newer, { created: START + 2_000, ended: false });
      await on.add(inboxEvent({ at: 1_500 }), { order: "latest" });
      const [stale] = await on.claim();
      matches(stale, { mark: { created: START + 2_000, ended: false } });
      // A mark is only ever raised: an end older than the known state belongs to a former life.
      await done(stale, { created: START + 1_500, ended: true });
      await on.add(inboxEvent({ at: 1_600 }), { order: "latest" });
      const [again] = await on.claim();
      deepEqual(again?.mark, { created: START + 2_000, ended: false });
      await done(again, { created: START + 2_000, ended: true });
      await on.add(inboxEvent({ at: 1_700 }), { order: "latest" });
      const [ended] = await on.claim();
      deepEqual(ended?.mark, { created: START + 2_000, ended: true });
      await done(ended, { created: START + 2_500, ended: false });
      await on.add(inboxEvent({ at: 1_800 }), { order: "latest" });
      deepEqual((await on.claim())[0]?.mark, { created: START + 2_500, ended: false });
    });

    test("keeps both of the same second, one after the other", async () => {
      const one = await on.add(inboxEvent({ at: 1_000 }), { order: "latest" });
      const other = await on.add(inboxEvent({ at: 1_000 }), { order: "latest" });
      const first = await on.claim();
      deepEqual(ids(first), [one.id]);
      await done(first[0], { created: START + 1_000, ended: false });
      deepEqual(ids(await on.claim()), [other.id]);
    });

    test("is not held up by one that waits for another try", async () => {
      await on.add(inboxEvent({ at: 1_000 }), { order: "latest" });
      const [first] = await on.claim();
      const late = await on.add(inboxEvent({ at: 2_000 }), { order: "latest" });
      // It is running: the newer one waits for it, and it does not become stale.
      deepEqual(await on.claim(), []);
      await on.inbox.settle(first as Claim, {
        at: START,
        next: { state: "pending", dueAt: START + 500 },
        error: "no",
        counts: true,
        mark: null,
      });
      deepEqual(ids(await on.claim()), [late.id]);
    });
  });

  test("whoever claims, one object's work is never at two at once", async () => {
    for (const order of ["serial", "latest"] as const) {
      const object = { objectId: `po_${order}` };
      // All have the same second: none makes another stale.
      const events = await Promise.all(Array.from({ length: 8 }, () => on.add(inboxEvent(object), { order, handler: "b" })));
      const other = harness.another === null ? on.inbox : await harness.another();
      const handled: string[] = [];
      while (handled.length < events.length) {
        const claims = (
          await Promise.all([on.inbox, other, on.inbox, other].map((inbox) => on.claim(START, { from: inbox, limit: 3, handlers: ["b"] })))
        ).flat();
        equal(claims.length, 1);
        await done(claims[0]);
        handled.push(...ids(claims));
      }
      deepEqual(handled.sort(), events.map(({ id }) => id).sort());
    }
  });

  test("work stored with a lease keeps the order too", async () => {
    await on.add(inboxEvent({ at: 1_000 }), { order: "serial" });
    matches(await on.hot(inboxEvent({ at: 2_000 }), { order: "serial" }), { claims: [], waiting: 1 });
    const hot = await on.hot(inboxEvent({ at: 2_000, objectId: "acct_other" }), { order: "latest" });
    matches(hot, { claims: [{ order: "latest", leaseUntil: START + LEASE_MS }], waiting: 0 });
  });
}
