import { describe, expect, test } from "vitest";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimed, claimRequest, IN_A_MINUTE, OpenedStore, OWNER } from "./opened-store.ts";

const A_DAY = 24 * 3_600_000;

/** What is old goes. */
export function pruningConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  describe("pruning", () => {
    const prune = (limit: number, eventsBefore: number, answersBefore = 0, requestsBefore = 0) =>
      on.store.prune({ now: START, eventsBefore, answersBefore, requestsBefore, limit });
    /** Prunes until nothing goes any more; returns how many went in each call. */
    async function pruneAll(request: { now: number; eventsBefore: number; limit: number }): Promise<number[]> {
      const gone: number[] = [];
      for (;;) {
        const count = await on.store.prune({ ...request, answersBefore: 0, requestsBefore: 0 });
        if (count === 0) return gone;
        gone.push(count);
      }
    }

    /** Seven events, each owed to five endpoints that have been given up on. */
    async function sevenGivenUpAtFive(): Promise<void> {
      const endpoints = await on.make.endpoints(on.store, 5);
      const events = Array.from({ length: 7 }, () => on.make.event());
      await on.write(async (tx) => {
        await tx.insertEvents(events, []);
        await tx.insertDeliveries(events.flatMap((event) => endpoints.map((endpoint) => on.make.delivery(event, endpoint))));
      });
      await on.settleAll(await on.store.claimDue(claimRequest()), { state: "exhausted" });
    }

    test("keeps what is young or pending with all that hangs on it, and lets it go in the end", async () => {
      const endpoint = await on.oneEndpoint();
      const done = on.make.event();
      const waiting = on.make.event();
      const variant = { eventId: done.id, variant: "v", body: Buffer.from("v") };
      const owed = on.make.delivery(done, endpoint, { dueAt: START });
      const kept = on.make.delivery(waiting, endpoint, { dueAt: IN_A_MINUTE });
      await on.write(async (tx) => {
        await tx.insertEvents([done, waiting], [variant]);
        await tx.insertDeliveries([owed, kept]);
      });
      await on.settleAll(await on.store.claimDue(claimRequest()), { state: "succeeded" });
      const there = (event: { id: string }) => on.store.read(async (reads) => (await reads.event(event.id)) !== null);
      for (let now = START; now < START + 10 * A_DAY; now += A_DAY)
        expect(await pruneAll({ now, eventsBefore: START, limit: 3 })).toEqual([]);
      expect(await there(done)).toBe(true);
      const now = START + 10 * A_DAY;
      await pruneAll({ now, eventsBefore: now - A_DAY, limit: 3 });
      expect(await there(waiting)).toBe(true);
      expect(claimed(await on.store.claimDue(claimRequest({ now })))).toEqual([kept.id]);
      expect(await on.store.releaseLeases(now)).toMatchObject({ released: 1 });
      await on.settleAll(await on.store.claimDue(claimRequest({ now })), { state: "exhausted" });
      const young = on.make.event({ created: now });
      await on.write((tx) => tx.insertEvents([young], []));
      expect((await pruneAll({ now, eventsBefore: now - A_DAY, limit: 3 })).length).toBeGreaterThan(0);
      await on.store.read(async (reads) => {
        for (const { id } of [done, waiting]) expect(await reads.event(id)).toBeNull();
        expect(await reads.eventVariant(done.id, "v")).toBeNull();
        for (const { id } of [owed, kept]) {
          expect(await reads.delivery(id)).toBeNull();
          expect(await reads.attempts(id)).toEqual([]);
        }
        expect(await reads.events(OWNER, { limit: 10 })).toMatchObject({ rows: [{ id: young.id }], hasMore: false });
        expect(await reads.deliveries(OWNER, { limit: 10 })).toEqual({ rows: [], hasMore: false });
        expect(await reads.pendingWebhooks([done.id, young.id])).toEqual(
          new Map([
            [done.id, 0],
            [young.id, 0],
          ]),
        );
      });
      // Its id is free again.
      await on.write((tx) => tx.insertEvents([{ ...done, created: now }], []));
      expect(await there(done)).toBe(true);
      expect(await on.store.nextDueAt()).toBeNull();
    });

    test("lets go of all there is, a bounded number at a time", async () => {
      await sevenGivenUpAtFive();
      await pruneAll({ now: START, eventsBefore: START, limit: 3 });
      await pruneAll({ now: START + 8 * A_DAY, eventsBefore: START, limit: 3 });
      const gone = await pruneAll({ now: START + 10 * A_DAY, eventsBefore: START + 9 * A_DAY, limit: 3 });
      // At most three each of events, deliveries, attempts and answers.
      for (const count of gone) expect(count).toBeLessThanOrEqual(12);
      expect(gone.length).toBeGreaterThanOrEqual(3);
      expect(gone.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(7);
      expect(await on.store.read((reads) => reads.events(OWNER, { limit: 1 }))).toEqual({ rows: [], hasMore: false });
      expect(await on.store.read((reads) => reads.deliveries(OWNER, { limit: 1 }))).toEqual({ rows: [], hasMore: false });
    });

    test("deletes old answers", async () => {
      const answer = (key: string, created: number) => ({
        scope: "s",
        key,
        fingerprint: "f",
        status: 200,
        body: "{}",
        requestId: "req_1",
        about: null,
        created,
      });
      await on.write(async (tx) => {
        for (let index = 0; index < 5; index++) await tx.insertIdempotentAnswer(answer(`k${index}`, START + index));
      });
      expect(await prune(2, 0, START + 3)).toBe(2);
      expect(await prune(2, 0, START + 3)).toBe(1);
      expect(await prune(2, 0, START + 3)).toBe(0);
      const left = await on.store.read(async (reads) => [
        await reads.idempotentAnswer("s", "k2", 0),
        await reads.idempotentAnswer("s", "k3", 0),
      ]);
      expect(left.map((row) => row?.key)).toEqual([undefined, "k3"]);
    });

    test("attempts and their answers of ended deliveries go before their events, each after its own time", async () => {
      const endpoint = await on.oneEndpoint();
      const made = (created: number) => on.make.owe(on.store, endpoint, 3, { created, dueAt: START });
      const old = await made(START - 30);
      const middle = await made(START - 20);
      const young = await made(START - 10);
      const claims = await on.store.claimDue(claimRequest());
      const waits = claims.filter(({ deliveryId }) => deliveryId === old[1]?.id);
      await on.settleAll(waits, { state: "pending", dueAt: IN_A_MINUTE });
      await on.settleAll(
        claims.filter((claim) => !waits.includes(claim)),
        { state: "succeeded" },
      );
      const request = { now: START, eventsBefore: 0, answersBefore: 0, requestsBefore: 0, limit: 2 };
      const before = { attemptsBefore: START - 25, attemptBodiesBefore: START - 15 };
      const gone: number[] = [];
      while (gone.at(-1) !== 0) gone.push(await on.store.prune({ ...request, ...before }));
      // At most two deliveries, and their attempts, in each of the two sweeps.
      for (const count of gone) expect(count).toBeLessThanOrEqual(8);
      const left = await on.store.read(async (reads) => {
        const found: (string | null)[] = [];
        for (const { id } of [...old, ...middle, ...young]) found.push((await reads.attempts(id))[0]?.responseBody ?? null);
        return found;
      });
      const full = "ok – ✓";
      expect(left).toEqual([null, full, null, "", "", "", full, full, full]);
      expect(await on.delivery(old[0]?.id ?? "")).toMatchObject({ state: "succeeded", attempts: 1 });
      // Finished parts are not examined again, and the sweep continues from there.
      expect(await on.store.prune({ ...request, ...before })).toBe(0);
      while ((await on.store.prune({ ...request, attemptsBefore: START, attemptBodiesBefore: START })) > 0);
      const kept = await on.store.read(async (reads) => [await reads.attempts(old[1]?.id ?? ""), await reads.attempts(young[2]?.id ?? "")]);
      expect(kept.map(({ length }) => length)).toEqual([1, 0]);
      expect(await on.store.prune(request)).toBe(0);
    });

    test("the old events of one account go by themselves, a few at a time, except those with a pending delivery", async () => {
      const endpoint = await on.oneEndpoint();
      const events = [9, 8, 7, 6, 5, 1].map((ago) => on.make.event({ created: START - ago }));
      const [waits, foreign] = [on.make.event({ created: START - 8 }), on.make.event({ created: START - 9, accountId: "acct_other" })];
      await on.write(async (tx) => {
        for (const event of [...events.slice(0, 2), waits, ...events.slice(2), foreign]) await tx.insertEvents([event], []);
        await tx.insertDeliveries(events.map((event) => on.make.delivery(event, endpoint)));
      });
      await on.settleAll(await on.store.claimDue(claimRequest()), { state: "succeeded" });
      await on.write((tx) => tx.insertDeliveries([on.make.delivery(waits, endpoint, { dueAt: IN_A_MINUTE })]));
      let after: number | null = 0;
      let calls = 0;
      while (after !== null) {
        const { deleted, next } = await on.store.pruneAccount({ ...OWNER, before: START - 2, after, limit: 2 });
        // At most two events with their deliveries and attempts.
        expect(deleted).toBeLessThanOrEqual(2 * 4);
        after = next;
        calls++;
      }
      expect(calls).toBeGreaterThanOrEqual(3);
      const there = await on.store.read(async (reads) => {
        const found: boolean[] = [];
        for (const { id } of [...events, waits, foreign]) found.push((await reads.event(id)) !== null);
        return found;
      });
      expect(there).toEqual([false, false, false, false, false, true, true, true]);
      expect((await on.store.read((reads) => reads.deliveries(OWNER, { limit: 10 }))).rows).toHaveLength(2);
      expect(claimed(await on.store.claimDue(claimRequest({ now: IN_A_MINUTE })))).toHaveLength(1);
    });

    test("old entries of the audit log go only if asked for, a bounded number at a time", async () => {
      await on.write(async (tx) => {
        for (let at = START; at < START + 5; at++)
          await tx.insertAudit({ at, act: "key.rolled", accountId: null, subject: `${at}`, by: "operator", from: null, detail: {} });
      });
      const request = { now: START, eventsBefore: 0, answersBefore: 0, requestsBefore: 0, limit: 2 };
      expect(await on.store.prune(request)).toBe(0);
      const gone: number[] = [];
      while (gone.at(-1) !== 0) gone.push(await on.store.prune({ ...request, auditBefore: START + 3 }));
      expect(gone).toEqual([2, 1, 0]);
      const { rows } = await on.store.read((reads) => reads.audit({}, { limit: 10 }));
      expect(rows.map(({ at }) => at - START)).toEqual([4, 3]);
    });

    // A store that drops partitions lets an event wait for the others of its partition.
    if (harness.prunesBy === "row")
      describe("row by row", () => {
        test("deletes what is old with all that hangs on it at once, and keeps what is pending or young", async () => {
          const endpoint = await on.oneEndpoint();
          const done = on.make.event({ created: START - 10 });
          const waiting = on.make.event({ created: START - 10 });
          const young = on.make.event({ created: START });
          const variant = { eventId: done.id, variant: "v", body: Buffer.from("v") };
          const owed = on.make.delivery(done, endpoint, { dueAt: START });
          const kept = on.make.delivery(waiting, endpoint, { dueAt: IN_A_MINUTE });
          await on.write(async (tx) => {
            await tx.insertEvents([done, waiting, young], [variant]);
            await tx.insertDeliveries([owed, kept]);
          });
          await on.settleAll(await on.store.claimDue(claimRequest()), { state: "succeeded" });
          expect(await prune(100, START)).toBeGreaterThan(0);
          await on.store.read(async (reads) => {
            expect(await reads.event(done.id)).toBeNull();
            expect(await reads.eventVariant(done.id, "v")).toBeNull();
            expect(await reads.delivery(owed.id)).toBeNull();
            expect(await reads.attempts(owed.id)).toEqual([]);
            expect(await reads.event(waiting.id)).not.toBeNull();
            expect(await reads.event(young.id)).not.toBeNull();
          });
          expect(await prune(100, START)).toBe(0);
          expect(claimed(await on.store.claimDue(claimRequest({ now: IN_A_MINUTE })))).toEqual([kept.id]);
        });

        test("takes a bounded number at a time, and in the end all", async () => {
          await sevenGivenUpAtFive();
          let gone = 0;
          let calls = 0;
          for (let count = await prune(3, START + 1); count > 0; count = await prune(3, START + 1)) {
            gone += count;
            calls++;
            // At most three each of events, deliveries, attempts and answers.
            expect(count).toBeLessThanOrEqual(12);
          }
          expect(gone).toBe(7 + 35 + 35);
          expect(calls).toBeGreaterThanOrEqual(12);
          expect(await on.store.read((reads) => reads.events(OWNER, { limit: 1 }))).toEqual({ rows: [], hasMore: false });
          expect(await on.store.read((reads) => reads.deliveries(OWNER, { limit: 1 }))).toEqual({ rows: [], hasMore: false });
        });
      });
  });
}
