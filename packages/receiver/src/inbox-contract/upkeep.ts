import { deepEqual, equal, ok } from "node:assert/strict";
import type { Claim } from "../inbox/inbox.ts";
import { arrivalOf, DONE, ids, inboxEvent, LEASE_MS, NO_PRUNING, NONE_PRUNED, START, workFor } from "./inbox-fixture.ts";
import { matches } from "./matches.ts";
import type { Suite } from "./suite.ts";

/** Former names, further endpoints, old data, and counts. */
export function upkeepCases<Tx>({ on, describe, test }: Suite<Tx>): void {
  const lease = { now: START, leaseUntil: START + LEASE_MS };
  const settleAll = async (settlement: Parameters<typeof on.inbox.settle>[1], handlers = ["a"]): Promise<void> => {
    for (const claim of await on.claim(START, { handlers })) await on.inbox.settle(claim, settlement);
  };

  test("work of a former name goes to the new one, in batches; what is leased stays, and of two the new one's counts", async () => {
    const both = inboxEvent();
    await on.inbox.store(arrivalOf(both, [workFor(both, "old"), workFor(both, "a")]));
    const leased = await on.add(inboxEvent(), { handler: "old", dueAt: START - 1 });
    await on.claim(START, { handlers: ["old"], limit: 1 });
    const dead = await on.add(inboxEvent(), { handler: "a" });
    await on.add(inboxEvent(), { handler: "old" });
    await on.add(inboxEvent(), { handler: "old" });
    const adopt = (limit: number) => on.inbox.adopt({ from: "old", to: "a", now: START, limit });
    equal(await adopt(2), 2);
    equal(await adopt(2), 1);
    equal(await adopt(2), 0);
    deepEqual(await on.states(both.id), ["a:pending"]);
    deepEqual(await on.states(leased.id), ["old:pending"]);
    deepEqual(await on.claim(START, { handlers: ["old"] }), []);
    equal((await on.claim(START, { handlers: ["a"] })).length, 4);
    equal(await on.inbox.adopt({ from: "old", to: "a", now: START + LEASE_MS, limit: 9 }), 1);
    deepEqual(await on.states(dead.id), ["a:pending"]);
  });

  test("settled work moves as well, and what is settled under the former name later", async () => {
    const adopt = (limit: number, now = START) => on.inbox.adopt({ from: "old", to: "a", now, limit });
    const events = [inboxEvent(), inboxEvent(), inboxEvent()];
    for (const event of events) await on.add(event, { handler: "old" });
    const [leased] = await on.inbox.claim({ now: START, leaseUntil: START + LEASE_MS, limit: 1, handlers: [{ handler: "old", limit: 1 }] });
    await settleAll(DONE, ["old"]);
    deepEqual([await adopt(1), await adopt(1), await adopt(1)], [1, 1, 0]);
    await on.inbox.settle(leased as Claim, DONE);
    const late = await on.add(inboxEvent(), { handler: "old" });
    await settleAll(DONE, ["old"]);
    equal(await adopt(9), 2);
    for (const event of [...events, late]) deepEqual(await on.states(event.id), ["a:done"]);
  });

  test("and so do the marks of its objects, of which the newer counts", async () => {
    const mark = async (handler: string, at: number, ended: boolean): Promise<void> => {
      await on.add(inboxEvent({ at }), { handler, order: "latest" });
      await settleAll({ ...DONE, mark: { created: START + at, ended } }, [handler]);
    };
    await mark("old", 2_000, true);
    await mark("a", 1_000, false);
    await on.inbox.adopt({ from: "old", to: "a", now: START, limit: 9 });
    await on.add(inboxEvent({ at: 3_000 }), { order: "latest" });
    const [claim] = await on.claim(START, { handlers: ["a"] });
    deepEqual(claim?.mark, { created: START + 2_000, ended: true });
    await on.inbox.settle(claim as Claim, DONE);
    await on.add(inboxEvent({ at: 3_000 }), { handler: "old", order: "latest" });
    equal((await on.claim(START, { handlers: ["old"] }))[0]?.mark, null);
  });

  describe("a known event that comes to another endpoint", () => {
    test("is added for handlers that have no part in it, with the bytes that came there", async () => {
      const event = inboxEvent({ endpoint: "old" });
      await on.inbox.store(arrivalOf(event, [workFor(event, "a"), workFor(event, "verb")]));
      const anew = { ...event, endpoint: "next", apiVersion: "later", body: new TextEncoder().encode('{"v":2}'), receivedAt: START + 5 };
      const work = [workFor(anew, "b"), workFor(anew, "verb")];
      matches(await on.inbox.store(arrivalOf(anew, work, { lease })), {
        outcome: "duplicate",
        added: 1,
        waiting: 3,
        claims: [{ handler: "b", attempt: 1, event: { id: event.id, endpoint: "next", apiVersion: "later" } }],
      });
      matches(await on.inbox.store(arrivalOf(anew, work, { lease })), { outcome: "duplicate", added: 0, claims: [] });
      matches(await on.inbox.store(arrivalOf(event, [workFor(event, "c")])), { added: 0, knownType: event.type });
      deepEqual((await on.states(event.id)).sort(), ["a:pending", "b:pending", "verb:pending"]);
      const again = await on.claim(START + LEASE_MS, { handlers: ["a", "b"] });
      const bodies = again.map(({ handler, event: { endpoint, apiVersion, body, receivedAt } }) => [
        handler,
        endpoint,
        apiVersion,
        new TextDecoder().decode(body),
        receivedAt - START,
      ]);
      deepEqual(bodies.sort(), [
        ["a", "old", event.apiVersion, new TextDecoder().decode(event.body), 0],
        ["b", "next", "later", '{"v":2}', 5],
      ]);
      equal((await on.inbox.eventsById(event.id)).length, 1);
    });

    test("waits in quarantine where its account has gone", async () => {
      const event = inboxEvent({ endpoint: "old" });
      await on.inbox.store(arrivalOf(event, [workFor(event, "a")]));
      await on.connection("deauthorized", 2_000);
      const anew = { ...event, endpoint: "next" };
      matches(await on.inbox.store(arrivalOf(anew, [workFor(anew, "b")], { lease })), {
        outcome: "duplicate",
        added: 1,
        claims: [],
      });
      deepEqual(await on.states(event.id), ["a:cancelled", "b:quarantined"]);
    });

    test("is ordered among the others of its object", async () => {
      await on.add(inboxEvent({ at: 1_000 }), { handler: "b", order: "serial" });
      const event = inboxEvent({ at: 2_000, endpoint: "old" });
      await on.inbox.store(arrivalOf(event, []));
      const anew = { ...event, endpoint: "next" };
      matches(await on.inbox.store(arrivalOf(anew, [workFor(anew, "b", "serial")], { lease })), { added: 1, claims: [] });
      equal((await on.claim(START, { handlers: ["b"] })).length, 1);
    });
  });

  describe("pruning", () => {
    test("gives up dead letters, what is quarantined, and what nobody handles, each by its age, so many and no more", async () => {
      for (let n = 0; n < 3; n++) await on.add(inboxEvent());
      await settleAll({ ...DONE, next: { state: "dead" } });
      for (let n = 0; n < 3; n++) await on.add(inboxEvent(), { handler: "gone", dueAt: START - 100 });
      await on.connection("deauthorized", -5_000, { account: "acct_2" });
      for (let n = 0; n < 3; n++) {
        const event = inboxEvent({ account: "acct_2", receivedAt: START - 50 });
        await on.inbox.store(arrivalOf(event, [workFor(event)]));
      }
      deepEqual(
        await on.inbox.prune({ ...NO_PRUNING, deadBefore: START, quarantinedBefore: START - 50, orphanedBefore: START - 100 }),
        NONE_PRUNED,
      );
      const all = { ...NO_PRUNING, deadBefore: START + 1, quarantinedBefore: START, orphanedBefore: START, limit: 2 };
      deepEqual(await on.inbox.prune({ ...all, handlers: ["a", "gone"], limit: 1 }), { ...NONE_PRUNED, dead: 1, quarantined: 1 });
      matches(await on.inbox.prune(all), { dead: 2, quarantined: 2, orphaned: 2 });
      matches(await on.inbox.prune(all), { dead: 0, quarantined: 0, orphaned: 1 });
      matches((await on.inbox.depth({ settled: true })).work, { discarded: 9, dead: 0, quarantined: 0 });
    });

    test("forgets objects whose newest event is old", async () => {
      for (const [objectId, at] of [
        ["acct_1", 1_000],
        ["acct_2", 2_000],
        ["acct_3", 3_000],
      ] as const) {
        const event = await on.add(inboxEvent({ objectId, at }), { order: "latest" });
        const [claim] = await on.claim(START, { handlers: ["a"] });
        equal(claim?.event.id, event.id);
        await on.inbox.settle(claim as Claim, { ...DONE, mark: { created: START + at, ended: false } });
      }
      const old = { ...NO_PRUNING, markedBefore: START + 3_000 };
      deepEqual(await on.inbox.prune({ ...old, limit: 1 }), { ...NONE_PRUNED, marks: 1 });
      deepEqual(await on.inbox.prune(old), { ...NONE_PRUNED, marks: 1 });
      deepEqual(await on.inbox.prune(old), NONE_PRUNED);
    });
  });

  test("depth reports for each handler what is not finally settled", async () => {
    await on.add(inboxEvent({ receivedAt: START - 9 }), { handler: "b" });
    await on.add(inboxEvent({ receivedAt: START - 4 }), { handler: "b" });
    await on.add(inboxEvent({ receivedAt: START - 5 }));
    await settleAll({ ...DONE, next: { state: "dead" } });
    deepEqual((await on.inbox.depth()).handlers, [
      { handler: "a", pending: 0, dead: 1, quarantined: 0, oldestPendingAt: null },
      { handler: "b", pending: 2, dead: 0, quarantined: 0, oldestPendingAt: START - 9 },
    ]);
  });

  test("dead letters can be chosen by type and age, and counted first", async () => {
    for (const type of ["payout.paid", "payout.failed"]) await on.add(inboxEvent({ type }));
    await settleAll({ ...DONE, at: START + 7, next: { state: "dead" } });
    const request = { now: START + 9, limit: 9, handlers: ["a"] };
    equal(await on.inbox.replayDead({ ...request, dryRun: true }), 2);
    equal(await on.inbox.replayDead({ ...request, since: START + 8 }), 0);
    equal(await on.inbox.replayDead({ ...request, since: START + 7, type: "payout.failed" }), 1);
    matches((await on.inbox.depth()).work, { dead: 1, pending: 1 });
  });

  test("an event is retried, or given up, manually; leased and settled work stays", async () => {
    const dead: Parameters<typeof settleAll>[0] = { ...DONE, next: { state: "dead" }, error: "Error: no" };
    const event = await on.add(inboxEvent({ id: "evt_by_hand" }));
    await settleAll(dead);
    equal(await on.inbox.retry({ eventId: event.id, handler: "b" }, START), 0);
    equal(await on.inbox.retry({ eventId: event.id, account: null }, START), 0);
    equal(await on.inbox.retry({ eventId: event.id, livemode: true }, START), 0);
    equal(await on.inbox.retry({ eventId: event.id, handler: "a", account: "acct_1", livemode: false }, START), 1);
    const [again] = await on.claim();
    equal(again?.attempt, 1);
    const leased = { eventId: event.id };
    equal(await on.inbox.retry(leased, START), 0);
    equal(await on.inbox.discard(leased, START), 0);
    const later = { ...DONE, next: { state: "pending" as const, dueAt: START + 9_000 }, error: "Error: not yet" };
    equal(await on.inbox.settle(again as Claim, later), true);
    deepEqual(await on.claim(), []);
    equal(await on.inbox.retry(leased, START), 1);
    const [third] = await on.claim();
    equal(third?.attempt, 2);
    await on.inbox.settle(third as Claim, later);
    equal(await on.inbox.discard(leased, START), 1);
    deepEqual(await on.states(event.id), ["a:discarded"]);
    equal(await on.inbox.retry(leased, START), 0);
    deepEqual(await on.claim(START + LEASE_MS), []);
  });

  test("work is listed by its event's type, and by when it was settled", async () => {
    const early = await on.add(inboxEvent({ type: "payout.paid" }));
    await settleAll({ ...DONE, at: START - 5 });
    const late = await on.add(inboxEvent({ type: "payout.failed" }));
    await settleAll(DONE);
    await on.add(inboxEvent({ type: "payout.failed" }));
    const listed = async (filter: object) => (await on.inbox.work({ limit: 9, ...filter })).map(({ event }) => event.id);
    deepEqual(await listed({ type: "payout.paid" }), [early.id]);
    deepEqual(await listed({ settledSince: START }), [late.id]);
    deepEqual(await listed({ type: "payout.paid", settledSince: START }), []);
  });

  test("an account that is said to be connected now is, whatever the clocks say", async () => {
    const key = { source: "stripe", livemode: false, account: "acct_1" };
    await on.connection("deauthorized", 9_000);
    const event = inboxEvent({ at: 9_500 });
    await on.inbox.store(arrivalOf(event, [workFor(event)]));
    deepEqual(await on.inbox.authorize(key, START), { applied: false, released: 0 });
    deepEqual(await on.inbox.authorize(key, START, true), { applied: true, released: 1 });
    deepEqual(ids(await on.claim(START + 9_000, { handlers: ["a"] })), [event.id]);
    // Earlier changes stay outdated.
    matches(await on.connection("deauthorized", 8_000), { connected: false });
  });

  test("work behind one crowded object does not hide that of others", async () => {
    for (let n = 0; n < 320; n++) await on.add(inboxEvent({ at: n, objectId: "crowded" }), { order: "serial" });
    const others = await Promise.all(
      ["acct_a", "acct_z"].map((objectId) => on.add(inboxEvent({ at: 1_000, objectId }), { order: "serial", dueAt: START + 1 })),
    );
    const first = await on.claim(START + 1, { handlers: ["a"], limit: 3 });
    const second = await on.claim(START + 1, { handlers: ["a"], limit: 3 });
    const third = await on.claim(START + 1, { handlers: ["a"], limit: 3 });
    const claimed = [...first, ...second, ...third];
    equal(claimed.filter(({ orderKey }) => orderKey.includes("crowded")).length, 1);
    for (const { id } of others) ok(ids(claimed).includes(id));
  });
}
