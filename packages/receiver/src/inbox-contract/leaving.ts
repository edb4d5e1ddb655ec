import { deepEqual, equal } from "node:assert/strict";
import type { Claim } from "../inbox/inbox.ts";
import { arrivalOf, DONE, ids, inboxEvent, START, workFor } from "./inbox-fixture.ts";
import { matches } from "./matches.ts";
import type { Suite } from "./suite.ts";

/** Accounts that leave and come back. */
export function leavingCases<Tx>({ on, test }: Suite<Tx>): void {
  test("an account that leaves takes its queued work with it, in its mode alone", async () => {
    const before = await on.add(inboxEvent({ at: 1_000 }));
    const live = await on.add(inboxEvent({ at: 1_000, livemode: true }));
    const elsewhere = await on.add(inboxEvent({ at: 1_000, account: "acct_2" }));
    const own = await on.add(inboxEvent({ at: 1_000, account: null }));
    matches(await on.connection("deauthorized", 2_000), { outcome: "stored", connected: true, cancelled: 1, released: 0 });
    deepEqual(await on.states(before.id), ["a:cancelled"]);
    const claims = await on.claim();
    deepEqual(ids(claims.filter(({ handler }) => handler === "a")).sort(), [live.id, elsewhere.id, own.id].sort());
    matches(
      claims.find(({ handler }) => handler === "gone"),
      { accountLeftAt: START + 2_000 },
    );
  });

  test("work that is under way is left alone, and learns of the departure when it is claimed again", async () => {
    await on.add(inboxEvent({ at: 1_000 }));
    const [claim] = await on.claim();
    matches(await on.connection("deauthorized", 2_000), { cancelled: 0 });
    const later = { state: "pending" as const, dueAt: START };
    equal(await on.inbox.settle(claim as Claim, { at: START, next: later, error: "no", counts: true, mark: null }), true);
    matches((await on.claim(START, { handlers: ["a"] }))[0], { accountLeftAt: START + 2_000 });
  });

  test("late events wait in quarantine, and continue when the account has come back", async () => {
    await on.connection("deauthorized", 2_000);
    const past = inboxEvent({ at: 1_000 });
    const future = inboxEvent({ at: 3_500 });
    for (const event of [past, future]) deepEqual(await on.inbox.store(arrivalOf(event, [workFor(event)])), { outcome: "quarantined" });
    deepEqual(await on.claim(START, { handlers: ["a"] }), []);
    matches(await on.connection("authorized", 3_000), { connected: true, released: 1 });
    deepEqual(await on.states(past.id), ["a:quarantined"]);
    deepEqual(ids(await on.claim(START, { handlers: ["a"] })), [future.id]);
    equal((await on.hot(inboxEvent({ at: 3_600 }))).outcome, "stored");
  });

  test("what came before its account's leaving, but happened after it, waits too", async () => {
    const after = await on.add(inboxEvent({ at: 3_000 }));
    matches(await on.connection("deauthorized", 2_000), { cancelled: 1 });
    deepEqual(await on.states(after.id), ["a:quarantined"]);
    matches(await on.connection("authorized", 2_500), { released: 1 });
    deepEqual(ids(await on.claim(START, { handlers: ["a"] })), [after.id]);
  });

  test("what is older than what is known of a connection changes nothing", async () => {
    await on.connection("authorized", 5_000);
    const queued = await on.add(inboxEvent({ at: 6_000 }));
    matches(await on.connection("deauthorized", 4_000), { outcome: "stored", connected: false, cancelled: 0 });
    deepEqual(await on.states(queued.id), ["a:pending"]);
    const [gone] = await on.claim(START, { handlers: ["gone"] });
    matches(gone, { accountLeftAt: null });
    await on.connection("deauthorized", 7_000);
    matches(await on.connection("authorized", 6_000), { connected: false, released: 0 });
    equal((await on.hot(inboxEvent({ at: 8_000 }))).outcome, "quarantined");
  });

  test("the same second is a tie, and nothing is stored until it is decided", async () => {
    await on.connection("authorized", 1_000);
    const id = "evt_tied";
    deepEqual(await on.connection("deauthorized", 1_000, { id }), { outcome: "tied" });
    deepEqual(await on.inbox.eventsById(id), []);
    matches(await on.connection("deauthorized", 1_000, { id, tieGoesTo: "authorized" }), { connected: false });
    matches(await on.connection("deauthorized", 1_000, { tieGoesTo: "deauthorized" }), { connected: true });
  });

  test("a caller may report that an account has come back", async () => {
    const key = { source: "stripe", livemode: false, account: "acct_1" };
    await on.connection("deauthorized", 2_000);
    const event = inboxEvent({ at: 3_500 });
    await on.inbox.store(arrivalOf(event, [workFor(event)]));
    deepEqual(await on.inbox.authorize({ ...key, livemode: true }, START + 3_000), { applied: true, released: 0 });
    deepEqual(await on.inbox.authorize(key, START + 1_000), { applied: false, released: 0 });
    deepEqual(await on.inbox.authorize(key, START + 3_000), { applied: true, released: 1 });
    const [claim] = await on.claim(START + 3_000, { handlers: ["a"] });
    matches(claim, { accountLeftAt: null, event: { id: event.id } });
    equal(await on.inbox.settle(claim as Claim, DONE), true);
  });
}
