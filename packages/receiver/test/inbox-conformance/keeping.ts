import { expect, test } from "vitest";
import type { Claim, InboxEvent, Pruning } from "../../src/inbox/inbox.ts";
import { START } from "../signed-webhook.ts";
import { arrivalOf, DONE, ids, inboxEvent, LEASE_MS, OpenedInbox, workFor } from "./inbox-fixture.ts";
import type { InboxHarness } from "./inbox-harness.ts";

/** A pruning of nothing, and what comes of it. */
const nothing: Pruning = {
  now: START,
  receivedBefore: 0,
  deadBefore: null,
  quarantinedBefore: null,
  orphanedBefore: null,
  handlers: ["a"],
  markedBefore: null,
  limit: 10,
};
const none = { events: 0, dead: 0, quarantined: 0, orphaned: 0, marks: 0 };

/** Looking, replaying, cleaning up. */
export function keepingConformance<Tx>(harness: InboxHarness<Tx>): void {
  const on = new OpenedInbox(harness);
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
    expect(await list({})).toEqual([`${two.id} a pending`, `${two.id} b dead`, `${one.id} a pending`, `${one.id} b dead`]);
    expect(await list({ limit: 1 })).toEqual([`${two.id} a pending`]);
    expect(await list({ state: "dead", account: null })).toEqual([`${one.id} b dead`]);
    expect(await list({ handler: "a", livemode: false })).toEqual([`${two.id} a pending`]);
    expect(await list({ eventId: one.id, account: "acct_1" })).toEqual([]);
    const { endpoint, type, source, livemode, account, id, created, receivedAt } = two;
    expect((await on.inbox.work({ limit: 1 }))[0]?.event).toEqual({ endpoint, type, source, livemode, account, id, created, receivedAt });
  });

  test("depth counts by state, and tells how long the oldest has waited", async () => {
    expect(await on.inbox.depth()).toEqual({
      work: { pending: 0, done: 0, dead: 0, discarded: 0, stale: 0, cancelled: 0, quarantined: 0 },
      oldestPendingAt: null,
      handlers: [],
    });
    await on.add(inboxEvent({ receivedAt: START - 9 }));
    await settle("done");
    await on.add(inboxEvent({ receivedAt: START - 5 }));
    await on.add(inboxEvent({ receivedAt: START - 2 }));
    expect(await on.inbox.depth()).toMatchObject({ work: { pending: 2, done: 1 }, oldestPendingAt: START - 5 });
  });

  test("an event can be replayed whatever became of it, for new handlers too, but not while it runs", async () => {
    const event = await on.add(inboxEvent(), { order: "latest" });
    await settle("done");
    const work = [workFor(event, "a", "latest", START + 1), workFor(event, "b", "any", START + 1)];
    expect(await on.inbox.replay(event, work)).toBe(2);
    const claims = await on.claim(START + 1);
    expect(claims.map(({ handler, attempt, forced }) => [handler, attempt, forced]).sort()).toEqual([
      ["a", 1, true],
      ["b", 1, true],
    ]);
    expect(await on.inbox.replay(event, work)).toBe(0);
    for (const claim of claims) expect(await on.inbox.settle(claim, DONE)).toBe(true);
    expect(await on.inbox.replay({ ...event, livemode: true }, work)).toBe(0);
    expect(await on.inbox.replay(event, work.slice(0, 1))).toBe(1);
    expect(await on.inbox.replay(event, [workFor(event, "a", "latest", START + LEASE_MS)])).toBe(1);
  });

  test("dead letters are revived, so many and no more, and only for handlers that are there", async () => {
    const events: InboxEvent[] = [];
    for (let n = 0; n < 3; n++) events.push(await on.add(inboxEvent()));
    await settle("dead");
    const request = { now: START + 5, limit: 2, handlers: ["a"] };
    expect(await on.inbox.replayDead({ ...request, handlers: ["b"] })).toBe(0);
    expect(await on.inbox.replayDead(request)).toBe(2);
    const claims = await on.claim(START + 5);
    expect([ids(claims), claims.map(({ attempt }) => attempt)]).toEqual([events.slice(0, 2).map(({ id }) => id), [1, 1]]);
    expect(await on.inbox.replayDead(request)).toBe(1);
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
    expect(await on.inbox.prune({ ...nothing, receivedBefore: START - 500, limit: 1 })).toEqual({ ...none, events: 1 });
    expect(await on.inbox.prune({ ...nothing, receivedBefore: START - 500 })).toEqual({ ...none, events: 2 });
    for (const { id } of [...done, unhandled]) expect([await on.inbox.eventsById(id), await on.states(id)]).toEqual([[], []]);
    for (const { id } of [young, dead, pending]) expect(await on.inbox.eventsById(id)).toHaveLength(1);
    // It could come again: it would be new.
    expect((await on.hot(unhandled)).outcome).toBe("stored");
  });

  test("preparing again changes nothing", async () => {
    const event = await on.add(inboxEvent());
    await on.inbox.prepare();
    const others = harness.another === null ? [] : await Promise.all([harness.another(), harness.another()]);
    await Promise.all(others.map((inbox) => inbox.prepare()));
    const [claim] = await on.claim();
    expect((claim as Claim).event.id).toBe(event.id);
  });
}
