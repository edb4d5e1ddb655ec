import { deepEqual, equal } from "node:assert/strict";
import type { Claim } from "../inbox/inbox.ts";
import { arrivalOf, ids, inboxEvent, LEASE_MS, START, workFor } from "./inbox-fixture.ts";
import { matches } from "./matches.ts";
import type { Suite } from "./suite.ts";

/** What is stored, and once. */
export function storingCases<Tx>({ harness, on, test }: Suite<Tx>): void {
  test("an event is kept as it came, with what is owed for it", async () => {
    const event = inboxEvent({ apiVersion: null, livemode: true, rank: 2, account: null });
    const work = [workFor(event, "a"), workFor(event, "b", "latest", START + 5)];
    deepEqual(await on.inbox.store(arrivalOf(event, work)), {
      outcome: "stored",
      claims: [],
      waiting: 2,
      connected: null,
      cancelled: 0,
      released: 0,
    });
    const kept = await on.inbox.event(event);
    deepEqual({ ...kept, body: [...(kept?.body ?? [])] }, { ...event, body: [...event.body] });
    deepEqual(await on.states(event.id), ["a:pending", "b:pending"]);
    equal(await on.inbox.nextDueAt(["a", "b"], START), START);
    equal(await on.inbox.nextDueAt(["b"], START), START + 5);
    equal(await on.inbox.nextDueAt(["c"], START), null);
    equal(await on.inbox.event({ ...event, livemode: false }), null);
  });

  test("an event is one by its source, mode, account and id together", async () => {
    const event = await on.add(inboxEvent());
    deepEqual(await on.inbox.store(arrivalOf(inboxEvent({ id: event.id }), [workFor(event, "b")])), {
      outcome: "duplicate",
      claims: [],
      waiting: 1,
      added: 0,
      knownType: "account.updated",
    });
    deepEqual(await on.states(event.id), ["a:pending"]);
    for (const other of [{ livemode: true }, { account: null }, { account: "acct_2" }, { source: "carabiner" }]) {
      equal((await on.inbox.store(arrivalOf(inboxEvent({ id: event.id, ...other }), []))).outcome, "stored");
    }
    equal((await on.inbox.eventsById(event.id)).length, 5);
  });

  test("stored with a lease, work comes as a claim, and is nobody else's until that ends", async () => {
    const event = inboxEvent();
    const work = [workFor(event, "a"), workFor(event, "b", "any", START + 1)];
    const stored = await on.inbox.store(arrivalOf(event, work, { lease: { now: START, leaseUntil: START + LEASE_MS } }));
    matches(stored, {
      outcome: "stored",
      waiting: 1,
      claims: [{ handler: "a", attempt: 1, forced: false, mark: null, newerWaits: false, accountLeftAt: null, event: { id: event.id } }],
    });
    deepEqual(ids(await on.claim(START + 1)), [event.id]);
    deepEqual(await on.claim(START + LEASE_MS - 1), []);
    const again = (await on.claim(START + LEASE_MS)) as Claim[];
    deepEqual(
      again.map(({ handler, attempt }) => [handler, attempt]),
      [["a", 2]],
    );
  });

  test("a duplicate of work that waits for another try can be tried at once", async () => {
    const event = inboxEvent();
    const [claim] = ((await on.hot(event)) as { claims: Claim[] }).claims;
    const later = { state: "pending" as const, dueAt: START + 9_000_000 };
    await on.inbox.settle(claim as Claim, { at: START, next: later, error: "no", counts: true, mark: null });
    const arrival = arrivalOf(event, [workFor(event)], { lease: { now: START + 1, leaseUntil: START + LEASE_MS } });
    matches(await on.inbox.store(arrival), { outcome: "duplicate", claims: [], waiting: 1 });
    matches(await on.inbox.store(arrival, { retryDuplicate: true }), {
      outcome: "duplicate",
      claims: [{ attempt: 2, event: { id: event.id } }],
    });
  });

  test("the same event at the same time is kept once", async () => {
    const event = inboxEvent();
    const others = harness.another === null ? [] : [await harness.another()];
    const inboxes = [on.inbox, ...others, on.inbox, ...others];
    const outcomes = await Promise.all(inboxes.map((inbox) => inbox.store(arrivalOf(event, [workFor(event)]))));
    equal(outcomes.filter(({ outcome }) => outcome === "stored").length, 1);
    equal((await on.inbox.eventsById(event.id)).length, 1);
  });
}
