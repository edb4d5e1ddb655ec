import { deepEqual, equal } from "node:assert/strict";
import type { Claim, InboxEvent } from "../inbox/inbox.ts";
import { arrivalOf, DONE, ids, inboxEvent, LEASE_MS, NO_PRUNING, NONE_PRUNED, START, workFor } from "./inbox-fixture.ts";
import { matches } from "./matches.ts";
import type { Suite } from "./suite.ts";

/** Looking, replaying, cleaning up. */
export function keepingCases<Tx>({ harness, on, test }: Suite<Tx>): void {
  const settle = async (state: "done" | "dead", handlers = ["a"]) => {
    for (const claim of await on.claim(START, { handlers })) await on.inbox.settle(claim, { ...DONE, next: { state }, error: state });
  };

  test("work is listed, the newest first, and can be narrowed down", async () => {
    const one = inboxEvent({ account: null, livemode: true });
    const two = inboxEvent();
    for (const event of [one, two]) await on.inbox.store(arrivalOf(event, [workFor(event, "a"), workFor(event, "b")]));
    await settle("dead", ["b"]);
    const list = async (filter: object) =>
      (await on.inbox.work({ limit: 10, ...filter })).map(({ event, handler, state }) => `${event.id} ${handler} ${state}`);
    deepEqual(await list({}), [`${two.id} a pending`, `${two.id} b dead`, `${one.id} a pending`, `${one.id} b dead`]);
    deepEqual(await list({ limit: 1 }), [`${two.id} a pending`]);
    deepEqual(await list({ state: "dead", account: null }), [`${one.id} b dead`]);
    deepEqual(await list({ handler: "a", livemode: false }), [`${two.id} a pending`]);
    deepEqual(await list({ eventId: one.id, account: "acct_1" }), []);
    const { endpoint, type, source, livemode, account, id, created, receivedAt } = two;
    deepEqual((await on.inbox.work({ limit: 1 }))[0]?.event, { endpoint, type, source, livemode, account, id, created, receivedAt });
  });

  test("depth counts by state, and tells how long the oldest has waited", async () => {
    const empty = { oldestPendingAt: null, handlers: [] };
    deepEqual(await on.inbox.depth(), { work: { pending: 0, dead: 0, quarantined: 0 }, ...empty });
    const settled = { done: 0, discarded: 0, stale: 0, cancelled: 0 };
    deepEqual(await on.inbox.depth({ settled: true }), { work: { pending: 0, dead: 0, quarantined: 0, ...settled }, ...empty });
    await on.add(inboxEvent({ receivedAt: START - 9 }));
    await settle("done");
    await on.add(inboxEvent({ receivedAt: START - 5 }));
    await on.add(inboxEvent({ receivedAt: START - 2 }));
    matches(await on.inbox.depth({ settled: true }), { work: { pending: 2, done: 1 }, oldestPendingAt: START - 5 });
  });

  test("an event can be replayed whatever happened to it, also for new handlers, but not while it runs", async () => {
    const event = await on.add(inboxEvent(), { order: "latest" });
    await settle("done");
    const work = [workFor(event, "a", "latest", START + 1), workFor(event, "b", "any", START + 1)];
    equal(await on.inbox.replay(event, work), 2);
    const claims = await on.claim(START + 1);
    deepEqual(claims.map(({ handler, attempt, forced }) => [handler, attempt, forced]).sort(), [
      ["a", 1, true],
      ["b", 1, true],
    ]);
    equal(await on.inbox.replay(event, work), 0);
    for (const claim of claims) equal(await on.inbox.settle(claim, DONE), true);
    equal(await on.inbox.replay({ ...event, livemode: true }, work), 0);
    equal(await on.inbox.replay(event, work.slice(0, 1)), 1);
    equal(await on.inbox.replay(event, [workFor(event, "a", "latest", START + LEASE_MS)]), 1);
  });

  test("dead letters are revived, so many and no more, and only for handlers that are there", async () => {
    const events: InboxEvent[] = [];
    for (let n = 0; n < 3; n++) events.push(await on.add(inboxEvent()));
    await settle("dead");
    const request = { now: START + 5, limit: 2, handlers: ["a"] };
    equal(await on.inbox.replayDead({ ...request, handlers: ["b"] }), 0);
    equal(await on.inbox.replayDead(request), 2);
    const claims = await on.claim(START + 5);
    deepEqual([ids(claims), claims.map(({ attempt }) => attempt)], [events.slice(0, 2).map(({ id }) => id), [1, 1]]);
    equal(await on.inbox.replayDead(request), 1);
  });

  test("what is settled and old is removed, and nothing else", async () => {
    const old = { receivedAt: START - 1_000 };
    const done = [await on.add(inboxEvent(old)), await on.add(inboxEvent(old))];
    const unhandled = inboxEvent(old);
    await on.inbox.store(arrivalOf(unhandled, []));
    const young = await on.add(inboxEvent());
    await settle("done");
    const dead = await on.add(inboxEvent(old));
    await settle("dead");
    const pending = await on.add(inboxEvent(old));
    deepEqual(await on.inbox.prune({ ...NO_PRUNING, receivedBefore: START - 500, limit: 1 }), { ...NONE_PRUNED, events: 1 });
    deepEqual(await on.inbox.prune({ ...NO_PRUNING, receivedBefore: START - 500 }), { ...NONE_PRUNED, events: 2 });
    for (const { id } of [...done, unhandled]) deepEqual([await on.inbox.eventsById(id), await on.states(id)], [[], []]);
    for (const { id } of [young, dead, pending]) equal((await on.inbox.eventsById(id)).length, 1);
    // It could arrive again, and would then count as new.
    equal((await on.hot(unhandled)).outcome, "stored");
  });

  test("preparing again changes nothing", async () => {
    const event = await on.add(inboxEvent());
    await on.inbox.prepare();
    const others = harness.another === null ? [] : await Promise.all([harness.another(), harness.another()]);
    await Promise.all(others.map((inbox) => inbox.prepare()));
    const [claim] = await on.claim();
    equal((claim as Claim).event.id, event.id);
  });
}
