import { describe, expect, test } from "vitest";
import type { Claim } from "../../../src/store/contract/delivery-store.ts";
import type { EndpointRow, NewDelivery } from "../../../src/store/contract/rows.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimed, claimRequest, IN_A_MINUTE, idsOf, OpenedStore, OWNER } from "./opened-store.ts";

/** Claims: who gets what is due, and when. */
export function claimConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  test("what is skipped is never claimed, waited for or due; it is seen as cancelled", async () => {
    const endpoint = await on.oneEndpoint({ status: "disabled", disabledReason: "failing" });
    const event = on.make.event();
    const [skipped, owed] = [on.make.delivery(event, endpoint, { skipped: true }), on.make.delivery(event, endpoint)];
    await on.write(async (tx) => {
      await tx.insertEvents([event], []);
      await tx.insertDeliveries([skipped]);
    });
    expect(await on.delivery(skipped.id)).toMatchObject({
      state: "cancelled",
      skipped: true,
      attempts: 0,
      nextAttemptAt: null,
      settledAt: START,
      endpointId: endpoint.id,
    });
    expect(await on.store.nextDueAt()).toBeNull();
    expect(await on.store.claimDue(claimRequest({ now: START + 1 }))).toEqual([]);
    expect(await on.store.read((reads) => reads.pendingWebhooks([event.id]))).toEqual(new Map([[event.id, 0]]));
    const cancelled = await on.store.read((reads) => reads.deliveries({ ...OWNER, state: "cancelled" }, { limit: 10 }));
    expect(idsOf(cancelled.rows)).toEqual([skipped.id]);

    await on.write((tx) => tx.insertDeliveries([{ ...skipped, id: `${skipped.id}x` }, owed]));
    expect(claimed(await on.store.claimDue(claimRequest()))).toEqual([owed.id]);
    await expect(on.write((tx) => tx.insertDeliveries([on.make.delivery(event, on.make.endpoint(), { skipped: true })]))).rejects.toThrow(
      /no endpoint/,
    );
  });

  test("what falls due later is claimed ahead of its time when that is asked for, leased from then on", async () => {
    const endpoint = await on.oneEndpoint();
    const event = on.make.event();
    const [now, soon, later, last] = [0, 10, 20, 30].map((ms) => on.make.delivery(event, endpoint, { dueAt: START + ms })) as [
      NewDelivery,
      NewDelivery,
      NewDelivery,
      NewDelivery,
    ];
    await on.write(async (tx) => {
      await tx.insertEvents([event], []);
      await tx.insertDeliveries([now, soon, later, last]);
    });
    const ahead = await on.store.claimDue(claimRequest({ now: START, through: START + 20, limit: 2 }));
    expect(claimed(ahead)).toEqual([now.id, soon.id]);
    const { leaseMs } = claimRequest();
    expect(ahead.map(({ dueAt, leaseUntil }) => [dueAt, leaseUntil])).toEqual([
      [START, START + 20 + leaseMs],
      [START + 10, START + 20 + leaseMs],
    ]);
    // The time of the next, not that until which was asked.
    expect(await on.store.nextDueAt()).toBe(START + 20);
    expect(claimed(await on.store.claimDue(claimRequest({ now: START + 5 })))).toEqual([]);
    expect(claimed(await on.store.claimDue(claimRequest({ now: START + 5, through: START + 29 })))).toEqual([later.id]);
    expect(await on.store.nextDueAt()).toBe(START + 30);
    expect(claimed(await on.store.claimDue(claimRequest({ now: START + 30 })))).toEqual([last.id]);
  });

  describe("a claim", () => {
    test("tells everything that sending needs", async () => {
      const endpoint = await on.oneEndpoint({ livemode: true, firstFailureAt: START - 9, rateLimit: 50 });
      const event = on.make.event({ livemode: true, accountId: "acct_c" });
      const variant = { eventId: event.id, variant: "other", body: Buffer.from("rendered otherwise") };
      const first = on.make.delivery(event, endpoint, { created: START - 5, dueAt: START - 3 });
      const second = on.make.delivery(event, endpoint, { kind: "manual", variant: "other", body: variant.body });
      await on.write(async (tx) => {
        await tx.insertEvents([event], [variant]);
        await tx.insertDeliveries([first, second]);
      });
      expect(await on.delivery(first.id)).toEqual({
        id: first.id,
        variant: null,
        kind: "automatic",
        eventId: event.id,
        eventType: event.type,
        eventAccountId: "acct_c",
        eventLivemode: true,
        endpointId: endpoint.id,
        accountId: endpoint.accountId,
        livemode: true,
        state: "pending",
        attempts: 0,
        created: START - 5,
        nextAttemptAt: START - 3,
        settledAt: null,
        skipped: false,
      });
      const claims = await on.store.claimDue(claimRequest());
      const { id, accountId, livemode, url, status, deleted, secrets, firstFailureAt, toldOf, rateLimit, pausedAt } = endpoint;
      expect(claims.map((claim) => ({ ...claim, body: Buffer.from(claim.body) }))).toEqual([
        {
          deliveryId: first.id,
          kind: "automatic",
          token: expect.anything(),
          leaseUntil: START + 90_000,
          dueAt: START - 3,
          created: START - 5,
          attempt: 1,
          event: { id: event.id, type: event.type, livemode: true },
          endpoint: { id, accountId, livemode, url, status, deleted, secrets, firstFailureAt, toldOf, rateLimit, pausedAt },
          body: event.body,
        },
        {
          deliveryId: second.id,
          kind: "manual",
          token: expect.anything(),
          leaseUntil: START + 90_000,
          dueAt: START,
          created: START,
          attempt: 1,
          event: { id: event.id, type: event.type, livemode: true },
          endpoint: { id, accountId, livemode, url, status, deleted, secrets, firstFailureAt, toldOf, rateLimit, pausedAt },
          body: variant.body,
        },
      ]);
    });

    test("cannot be owed to an endpoint, or of an event, that is not there: a bug", async () => {
      const endpoint = await on.oneEndpoint();
      const event = on.make.event();
      await expect(on.write((tx) => tx.insertDeliveries([on.make.delivery(event, endpoint)]))).rejects.toThrow(/no event/);
      await on.write((tx) => tx.insertEvents([event], []));
      await expect(on.write((tx) => tx.insertDeliveries([on.make.delivery(event, on.make.endpoint())]))).rejects.toThrow(/no endpoint/);
      expect(await on.store.nextDueAt()).toBeNull();
    });

    test("takes what is due and nothing that is not, the oldest first", async () => {
      const endpoint = await on.oneEndpoint();
      const [late] = await on.make.owe(on.store, endpoint, 1, { dueAt: START + 2 });
      const [early] = await on.make.owe(on.store, endpoint, 1, { dueAt: START + 1 });
      const [future] = await on.make.owe(on.store, endpoint, 1, { dueAt: START + 4 });
      expect(await on.store.claimDue(claimRequest())).toEqual([]);
      expect(await on.store.nextDueAt()).toBe(START + 1);
      expect(claimed(await on.store.claimDue(claimRequest({ now: START + 3 })))).toEqual([early?.id, late?.id]);
      expect(await on.store.nextDueAt()).toBe(START + 4);
      expect(claimed(await on.store.claimDue(claimRequest({ now: START + 4 })))).toEqual([future?.id]);
    });

    test("is one claimer's alone until the lease ends, also when many claim at once", async () => {
      const endpoints = await on.make.endpoints(on.store, 7);
      const owed: NewDelivery[] = [];
      for (const endpoint of endpoints) owed.push(...(await on.make.owe(on.store, endpoint, 20)));
      const rounds = await Promise.all(Array.from({ length: 30 }, () => on.store.claimDue(claimRequest({ limit: 9 }))));
      const all = rounds.flatMap(claimed);
      expect(new Set(all).size).toBe(all.length);
      expect(all.sort()).toEqual(idsOf(owed).sort());
      expect(await on.store.claimDue(claimRequest({ now: START + 89_999 }))).toEqual([]);
      expect(await on.store.nextDueAt()).toBe(START + 90_000);
    });

    test("whose lease ended is given to another, and the first is refused", async () => {
      const endpoint = await on.oneEndpoint();
      await on.make.owe(on.store, endpoint, 1);
      const [first] = (await on.store.claimDue(claimRequest())) as [Claim];
      const later = START + 90_000;
      const [second] = (await on.store.claimDue(claimRequest({ now: later }))) as [Claim];
      expect(second).toMatchObject({ deliveryId: first.deliveryId, attempt: 1, dueAt: START, leaseUntil: later + 90_000 });
      expect(second.token).not.toBe(first.token);
      const before = await on.delivery(first.deliveryId);
      expect(await on.settleAll([first], { state: "succeeded" })).toEqual({ refused: [first.deliveryId] });
      expect(await on.delivery(first.deliveryId)).toEqual(before);
      expect(await on.store.read((reads) => reads.attempts(first.deliveryId))).toEqual([]);
      expect(await on.store.nextDueAt()).toBe(later + 90_000);
      expect(await on.settleAll([second], { state: "succeeded" }, later)).toEqual({ refused: [] });
      expect(await on.delivery(first.deliveryId)).toMatchObject({ state: "succeeded", attempts: 1 });
    });

    test("gives every endpoint its share, however much another is owed", async () => {
      const [flooded, ...others] = await on.make.endpoints(on.store, 51);
      await on.make.owe(on.store, flooded as EndpointRow, 10_000, { dueAt: START - 1000 });
      const rest: NewDelivery[] = [];
      for (const endpoint of others) rest.push(...(await on.make.owe(on.store, endpoint, 1)));
      const claims = await on.store.claimDue(claimRequest());
      expect(claims).toHaveLength(100);
      const got = new Set(claimed(claims));
      expect(rest.filter(({ id }) => !got.has(id))).toEqual([]);
      // More is due already: since when does not matter.
      expect(await on.store.nextDueAt()).toBeLessThanOrEqual(START);
    });

    test("takes endpoints in turn when there are more than it may take, also while the clock stands still", async () => {
      const endpoints = await on.make.endpoints(on.store, 10);
      for (const endpoint of endpoints) await on.make.owe(on.store, endpoint, 5, { dueAt: START - 1 });
      const seen: string[] = [];
      for (let round = 0; round < 5; round++)
        seen.push(...(await on.store.claimDue(claimRequest({ limit: 2 }))).map(({ endpoint }) => endpoint.id));
      expect([...seen].sort()).toEqual(idsOf(endpoints).sort());
    });

    test("does not lose an endpoint's turn to one with older deliveries", async () => {
      const [old, young] = (await on.make.endpoints(on.store, 2)) as [EndpointRow, EndpointRow];
      await on.make.owe(on.store, old, 20, { dueAt: START - 1000 });
      const [first] = (await on.store.claimDue(claimRequest({ limit: 1 }))) as [Claim];
      expect(first.endpoint.id).toBe(old.id);
      await on.make.owe(on.store, young, 1, { dueAt: START });
      await on.settleAll([first], { state: "pending", dueAt: IN_A_MINUTE });
      expect((await on.store.claimDue(claimRequest({ limit: 2 }))).map(({ endpoint }) => endpoint.id).sort()).toEqual(
        [old.id, young.id].sort(),
      );
    });

    test("takes no more of one endpoint than it is told, and passes over those that have enough", async () => {
      const [one, two] = (await on.make.endpoints(on.store, 2)) as [EndpointRow, EndpointRow];
      await on.make.owe(on.store, one, 10);
      await on.make.owe(on.store, two, 10);
      const count = (claims: readonly Claim[]) => [one, two].map(({ id }) => claims.filter(({ endpoint }) => endpoint.id === id).length);
      expect(count(await on.store.claimDue(claimRequest({ perEndpoint: 3 })))).toEqual([3, 3]);
      expect(count(await on.store.claimDue(claimRequest({ busy: new Set([one.id]), limit: 5 })))).toEqual([0, 5]);
      expect(await on.store.nextDueAt()).toBe(START);
      expect(count(await on.store.claimDue(claimRequest({ busy: new Set([one.id]) })))).toEqual([0, 2]);
      expect(count(await on.store.claimDue(claimRequest()))).toEqual([7, 0]);
      expect(await on.store.nextDueAt()).toBe(START + 90_000);
    });

    test("takes fewer of an endpoint that is failing, and of one with a rate limit, and all of the others", async () => {
      const [failing, limited, well] = (await Promise.all([
        on.oneEndpoint({ firstFailureAt: START - 1 }),
        on.oneEndpoint({ rateLimit: 1 }),
        on.oneEndpoint(),
      ])) as [EndpointRow, EndpointRow, EndpointRow];
      for (const endpoint of [failing, limited, well]) await on.make.owe(on.store, endpoint, 40);
      const claims = await on.store.claimDue(claimRequest({ perEndpoint: 30, perFailingEndpoint: 2, rateSpanMs: 4_500 }));
      const count = ({ id }: EndpointRow) => claims.filter(({ endpoint }) => endpoint.id === id).length;
      expect([failing, limited, well].map(count)).toEqual([2, 5, 30]);
    });

    test("includes deliveries of disabled and deleted endpoints, and says so", async () => {
      const endpoint = await on.oneEndpoint();
      await on.make.owe(on.store, endpoint, 1);
      await on.write((tx) => tx.updateEndpoint({ ...endpoint, status: "disabled", disabledReason: "owner", deleted: true }));
      expect((await on.store.claimDue(claimRequest()))[0]?.endpoint).toMatchObject({ status: "disabled", deleted: true });
    });

    test("cannot be made of nothing", async () => {
      expect(await on.store.claimDue(claimRequest())).toEqual([]);
      await on.make.owe(on.store, await on.oneEndpoint(), 1);
      expect(await on.store.claimDue(claimRequest({ limit: 0 }))).toEqual([]);
      expect(await on.store.nextDueAt()).toBe(START);
    });
  });

  describe("the next due time", () => {
    test("is that of the first delivery that can be claimed, and none when all are settled", async () => {
      expect(await on.store.nextDueAt()).toBeNull();
      const [one, two] = (await on.make.endpoints(on.store, 2)) as [EndpointRow, EndpointRow];
      await on.make.owe(on.store, one, 2, { dueAt: START + 50 });
      await on.make.owe(on.store, two, 1, { dueAt: START + 30 });
      expect(await on.store.nextDueAt()).toBe(START + 30);
      const first = await on.store.claimDue(claimRequest({ now: START + 40 }));
      expect(await on.store.nextDueAt()).toBe(START + 50);
      const rest = await on.store.claimDue(claimRequest({ now: START + 60 }));
      expect(await on.store.nextDueAt()).toBe(START + 40 + 90_000);
      await on.settleAll(first, { state: "succeeded" });
      expect(await on.store.nextDueAt()).toBe(START + 60 + 90_000);
      await on.settleAll(rest.slice(0, 1), { state: "pending", dueAt: START + 70 });
      expect(await on.store.nextDueAt()).toBe(START + 70);
      await on.settleAll(rest.slice(1), { state: "succeeded" });
      await on.settleAll(await on.store.claimDue(claimRequest({ now: START + 70 })), { state: "exhausted" });
      expect(await on.store.nextDueAt()).toBeNull();
    });
  });

  describe("the next due time of some endpoints", () => {
    test("leaves out what is due to the others", async () => {
      const [one, two, three] = (await on.make.endpoints(on.store, 3)) as [EndpointRow, EndpointRow, EndpointRow];
      await on.make.owe(on.store, one, 3, { dueAt: START - 10 });
      await on.make.owe(on.store, two, 1, { dueAt: START + 30 });
      await on.make.owe(on.store, three, 2, { dueAt: START + 20 });
      const except = (...endpoints: readonly EndpointRow[]) => on.store.nextDueAt(new Set(idsOf(endpoints)));
      expect(await except()).toBe(START - 10);
      expect(await except(one)).toBe(START + 20);
      expect(await except(three)).toBe(START - 10);
      expect(await except(one, three)).toBe(START + 30);
      expect(await except(one, two, three)).toBeNull();
      expect(await on.store.nextDueAt(new Set(["we_unknown"]))).toBe(START - 10);
    });

    test("counts leases as well", async () => {
      const [one, two] = (await on.make.endpoints(on.store, 2)) as [EndpointRow, EndpointRow];
      await on.make.owe(on.store, one, 1);
      await on.make.owe(on.store, two, 1);
      await on.store.claimDue(claimRequest({ busy: new Set([one.id]) }));
      expect(await on.store.nextDueAt(new Set([one.id]))).toBe(START + 90_000);
      expect(await on.store.nextDueAt(new Set([two.id]))).toBe(START);
    });
  });

  describe("leases of an earlier run", () => {
    test("are released: due when they were before, and only they", async () => {
      const [one, two] = (await on.make.endpoints(on.store, 2)) as [EndpointRow, EndpointRow];
      const owed = await on.make.owe(on.store, one, 3, { dueAt: START - 10 });
      const [retried] = (await on.store.claimDue(claimRequest({ limit: 1 }))) as [Claim];
      await on.settleAll([retried], { state: "pending", dueAt: START + 30_000 });
      await on.make.owe(on.store, two, 1, { dueAt: START + 20_000 });
      const leased = await on.store.claimDue(claimRequest());
      expect(leased).toHaveLength(2);
      expect(await on.store.releaseLeases(START + 1)).toEqual({ released: 2, underWay: 0, suspects: 0, quarantined: [] });
      expect(await on.store.nextDueAt()).toBe(START - 10);
      expect(await on.store.releaseLeases(START + 1)).toMatchObject({ released: 0 });
      const again = await on.store.claimDue(claimRequest({ now: START + 1 }));
      expect(claimed(again)).toEqual(idsOf(owed).slice(1));
      expect(again.map(({ dueAt }) => dueAt)).toEqual([START - 10, START - 10]);
      expect(await on.settleAll(leased, { state: "succeeded" })).toEqual({ refused: claimed(leased) });
      expect(await on.store.nextDueAt()).toBe(START + 20_000);
    });
  });
}
