import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Attempt, Claim, Settlement } from "../inbox/inbox.ts";
import { DONE, ids, inboxEvent, LEASE_MS, START } from "./inbox-fixture.ts";
import { matches } from "./matches.ts";
import type { Suite } from "./suite.ts";

/** Leases, fences, and the transaction that effect and mark share. */
export function claimingCases<Tx>({ harness, on, describe, test }: Suite<Tx>): void {
  async function oneClaim(): Promise<Claim> {
    await on.add(inboxEvent());
    const [claim] = await on.claim();
    if (claim === undefined) throw new Error("nothing was claimed");
    return claim;
  }
  async function begun(claim: Claim): Promise<Attempt<Tx>> {
    const attempt = await on.inbox.begin(claim);
    if (attempt === null) throw new Error("the claim was lost");
    return attempt;
  }
  const effects = (): Promise<string[]> => (harness.effects === null ? Promise.resolve([]) : harness.effects());
  const kept = (...names: string[]): string[] => (harness.effects === null ? [] : names);
  const later = (ms: number, more: Partial<Settlement> = {}): Settlement => ({
    at: START,
    next: { state: "pending", dueAt: START + ms },
    error: "TypeError: no",
    counts: true,
    mark: null,
    ...more,
  });

  describe("a claim", () => {
    test("takes what is due, the longest due first, and no more than asked", async () => {
      const third = await on.add(inboxEvent(), { dueAt: START - 1 });
      const first = await on.add(inboxEvent(), { dueAt: START - 3 });
      const second = await on.add(inboxEvent(), { dueAt: START - 2 });
      await on.add(inboxEvent(), { dueAt: START + 1 });
      await on.add(inboxEvent(), { handler: "of another version", dueAt: START - 9 });
      deepEqual(ids(await on.claim(START, { limit: 2 })), [first.id, second.id]);
      deepEqual(ids(await on.claim(START)), [third.id]);
      deepEqual(await on.claim(START), []);
    });

    test("whose lease has run out is another's, and what the first does then changes nothing", async () => {
      const claim = await oneClaim();
      const attempt = await begun(claim);
      const [taken] = await on.claim(START + LEASE_MS);
      matches(taken, { attempt: 2, event: { id: claim.event.id } });
      equal(await attempt.commit(DONE), false);
      equal(await on.inbox.settle(claim, DONE), false);
      const late = await on.inbox.begin(claim);
      if (late !== null) equal(await late.commit(DONE), false);
      const later = await on.inbox.begin(claim);
      if (later !== null) {
        await rejects((async () => harness.effect(later.tx, "of another's work"))(), /claim was lost/);
        await later.rollback();
      }
      equal(await on.inbox.renew(claim, START + 9 * LEASE_MS), false);
      deepEqual(await on.states(claim.event.id), ["a:pending"]);
      equal(await on.inbox.settle(taken as Claim, DONE), true);
      equal(await on.inbox.settle(taken as Claim, DONE), false);
    });

    test("lasts longer when its lease is renewed", async () => {
      const claim = await oneClaim();
      equal(await on.inbox.renew(claim, START + 3 * LEASE_MS), true);
      deepEqual(await on.claim(START + 2 * LEASE_MS), []);
      deepEqual(ids(await on.claim(START + 3 * LEASE_MS)), [claim.event.id]);
    });

    test("that is returned is due as before, and none of its tries counts", async () => {
      const claim = await oneClaim();
      await on.inbox.release([claim]);
      equal(await on.inbox.settle(claim, DONE), false);
      const [again] = await on.claim();
      matches(again, { attempt: 1, event: { id: claim.event.id } });
    });

    test("settled for later is due then, and keeps what went wrong", async () => {
      const claim = await oneClaim();
      equal(await on.inbox.settle(claim, later(500)), true);
      deepEqual(await on.claim(START + 499), []);
      equal(await on.inbox.nextDueAt(["a"], START), START + 500);
      matches(await on.inbox.work({ eventId: claim.event.id, limit: 1 }), [
        { state: "pending", attempts: 1, dueAt: START + 500, error: "TypeError: no", settledAt: null },
      ]);
      const [second] = await on.claim(START + 500);
      equal(second?.attempt, 2);
      await on.inbox.settle(second as Claim, later(600, { counts: false }));
      equal((await on.claim(START + 600))[0]?.attempt, 2);
    });
  });

  describe("a try", () => {
    test("keeps its effect together with its success", async () => {
      const claim = await oneClaim();
      const attempt = await begun(claim);
      await harness.effect(attempt.tx, "one");
      deepEqual(await effects(), []);
      equal(await attempt.commit({ ...DONE, at: START + 7 }), true);
      deepEqual(await effects(), kept("one"));
      matches(await on.inbox.work({ eventId: claim.event.id, limit: 1 }), [
        { state: "done", error: null, settledAt: START + 7, attempts: 1 },
      ]);
    });

    test("that never reads its transaction is still done", async () => {
      const claim = await oneClaim();
      equal(await (await begun(claim)).commit(DONE), true);
      deepEqual(await on.states(claim.event.id), ["a:done"]);
    });

    test("keeps nothing when it is undone, and the claim stays", async () => {
      const claim = await oneClaim();
      const attempt = await begun(claim);
      await harness.effect(attempt.tx, "undone");
      await attempt.setNote("n", "1");
      await attempt.rollback();
      await attempt.rollback();
      equal(await attempt.commit(DONE), false);
      deepEqual(await effects(), []);
      const second = await begun(claim);
      equal(await second.note("n"), null);
      await harness.effect(second.tx, "second");
      equal(await second.commit(DONE), true);
      deepEqual(await effects(), kept("second"));
    });

    test("that is abandoned keeps nothing, and what its handler still does fails", async () => {
      const claim = await oneClaim();
      const attempt = await begun(claim);
      const { tx } = attempt;
      await harness.effect(tx, "before");
      await attempt.abandon();
      if (harness.effects !== null) await rejects(Promise.resolve().then(() => harness.effect(tx, "too late")));
      equal(await attempt.commit(DONE), false);
      deepEqual(await effects(), []);
      const second = await begun(claim);
      await harness.effect(second.tx, "second");
      equal(await second.commit(DONE), true);
      deepEqual(await effects(), kept("second"));
    });

    test("leaves notes for the next, in its transaction", async () => {
      const attempt = await begun(await oneClaim());
      await attempt.setNote("n", "1");
      equal(await attempt.note("n"), "1");
      equal(await attempt.commit(DONE), true);
      const second = await begun(await oneClaim());
      equal(await second.note("n"), "1");
      await second.setNote("n", null);
      equal(await second.commit(DONE), true);
      const third = await begun(await oneClaim());
      equal(await third.note("n"), null);
      await third.rollback();
    });
  });

  test("while others claim too, every piece of work is claimed once", async () => {
    const events = await Promise.all(Array.from({ length: 40 }, () => on.add(inboxEvent())));
    const other = harness.another === null ? on.inbox : await harness.another();
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, n) => on.claim(START, { limit: 5, from: n % 2 === 0 ? on.inbox : other })),
    );
    const claimed = [...claims.flat(), ...(await on.claim())].map(({ event }) => event.id);
    deepEqual(claimed.sort(), events.map(({ id }) => id).sort());
  });
}
