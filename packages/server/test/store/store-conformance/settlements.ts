import { WEBHOOK_HEADERS } from "@carabiner/protocol";
import { describe, expect, test } from "vitest";
import type { Claim, Settlement } from "../../../src/store/contract/delivery-store.ts";
import type { NewDelivery } from "../../../src/store/contract/rows.ts";
import { attemptOf, START, settlementOf } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimRequest, IN_A_MINUTE, idsOf, OpenedStore, OWNER } from "./opened-store.ts";

/** What an attempt changes, and what then counts as not answered. */
export function settlementConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  describe("a settlement", () => {
    test("ends a delivery, and keeps its attempt", async () => {
      const endpoint = await on.oneEndpoint();
      const owed = await on.make.owe(on.store, endpoint, 3);
      const claims = await on.store.claimDue(claimRequest());
      const [a, b, c] = claims as [Claim, Claim, Claim];
      await on.store.settle(
        [
          settlementOf(a, { state: "succeeded" }, START + 5),
          settlementOf(b, { state: "exhausted" }, START + 5),
          { ...settlementOf(c, { state: "cancelled" }, START), attempt: null },
        ],
        [],
      );
      expect(await on.delivery(a.deliveryId)).toMatchObject({
        state: "succeeded",
        attempts: 1,
        nextAttemptAt: null,
        settledAt: START + 12,
      });
      expect(await on.delivery(b.deliveryId)).toMatchObject({
        state: "exhausted",
        attempts: 1,
        nextAttemptAt: null,
        settledAt: START + 12,
      });
      expect(await on.delivery(c.deliveryId)).toMatchObject({ state: "cancelled", attempts: 0, nextAttemptAt: null, settledAt: START });
      expect(await on.store.read((reads) => reads.attempts(a.deliveryId))).toEqual([attemptOf(a, START + 5)]);
      expect(await on.store.read((reads) => reads.attempts(c.deliveryId))).toEqual([]);
      const { at, durationMs, outcome, status, reason } = attemptOf(a, START + 5);
      const last = await on.store.read((reads) => reads.lastAttempts([a.deliveryId, c.deliveryId, "dlv_none"]));
      expect([...last]).toEqual([[a.deliveryId, { at, durationMs, outcome, status, reason }]]);
      expect(await on.store.nextDueAt()).toBeNull();
      expect(await on.store.claimDue(claimRequest({ now: START + 1_000_000 }))).toEqual([]);
      expect(await on.settleAll(claims, { state: "pending", dueAt: START })).toEqual({ refused: idsOf(owed) });
      expect(await on.store.nextDueAt()).toBeNull();
    });

    test("keeps the headers of an attempt, whichever they are", async () => {
      await on.make.owe(on.store, await on.oneEndpoint(), 3);
      const claims = await on.store.claimDue(claimRequest());
      const { accept, ...fewer } = WEBHOOK_HEADERS;
      const sent: Record<string, string>[] = [
        { ...WEBHOOK_HEADERS, "stripe-signature": "t=1,v1=2" },
        { ...WEBHOOK_HEADERS, accept: `${accept}, text/plain`, "stripe-signature": "t=1,v1=2" },
        { ...fewer, "stripe-signature": "t=1,v1=2" },
      ];
      const settlements = claims.map((claim, index) => ({
        ...settlementOf(claim, { state: "succeeded" }, START),
        attempt: attemptOf(claim, START, { requestHeaders: sent[index] as Record<string, string> }),
      }));
      expect(await on.store.settle(settlements, [])).toEqual({ refused: [] });
      const kept = await Promise.all(claims.map(({ deliveryId }) => on.store.read((reads) => reads.attempts(deliveryId))));
      expect(kept.map(([attempt]) => attempt?.requestHeaders)).toEqual(sent);
    });

    test("is kept with many beside it, each attempt with its own", async () => {
      await on.make.owe(on.store, await on.oneEndpoint(), 50);
      const claims = await on.store.claimDue(claimRequest());
      const settlements = claims.map((claim, index) => ({
        ...settlementOf(claim, { state: "succeeded" }, START),
        attempt: attemptOf(claim, START + index, { reason: `answer ${index}`, retryAfterMs: index % 2 === 0 ? null : index * 86_400_000 }),
      }));
      expect(await on.store.settle(settlements, [])).toEqual({ refused: [] });
      for (const { deliveryId, attempt } of settlements)
        expect(await on.store.read((reads) => reads.attempts(deliveryId))).toEqual([attempt]);
    });

    test("puts a delivery off to a time, and attempts are numbered on", async () => {
      const endpoint = await on.oneEndpoint();
      const [owed] = await on.make.owe(on.store, endpoint, 1);
      const id = owed?.id as string;
      let now = START;
      for (let number = 1; number <= 4; number++) {
        const [claim] = (await on.store.claimDue(claimRequest({ now }))) as [Claim];
        expect(claim).toMatchObject({ attempt: number, dueAt: now, created: START });
        const dueAt = now + number * 10_000;
        expect(await on.settleAll([claim], { state: "pending", dueAt }, now)).toEqual({ refused: [] });
        // Said twice, as after a failure that hid the first answer: it counts once.
        expect(await on.settleAll([claim], { state: "pending", dueAt: dueAt + 5 }, now)).toEqual({ refused: [id] });
        expect(await on.delivery(id)).toMatchObject({ state: "pending", attempts: number, nextAttemptAt: dueAt, settledAt: null });
        expect(await on.store.nextDueAt()).toBe(dueAt);
        expect(await on.store.claimDue(claimRequest({ now: dueAt - 1 }))).toEqual([]);
        now = dueAt;
      }
      const attempts = await on.store.read((reads) => reads.attempts(id));
      expect(attempts.map(({ number, at }) => [number, at])).toEqual([
        [1, START],
        [2, START + 10_000],
        [3, START + 30_000],
        [4, START + 60_000],
      ]);
    });

    test("without an attempt gives a claim back, and counts none", async () => {
      await on.make.owe(on.store, await on.oneEndpoint(), 1);
      const [claim] = (await on.store.claimDue(claimRequest())) as [Claim];
      await on.store.settle([{ ...settlementOf(claim, { state: "pending", dueAt: claim.dueAt }, START), attempt: null }], []);
      expect(await on.delivery(claim.deliveryId)).toMatchObject({ attempts: 0, nextAttemptAt: START });
      expect((await on.store.claimDue(claimRequest()))[0]).toMatchObject({ attempt: 1, dueAt: START });
    });

    test("is refused by itself: the others of the batch are kept", async () => {
      await on.make.owe(on.store, await on.oneEndpoint(), 3);
      const claims = (await on.store.claimDue(claimRequest())) as [Claim, Claim, Claim];
      const settlements = claims.map((claim) => settlementOf(claim, { state: "succeeded" }, START));
      (settlements[1] as Settlement).token = 7;
      expect(await on.store.settle(settlements, [])).toEqual({ refused: [claims[1].deliveryId] });
      expect(await Promise.all(claims.map(async ({ deliveryId }) => (await on.delivery(deliveryId))?.state))).toEqual([
        "succeeded",
        "pending",
        "succeeded",
      ]);
      expect(await on.store.settle([{ ...(settlements[0] as Settlement), deliveryId: "none" }], [])).toEqual({ refused: ["none"] });
    });

    test("of a lease that has ended is refused, also beside one of the delivery's own lease", async () => {
      await on.make.owe(on.store, await on.oneEndpoint(), 1);
      const [first] = (await on.store.claimDue(claimRequest())) as [Claim];
      const [second] = (await on.store.claimDue(claimRequest({ now: first.leaseUntil }))) as [Claim];
      const both = [first, second].map((claim, later) => settlementOf(claim, { state: "succeeded" }, START + later));
      expect(await on.store.settle(both, [])).toEqual({ refused: [first.deliveryId] });
      expect(await on.store.read((reads) => reads.attempts(first.deliveryId))).toEqual([attemptOf(second, START + 1)]);
    });
  });

  describe("pending webhooks", () => {
    const pending = async (id: string) => (await on.store.read((reads) => reads.pendingWebhooks([id]))).get(id);
    /** Success, as the list of events has it, must say the same. */
    const expectPending = async (id: string, count: number) => {
      expect(await pending(id)).toBe(count);
      const list = async (deliverySuccess: boolean) =>
        idsOf((await on.store.read((reads) => reads.events({ ...OWNER, deliverySuccess }, { limit: 10 }))).rows);
      expect((await list(true)).includes(id)).toBe(count === 0);
      expect((await list(false)).includes(id)).toBe(count > 0);
    };

    test("are the endpoints that have not answered with success, and are not cancelled", async () => {
      const endpoints = await on.make.endpoints(on.store, 4);
      const event = on.make.event();
      const unheard = on.make.event();
      await on.write(async (tx) => {
        await tx.insertEvents([event, unheard], []);
        await tx.insertDeliveries(endpoints.map((endpoint) => on.make.delivery(event, endpoint)));
      });
      await expectPending(unheard.id, 0);
      await expectPending(event.id, 4);
      const claims = await on.store.claimDue(claimRequest());
      await expectPending(event.id, 4);
      const states: Settlement["next"][] = [
        { state: "succeeded" },
        { state: "exhausted" },
        { state: "cancelled" },
        { state: "pending", dueAt: IN_A_MINUTE },
      ];
      const counts = [3, 3, 2, 2];
      for (const [index, next] of states.entries()) {
        await on.settleAll(claims.slice(index, index + 1), next);
        await expectPending(event.id, counts[index] as number);
      }
      expect(await on.store.read((reads) => reads.pendingWebhooks([event.id, unheard.id, "none"]))).toEqual(
        new Map([
          [event.id, 2],
          [unheard.id, 0],
          ["none", 0],
        ]),
      );
    });

    test("count an endpoint once, and no more when any of its deliveries succeeded", async () => {
      const endpoint = await on.oneEndpoint();
      const [owed] = (await on.make.owe(on.store, endpoint, 1)) as [NewDelivery];
      const resend = () => on.write((tx) => tx.insertDeliveries([on.make.delivery(owed.event, endpoint, { kind: "manual" })]));
      await on.settleAll(await on.store.claimDue(claimRequest()), { state: "exhausted" });
      await expectPending(owed.event.id, 1);
      await resend();
      await expectPending(owed.event.id, 1);
      await on.settleAll(await on.store.claimDue(claimRequest()), { state: "exhausted" });
      await expectPending(owed.event.id, 1);
      await resend();
      await on.settleAll(await on.store.claimDue(claimRequest()), { state: "succeeded" });
      await expectPending(owed.event.id, 0);
      await resend();
      await expectPending(owed.event.id, 0);
    });
  });
}
