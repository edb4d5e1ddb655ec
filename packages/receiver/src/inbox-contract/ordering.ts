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
      // A mark is only ever raised: an end that is older than the known state belongs to an earlier life of the object.
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

  test("no two claims ever have work of one object at the same time", async () => {
    for (const order of ["serial", "latest"] as const) {
      const object = { objectId: `po_${order}` };
      // All have the same second, so none of them makes another stale.
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

  test("latest: work stored with a lease tells of what was handled, and of a newer one that waits", async () => {
    const mark = { created: START + 2_000, ended: true };
    await on.add(inboxEvent({ at: 2_000 }), { order: "latest" });
    await done((await on.claim())[0], mark);
    const after = await on.hot(inboxEvent({ at: 1_000 }), { order: "latest" });
    matches(after, { claims: [{ mark, newerWaits: false }], waiting: 0 });

    const object = { objectId: "acct_other" };
    await on.add(inboxEvent({ at: 2_000, ...object }), { order: "latest", dueAt: START + 1 });
    const beside = await on.hot(inboxEvent({ at: 1_000, ...object }), { order: "latest" });
    matches(beside, { claims: [{ mark: null, newerWaits: true }], waiting: 0 });
  });

  for (const order of ["serial", "latest"] as const) {
    test(`${order}: events that come together keep the order, and each is stored once`, async () => {
      const elsewhere = inboxEvent({ objectId: "acct_other" });
      const events = [4_000, 1_000, 5_000, 2_000, 3_000].map((at) => inboxEvent({ at }));
      const [, , newest] = events;
      const stored = await Promise.all([elsewhere, ...events, newest as (typeof events)[0]].map((event) => on.hot(event, { order })));
      deepEqual(stored.map(({ outcome }) => outcome).sort(), ["duplicate", ...events.map(() => "stored"), "stored"]);
      let claims = stored.flatMap((one) => ("claims" in one ? one.claims : []));
      deepEqual(
        ids(claims).filter((id) => id === elsewhere.id),
        [elsewhere.id],
      );
      const handled: { created: number; stale: boolean }[] = [];
      while (claims.length > 0) {
        const ofObject = claims.filter(({ event }) => event.id !== elsewhere.id);
        equal(ofObject.length <= 1, true, "one object's work is at two at once");
        for (const claim of claims) {
          const { created, body } = claim.event;
          const sent = [elsewhere, ...events].find(({ id }) => id === claim.event.id);
          deepEqual([claim.attempt, ...body], [1, ...(sent?.body ?? [])]);
          const stale = order === "latest" && (claim.newerWaits || (claim.mark !== null && created < claim.mark.created));
          await done(claim, order === "latest" && !stale ? { created, ended: false } : null);
          if (claim.event.id !== elsewhere.id) handled.push({ created, stale });
        }
        claims = await on.claim();
      }
      const run = handled.filter(({ stale }) => !stale).map(({ created }) => created);
      if (order === "latest") equal(run.at(-1), newest?.created);
      else deepEqual([...run].sort(), events.map(({ created }) => created).sort());
      // Work that was leased before the others arrived may be ahead of them.
      deepEqual(
        run.slice(1),
        run.slice(1).sort((one, other) => one - other),
      );
      deepEqual((await on.inbox.depth()).work.pending, 0);
    });
  }

  test("events of an order that come together from an account that left are quarantined", async () => {
    await on.connection("deauthorized", 0);
    for (const claim of await on.claim()) await done(claim);
    const stored = await Promise.all([1_000, 2_000].map((at) => on.hot(inboxEvent({ at }), { order: "latest" })));
    deepEqual(stored, [{ outcome: "quarantined" }, { outcome: "quarantined" }]);
    deepEqual(await on.claim(), []);
    equal((await on.inbox.depth()).work.quarantined, 2);
  });
}
