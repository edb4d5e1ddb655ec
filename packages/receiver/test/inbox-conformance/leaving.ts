import { expect, test } from "vitest";
import type { Claim } from "../../src/inbox/inbox.ts";
import { START } from "../signed-webhook.ts";
import { arrivalOf, DONE, ids, inboxEvent, OpenedInbox, workFor } from "./inbox-fixture.ts";
import type { InboxHarness } from "./inbox-harness.ts";

/** Accounts that leave and come back. */
export function leavingConformance<Tx>(harness: InboxHarness<Tx>): void {
  const on = new OpenedInbox(harness);

  test("an account that leaves takes its queued work with it, in its mode alone", async () => {
    const before = await on.add(inboxEvent({ at: 1_000 }));
    const live = await on.add(inboxEvent({ at: 1_000, livemode: true }));
    const elsewhere = await on.add(inboxEvent({ at: 1_000, account: "acct_2" }));
    const own = await on.add(inboxEvent({ at: 1_000, account: null }));
    expect(await on.connection("deauthorized", 2_000)).toMatchObject({ outcome: "stored", connected: true, cancelled: 1, released: 0 });
    expect(await on.states(before.id)).toEqual(["a:cancelled"]);
    const claims = await on.claim();
    expect(ids(claims.filter(({ handler }) => handler === "a")).sort()).toEqual([live.id, elsewhere.id, own.id].sort());
    expect(claims.find(({ handler }) => handler === "gone")).toMatchObject({ accountLeftAt: START + 2_000 });
  });

  test("work that is under way is left alone, and is told when it comes again", async () => {
    await on.add(inboxEvent({ at: 1_000 }));
    const [claim] = await on.claim();
    expect(await on.connection("deauthorized", 2_000)).toMatchObject({ cancelled: 0 });
    const later = { state: "pending" as const, dueAt: START };
    expect(await on.inbox.settle(claim as Claim, { at: START, next: later, error: "no", counts: true, mark: null })).toBe(true);
    expect((await on.claim(START, { handlers: ["a"] }))[0]).toMatchObject({ accountLeftAt: START + 2_000 });
  });

  test("late events wait in quarantine, and go on when the account has come back", async () => {
    await on.connection("deauthorized", 2_000);
    const past = inboxEvent({ at: 1_000 });
    const future = inboxEvent({ at: 3_500 });
    for (const event of [past, future])
      expect(await on.inbox.store(arrivalOf(event, [workFor(event)]))).toEqual({ outcome: "quarantined" });
    expect(await on.claim(START, { handlers: ["a"] })).toEqual([]);
    expect(await on.connection("authorized", 3_000)).toMatchObject({ connected: true, released: 1 });
    expect(await on.states(past.id)).toEqual(["a:quarantined"]);
    expect(ids(await on.claim(START, { handlers: ["a"] }))).toEqual([future.id]);
    expect((await on.hot(inboxEvent({ at: 3_600 }))).outcome).toBe("stored");
  });

  test("what came before its account's leaving, but happened after it, waits too", async () => {
    const after = await on.add(inboxEvent({ at: 3_000 }));
    expect(await on.connection("deauthorized", 2_000)).toMatchObject({ cancelled: 1 });
    expect(await on.states(after.id)).toEqual(["a:quarantined"]);
    expect(await on.connection("authorized", 2_500)).toMatchObject({ released: 1 });
    expect(ids(await on.claim(START, { handlers: ["a"] }))).toEqual([after.id]);
  });

  test("what is older than what is known of a connection changes nothing", async () => {
    await on.connection("authorized", 5_000);
    const queued = await on.add(inboxEvent({ at: 6_000 }));
    expect(await on.connection("deauthorized", 4_000)).toMatchObject({ outcome: "stored", connected: false, cancelled: 0 });
    expect(await on.states(queued.id)).toEqual(["a:pending"]);
    const [gone] = await on.claim(START, { handlers: ["gone"] });
    expect(gone).toMatchObject({ accountLeftAt: null });
    await on.connection("deauthorized", 7_000);
    expect(await on.connection("authorized", 6_000)).toMatchObject({ connected: false, released: 0 });
    expect((await on.hot(inboxEvent({ at: 8_000 }))).outcome).toBe("quarantined");
  });

  test("the same second is a tie, and nothing is stored until it is decided", async () => {
    await on.connection("authorized", 1_000);
    const id = "evt_tied";
    expect(await on.connection("deauthorized", 1_000, { id })).toEqual({ outcome: "tied" });
    expect(await on.inbox.eventsById(id)).toEqual([]);
    expect(await on.connection("deauthorized", 1_000, { id, tieGoesTo: "authorized" })).toMatchObject({ connected: false });
    expect(await on.connection("deauthorized", 1_000, { tieGoesTo: "deauthorized" })).toMatchObject({ connected: true });
  });

  test("somebody may say by hand that an account has come back", async () => {
    const key = { source: "stripe", livemode: false, account: "acct_1" };
    await on.connection("deauthorized", 2_000);
    const event = inboxEvent({ at: 3_500 });
    await on.inbox.store(arrivalOf(event, [workFor(event)]));
    expect(await on.inbox.authorize({ ...key, livemode: true }, START + 3_000)).toEqual({ applied: true, released: 0 });
    expect(await on.inbox.authorize(key, START + 1_000)).toEqual({ applied: false, released: 0 });
    expect(await on.inbox.authorize(key, START + 3_000)).toEqual({ applied: true, released: 1 });
    const [claim] = await on.claim(START + 3_000, { handlers: ["a"] });
    expect(claim).toMatchObject({ accountLeftAt: null, event: { id: event.id } });
    expect(await on.inbox.settle(claim as Claim, DONE)).toBe(true);
  });
}
