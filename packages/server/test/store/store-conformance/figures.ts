import { expect, test } from "vitest";
import type { EventRow } from "../../../src/store/contract/rows.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimRequest, OpenedStore, OWNER } from "./opened-store.ts";

const HOUR = 3_600_000;

/** How an endpoint does, and what comes next. */
export function figureConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  test("the newest deliveries of an endpoint, with how each ended, and what waits for it", async () => {
    const [one, other] = [await on.oneEndpoint(), await on.oneEndpoint()];
    await on.make.owe(on.store, one, 3);
    await on.make.owe(on.store, other, 1);
    const claims = (await on.store.claimDue(claimRequest({ limit: 3 }))).filter(({ endpoint }) => endpoint.id === one.id);
    const [first, second] = claims;
    if (first === undefined || second === undefined) throw new Error("two deliveries were not claimed");
    await on.settleAll([first], { state: "succeeded" }, START + 10);
    await on.settleAll([second], { state: "pending", dueAt: START + HOUR }, START + 20);
    const recent = await on.store.read((reads) => reads.recentOutcomes({ endpointId: one.id }, 10));
    expect(recent.map(({ state, last }) => [state, last?.at ?? null])).toEqual([
      ["pending", null],
      ["pending", START + 20],
      ["succeeded", START + 10],
    ]);
    expect((await on.store.read((reads) => reads.recentOutcomes({ endpointId: one.id }, 2))).length).toBe(2);
    expect(await on.store.read((reads) => reads.recentOutcomes({ endpointId: "we_nothing" }, 2))).toEqual([]);
    expect((await on.store.read((reads) => reads.endpointQueue(one.id, 10))).pending).toBe(2);
    expect(await on.store.read((reads) => reads.endpointQueue(one.id, 1))).toMatchObject({ pending: 1 });
    expect(await on.store.read((reads) => reads.endpointQueue("we_nothing", 9))).toEqual({ pending: 0, nextAttemptAt: null });
    const next = await on.store.read((reads) => reads.upcomingDeliveries([one.id, other.id], 10));
    expect(next.map(({ nextAttemptAt }) => nextAttemptAt)).toEqual([START, START, START + HOUR]);
    expect(next.map(({ endpointId }) => endpointId)).toContain(other.id);
    expect((await on.store.read((reads) => reads.upcomingDeliveries([one.id], 1))).length).toBe(1);
  });

  test("what was given up is counted by endpoint, without what arrived or waits since and what its endpoint no longer wants", async () => {
    const [one, other] = [await on.oneEndpoint(), await on.oneEndpoint()];
    const givenUp = (limit = 10) => on.store.read((reads) => reads.givenUp(OWNER, limit));
    const listed = async () =>
      (await on.store.read((reads) => reads.deliveries({ ...OWNER, state: "exhausted", unreceived: true }, { limit: 10 }))).rows;
    const [first, second] = [1, 2].map((n) => on.make.event({ created: START + n })) as [EventRow, EventRow];
    await on.write(async (tx) => {
      await tx.insertEvents([first, second], []);
      await tx.insertDeliveries(
        [first, second].flatMap((event) => [one, other].map((to) => on.make.delivery(event, to, { created: START }))),
      );
    });
    await on.settleAll(await on.store.claimDue(claimRequest({ limit: 10 })), { state: "exhausted" }, START + 10);
    const counts = async (limit?: number) => new Map((await givenUp(limit)).endpoints.map(({ endpointId, count }) => [endpointId, count]));
    expect(await givenUp()).toMatchObject({ more: false });
    expect(await counts()).toEqual(new Map([one, other].map(({ id }) => [id, 2])));
    expect(await givenUp(3)).toMatchObject({ more: true });
    expect([...(await counts(3)).values()].sort()).toEqual([1, 2]);
    // By another delivery, which waits, and arrives.
    await on.write((tx) => tx.insertDeliveries([on.make.delivery(first, one, { created: START + 20 })]));
    expect((await counts()).get(one.id)).toBe(1);
    await on.settleAll(await on.store.claimDue(claimRequest({ now: START + 20 })), { state: "succeeded" }, START + 30);
    expect((await counts()).get(one.id)).toBe(1);
    expect((await listed()).map(({ eventId, endpointId }) => [eventId, endpointId]).filter(([, id]) => id === one.id)).toEqual([
      [second.id, one.id],
    ]);
    await on.write((tx) => tx.updateEndpoint({ ...other, deleted: true }));
    expect(await counts()).toEqual(new Map([[one.id, 1]]));
    expect((await listed()).length).toBe(1);
    expect(await on.store.read((reads) => reads.givenUp({ ...OWNER, livemode: !OWNER.livemode }, 10))).toEqual({
      endpoints: [],
      more: false,
    });
  });

  test("the newest deliveries of an account's events are those to the endpoints of one owner, of the newest events", async () => {
    const endpoint = await on.oneEndpoint();
    const [live] = await on.make.endpoints(on.store, 1, { livemode: true });
    const [foreign] = await on.make.endpoints(on.store, 1, { accountId: "acct_foreign" });
    if (live === undefined || foreign === undefined) throw new Error("no endpoint");
    const events = [
      ...[0, 1, 2].map((n) => on.make.event({ accountId: "acct_shop", livemode: false, created: START + n })),
      on.make.event({ accountId: "acct_shop", livemode: true, created: START + 3 }),
      on.make.event({ accountId: "acct_other", livemode: false, created: START + 4 }),
    ];
    await on.write(async (tx) => {
      await tx.insertEvents(events, []);
      await tx.insertDeliveries(
        events.flatMap((event) => [endpoint, live, foreign].map((to) => on.make.delivery(event, to, { created: event.created }))),
      );
    });
    const times = async (accountId: string, livemode: boolean, limit: number) =>
      (await on.store.read((reads) => reads.recentOutcomes({ eventAccountId: "acct_shop", owner: { accountId, livemode } }, limit))).map(
        ({ created }) => created - START,
      );
    expect(await times(OWNER.accountId, false, 10)).toEqual([3, 2, 1, 0]);
    expect(await times(OWNER.accountId, true, 10)).toEqual([3, 2, 1, 0]);
    expect(await times("acct_foreign", false, 2)).toEqual([3, 2]);
    expect(await times("acct_none", false, 10)).toEqual([]);
    expect(await on.store.read((reads) => reads.recentOutcomes({ eventAccountId: "acct_none", owner: OWNER }, 10))).toEqual([]);
  });

  test("the deliveries of several events are those to the endpoints of one owner, the newest first, and no more than asked", async () => {
    const [endpoint] = await on.make.endpoints(on.store, 1);
    const [foreign] = await on.make.endpoints(on.store, 1, { accountId: "acct_foreign" });
    if (endpoint === undefined || foreign === undefined) throw new Error("no endpoint");
    const events = [on.make.event({}), on.make.event({}), on.make.event({})];
    const [one, other, none] = events;
    if (one === undefined || other === undefined || none === undefined) throw new Error("no event");
    const deliveries = [one, one, other].map((event) => on.make.delivery(event, endpoint));
    await on.write(async (tx) => {
      await tx.insertEvents(events, []);
      await tx.insertDeliveries([...deliveries, on.make.delivery(one, foreign), on.make.delivery(none, foreign)]);
    });
    const ids = deliveries.map(({ id }) => id);
    const found = async (each: number) => {
      const rows = await on.store.read((reads) =>
        reads.deliveriesOfEvents(
          OWNER,
          events.map(({ id }) => id),
          each,
        ),
      );
      return events.map(({ id }) => (rows.get(id) ?? []).map((row) => ids.indexOf(row.id)));
    };
    expect(await found(10)).toEqual([[1, 0], [2], []]);
    expect(await found(1)).toEqual([[1], [2], []]);
  });

  test("types with a star are those that there are, and a pattern that fits none finds nothing", async () => {
    const endpoint = await on.oneEndpoint();
    const types = ["payout.paid", "payout.failed", "person.created", "payout", "payouts.x"];
    const events = types.map((type) => on.make.event({ accountId: OWNER.accountId, livemode: OWNER.livemode, type }));
    await on.write(async (tx) => {
      await tx.insertEvents(events, []);
      await tx.insertDeliveries(events.map((event) => on.make.delivery(event, endpoint)));
    });
    const page = { limit: 10 };
    const typesOf = async (typePattern: string) => {
      const asked = await on.store.read((reads) => reads.events({ ...OWNER, typePattern }, page));
      const owed = await on.store.read((reads) => reads.deliveries({ ...OWNER, eventTypePattern: typePattern }, page));
      expect(owed.rows.map(({ eventType }) => eventType)).toEqual(asked.rows.map(({ type }) => type));
      return asked.rows.map(({ type }) => type).reverse();
    };
    expect(await typesOf("payout.*")).toEqual(["payout.paid", "payout.failed"]);
    expect(await typesOf("*.created")).toEqual(["person.created"]);
    expect(await typesOf("*")).toEqual(types);
    expect(await typesOf("charge.*")).toEqual([]);
  });

  test("a platform's events are its own, those of its accounts and those of its application, among any others", async () => {
    const at = { livemode: OWNER.livemode };
    const connection = { platformId: OWNER.accountId, created: START, controller: true, scope: "read_write" } as const;
    const made = [
      on.make.event({ ...at, accountId: OWNER.accountId }),
      on.make.event({ ...at, accountId: "acct_connected" }),
      on.make.event({ ...at, accountId: "acct_left", applicationId: "ca_own" }),
      on.make.event({ ...at, accountId: "acct_connected", applicationId: "ca_other" }),
      on.make.event({ ...at, accountId: "acct_stranger" }),
    ];
    await on.write(async (tx) => {
      await tx.insertConnection({ ...connection, ...at, accountId: "acct_connected" });
      await tx.insertEvents(made, []);
    });
    const connectedTo = { platformId: OWNER.accountId, applicationId: "ca_own", exceptTypes: [] };
    const seen = await on.store.read((reads) => reads.events({ ...OWNER, connectedTo }, { limit: 10 }));
    expect(seen.rows.map(({ id }) => made.findIndex((event) => event.id === id))).toEqual([2, 1, 0]);
  });

  test("the newest deliveries are counted, of an owner or of all, from a time on and no further than asked", async () => {
    const endpoint = await on.oneEndpoint();
    const [foreign] = await on.make.endpoints(on.store, 1, { accountId: "acct_foreign" });
    if (foreign === undefined) throw new Error("no endpoint");
    await on.make.owe(on.store, endpoint, 3);
    await on.make.owe(on.store, foreign, 1);
    const [claim] = await on.store.claimDue(claimRequest({ limit: 1 }));
    if (claim === undefined) throw new Error("nothing was claimed");
    await on.settleAll([claim], { state: "succeeded" }, START + 10);
    const own = claim.endpoint.id === endpoint.id ? 1 : 0;
    const counted = (owner: { accountId: string; livemode: boolean } | null, since: number, limit = 10) =>
      on.store.read((reads) => reads.throughput({ owner, since }, limit));
    expect(await counted(null, START)).toEqual({ deliveries: 4, succeeded: 1, oldestAt: START });
    expect(await counted(OWNER, START)).toEqual({ deliveries: 3, succeeded: own, oldestAt: START });
    expect(await counted({ ...OWNER, livemode: !OWNER.livemode }, START)).toEqual({ deliveries: 0, succeeded: 0, oldestAt: null });
    expect(await counted(null, START, 2)).toMatchObject({ deliveries: 2 });
    expect(await counted(null, START + 1)).toEqual({ deliveries: 0, succeeded: 0, oldestAt: null });
  });

  test("what is planned for a platform and for the accounts that it reaches in the mode, the earliest first", async () => {
    const task = (accountId: string, livemode: boolean, dueAt: number) => ({
      accountId,
      livemode,
      kind: "payout",
      subject: `po_${dueAt}`,
      dueAt,
    });
    const connection = { platformId: OWNER.accountId, created: START, controller: true, scope: "read_write" } as const;
    await on.write(async (tx) => {
      await tx.insertConnection({ ...connection, accountId: "acct_test", livemode: false });
      await tx.insertConnection({ ...connection, accountId: "acct_live", livemode: true });
      await tx.scheduleTask({ ...task("acct_test", false, START), kind: "forget" });
      for (const row of [
        task(OWNER.accountId, false, START + 3),
        task(OWNER.accountId, true, START + 4),
        task("acct_test", false, START + 2),
        task("acct_test", true, START + 5),
        task("acct_live", true, START + 6),
        task("acct_live", false, START + 1),
        task("acct_other", false, START),
      ])
        await tx.scheduleTask(row);
    });
    const next = async (livemode: boolean, limit = 10) =>
      (await on.store.read((reads) => reads.upcomingTasks({ platformId: OWNER.accountId, livemode, except: ["forget"] }, limit))).map(
        ({ dueAt }) => dueAt - START,
      );
    expect(await next(false)).toEqual([1, 2, 3]);
    expect(await next(true)).toEqual([4, 6]);
    expect(await next(false, 1)).toEqual([1]);
  });
}
