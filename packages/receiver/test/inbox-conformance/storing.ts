import { expect, test } from "vitest";
import type { Claim } from "../../src/inbox/inbox.ts";
import { START } from "../signed-webhook.ts";
import { arrivalOf, ids, inboxEvent, LEASE_MS, OpenedInbox, workFor } from "./inbox-fixture.ts";
import type { InboxHarness } from "./inbox-harness.ts";

/** What is kept, and once. */
export function storingConformance<Tx>(harness: InboxHarness<Tx>): void {
  const on = new OpenedInbox(harness);

  test("an event is kept as it came, with what is owed for it", async () => {
    const event = inboxEvent({ apiVersion: null, livemode: true, rank: 2, account: null });
    const work = [workFor(event, "a"), workFor(event, "b", "latest", START + 5)];
    expect(await on.inbox.store(arrivalOf(event, work))).toEqual({
      outcome: "stored",
      claims: [],
      waiting: 2,
      connected: null,
      cancelled: 0,
      released: 0,
    });
    const kept = await on.inbox.event(event);
    expect({ ...kept, body: Buffer.from(kept?.body ?? []) }).toEqual({ ...event, body: Buffer.from(event.body) });
    expect(await on.states(event.id)).toEqual(["a:pending", "b:pending"]);
    expect(await on.inbox.nextDueAt(["a", "b"], START)).toBe(START);
    expect(await on.inbox.nextDueAt(["b"], START)).toBe(START + 5);
    expect(await on.inbox.nextDueAt(["c"], START)).toBeNull();
    expect(await on.inbox.event({ ...event, livemode: false })).toBeNull();
  });

  test("an event is one by its source, mode, account and id together", async () => {
    const event = await on.add(inboxEvent());
    expect(await on.inbox.store(arrivalOf(inboxEvent({ id: event.id }), [workFor(event, "b")]))).toEqual({
      outcome: "duplicate",
      claims: [],
      waiting: 1,
      added: 0,
      knownType: "account.updated",
    });
    expect(await on.states(event.id)).toEqual(["a:pending"]);
    for (const other of [{ livemode: true }, { account: null }, { account: "acct_2" }, { source: "carabiner" }]) {
      expect((await on.inbox.store(arrivalOf(inboxEvent({ id: event.id, ...other }), []))).outcome).toBe("stored");
    }
    expect(await on.inbox.eventsById(event.id)).toHaveLength(5);
  });

  test("stored with a lease, work comes as a claim, and is nobody else's until that ends", async () => {
    const event = inboxEvent();
    const work = [workFor(event, "a"), workFor(event, "b", "any", START + 1)];
    const stored = await on.inbox.store(arrivalOf(event, work, { lease: { now: START, leaseUntil: START + LEASE_MS } }));
    expect(stored).toMatchObject({
      outcome: "stored",
      waiting: 1,
      claims: [{ handler: "a", attempt: 1, forced: false, mark: null, newerWaits: false, accountLeftAt: null, event: { id: event.id } }],
    });
    expect(ids(await on.claim(START + 1))).toEqual([event.id]);
    expect(await on.claim(START + LEASE_MS - 1)).toEqual([]);
    const again = (await on.claim(START + LEASE_MS)) as Claim[];
    expect(again.map(({ handler, attempt }) => [handler, attempt])).toEqual([["a", 2]]);
  });

  test("a duplicate of work that waits for another try can be tried at once", async () => {
    const event = inboxEvent();
    const [claim] = ((await on.hot(event)) as { claims: Claim[] }).claims;
    const later = { state: "pending" as const, dueAt: START + 9_000_000 };
    await on.inbox.settle(claim as Claim, { at: START, next: later, error: "no", counts: true, mark: null });
    const arrival = arrivalOf(event, [workFor(event)], { lease: { now: START + 1, leaseUntil: START + LEASE_MS } });
    expect(await on.inbox.store(arrival)).toMatchObject({ outcome: "duplicate", claims: [], waiting: 1 });
    expect(await on.inbox.store(arrival, { retryDuplicate: true })).toMatchObject({
      outcome: "duplicate",
      claims: [{ attempt: 2, event: { id: event.id } }],
    });
  });

  test("the same event at the same time is kept once", async () => {
    const event = inboxEvent();
    const others = harness.another === null ? [] : [await harness.another()];
    const inboxes = [on.inbox, ...others, on.inbox, ...others];
    const outcomes = await Promise.all(inboxes.map((inbox) => inbox.store(arrivalOf(event, [workFor(event)]))));
    expect(outcomes.filter(({ outcome }) => outcome === "stored")).toHaveLength(1);
    expect(await on.inbox.eventsById(event.id)).toHaveLength(1);
  });
}
