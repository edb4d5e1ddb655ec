import { describe, expect, test } from "vitest";
import type { Attempt, Claim, Settlement } from "../../src/inbox/inbox.ts";
import { START } from "../signed-webhook.ts";
import { DONE, ids, inboxEvent, LEASE_MS, OpenedInbox } from "./inbox-fixture.ts";
import type { InboxHarness } from "./inbox-harness.ts";

/** Leases, fences, and the transaction that effect and mark share. */
export function claimingConformance<Tx>(harness: InboxHarness<Tx>): void {
  const on = new OpenedInbox(harness);

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
      expect(ids(await on.claim(START, { limit: 2 }))).toEqual([first.id, second.id]);
      expect(ids(await on.claim(START))).toEqual([third.id]);
      expect(await on.claim(START)).toEqual([]);
    });

    test("whose lease has run out is another's, and what the first does then changes nothing", async () => {
      const claim = await oneClaim();
      const attempt = await begun(claim);
      const [taken] = await on.claim(START + LEASE_MS);
      expect(taken).toMatchObject({ attempt: 2, event: { id: claim.event.id } });
      expect(await attempt.commit(DONE)).toBe(false);
      expect(await on.inbox.settle(claim, DONE)).toBe(false);
      const late = await on.inbox.begin(claim);
      if (late !== null) expect(await late.commit(DONE)).toBe(false);
      const later = await on.inbox.begin(claim);
      if (later !== null) {
        await expect((async () => harness.effect(later.tx, "of another's work"))()).rejects.toThrow(/claim was lost/);
        await later.rollback();
      }
      expect(await on.inbox.renew(claim, START + 9 * LEASE_MS)).toBe(false);
      expect(await on.states(claim.event.id)).toEqual(["a:pending"]);
      expect(await on.inbox.settle(taken as Claim, DONE)).toBe(true);
      expect(await on.inbox.settle(taken as Claim, DONE)).toBe(false);
    });

    test("lasts longer when its lease is renewed", async () => {
      const claim = await oneClaim();
      expect(await on.inbox.renew(claim, START + 3 * LEASE_MS)).toBe(true);
      expect(await on.claim(START + 2 * LEASE_MS)).toEqual([]);
      expect(ids(await on.claim(START + 3 * LEASE_MS))).toEqual([claim.event.id]);
    });

    test("that is given back is due as before, and no try of it counts", async () => {
      const claim = await oneClaim();
      await on.inbox.release([claim]);
      expect(await on.inbox.settle(claim, DONE)).toBe(false);
      const [again] = await on.claim();
      expect(again).toMatchObject({ attempt: 1, event: { id: claim.event.id } });
    });

    test("settled for later is due then, and keeps what went wrong", async () => {
      const claim = await oneClaim();
      expect(await on.inbox.settle(claim, later(500))).toBe(true);
      expect(await on.claim(START + 499)).toEqual([]);
      expect(await on.inbox.nextDueAt(["a"], START)).toBe(START + 500);
      expect(await on.inbox.work({ eventId: claim.event.id, limit: 1 })).toMatchObject([
        { state: "pending", attempts: 1, dueAt: START + 500, error: "TypeError: no", settledAt: null },
      ]);
      const [second] = await on.claim(START + 500);
      expect(second?.attempt).toBe(2);
      await on.inbox.settle(second as Claim, later(600, { counts: false }));
      expect((await on.claim(START + 600))[0]?.attempt).toBe(2);
    });
  });

  describe("a try", () => {
    test("keeps its effect together with its success", async () => {
      const claim = await oneClaim();
      const attempt = await begun(claim);
      await harness.effect(attempt.tx, "one");
      expect(await effects()).toEqual([]);
      expect(await attempt.commit({ ...DONE, at: START + 7 })).toBe(true);
      expect(await effects()).toEqual(kept("one"));
      expect(await on.inbox.work({ eventId: claim.event.id, limit: 1 })).toMatchObject([
        { state: "done", error: null, settledAt: START + 7, attempts: 1 },
      ]);
    });

    test("that never reads its transaction is done all the same", async () => {
      const claim = await oneClaim();
      expect(await (await begun(claim)).commit(DONE)).toBe(true);
      expect(await on.states(claim.event.id)).toEqual(["a:done"]);
    });

    test("keeps nothing when it is undone, and the claim stays", async () => {
      const claim = await oneClaim();
      const attempt = await begun(claim);
      await harness.effect(attempt.tx, "undone");
      await attempt.setNote("n", "1");
      await attempt.rollback();
      await attempt.rollback();
      expect(await attempt.commit(DONE)).toBe(false);
      expect(await effects()).toEqual([]);
      const second = await begun(claim);
      expect(await second.note("n")).toBeNull();
      await harness.effect(second.tx, "second");
      expect(await second.commit(DONE)).toBe(true);
      expect(await effects()).toEqual(kept("second"));
    });

    test("that is abandoned keeps nothing, and what its handler still does fails", async () => {
      const claim = await oneClaim();
      const attempt = await begun(claim);
      const { tx } = attempt;
      await harness.effect(tx, "before");
      await attempt.abandon();
      if (harness.effects !== null) await expect(Promise.resolve().then(() => harness.effect(tx, "too late"))).rejects.toThrow();
      expect(await attempt.commit(DONE)).toBe(false);
      expect(await effects()).toEqual([]);
      const second = await begun(claim);
      await harness.effect(second.tx, "second");
      expect(await second.commit(DONE)).toBe(true);
      expect(await effects()).toEqual(kept("second"));
    });

    test("leaves notes for the next, in its transaction", async () => {
      const attempt = await begun(await oneClaim());
      await attempt.setNote("n", "1");
      expect(await attempt.note("n")).toBe("1");
      expect(await attempt.commit(DONE)).toBe(true);
      const second = await begun(await oneClaim());
      expect(await second.note("n")).toBe("1");
      await second.setNote("n", null);
      expect(await second.commit(DONE)).toBe(true);
      const third = await begun(await oneClaim());
      expect(await third.note("n")).toBeNull();
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
    expect(claimed.sort()).toEqual(events.map(({ id }) => id).sort());
  });
}
