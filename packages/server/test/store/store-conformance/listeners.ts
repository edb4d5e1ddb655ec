import { describe, expect, test } from "vitest";
import type { EndpointRow, ListenSessionRow } from "../../../src/store/contract/rows.ts";
import { START, settlementOf } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimRequest, OpenedStore, OWNER } from "./opened-store.ts";

/** Sessions that listen, and what their listeners are owed. */
export function listenerConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);
  const LEASE = 60_000;
  const session = (n: number, given: Partial<ListenSessionRow> = {}): ListenSessionRow => ({
    id: `hash_${n}`,
    ...OWNER,
    keyHash: null,
    feature: "webhooks",
    endpointId: null,
    created: START + n,
    opened: false,
    connected: false,
    expiresAt: START + 1_000 + n,
    forwards: { own: true, connected: false, together: true },
    filter: null,
    ...given,
  });
  const insert = (...rows: ListenSessionRow[]) =>
    on.write(async (tx) => {
      for (const row of rows) await tx.insertListenSession(row);
    });
  let listeners = 0;
  async function listener(given: Partial<EndpointRow> = {}): Promise<EndpointRow> {
    const row = await on.oneEndpoint({ id: `lsn_${String(++listeners).padStart(24, "0")}`, ...given });
    await insert(session(listeners, { id: row.id, endpointId: row.id, opened: true }));
    return row;
  }
  const claim = (endpoint: EndpointRow, now: number, limit = 10) =>
    on.store.listeners.claim({ endpointId: endpoint.id, now, leaseMs: LEASE, limit });

  describe("sessions", () => {
    test("are read back as they were written, the oldest of an owner first", async () => {
      const rows = [
        session(2, { keyHash: "hash_of_key" }),
        session(1, { feature: "request_logs", filter: { filter_http_method: ["POST"] }, endpointId: null }),
      ];
      await insert(...rows, session(3, { livemode: true }), session(4, { accountId: "acct_other" }));
      expect(await on.store.read((reads) => reads.listenSessions(OWNER))).toEqual([rows[1], rows[0]]);
      expect(await on.store.read((reads) => reads.listenSession("hash_2"))).toEqual(rows[0]);
      expect(await on.store.read((reads) => reads.listenSession("hash_9"))).toBeNull();
    });

    test("live on when they are said to, and are found once they have expired", async () => {
      await insert(session(1), session(2), session(3));
      const later = { id: "hash_1", opened: true, connected: true, expiresAt: START + 9_000 };
      expect(await on.store.transaction((tx) => tx.updateListenSession(later))).toBe(true);
      expect(await on.store.transaction((tx) => tx.updateListenSession({ ...later, id: "hash_9" }))).toBe(false);
      expect(await on.store.read((reads) => reads.listenSession("hash_1"))).toEqual(session(1, later));
      const expired = (at: number, limit: number) => on.store.read((reads) => reads.expiredListenSessions(at, limit));
      expect(await expired(START + 1_002, 10)).toEqual([session(2)]);
      expect((await expired(START + 10_000, 2)).map(({ id }) => id)).toEqual(["hash_2", "hash_3"]);
    });

    test("go with their listener when it was never opened, and without it otherwise", async () => {
      const [unopened, opened] = [await on.oneEndpoint({ id: "lsn_unopened" }), await on.oneEndpoint({ id: "lsn_opened" })];
      await insert(session(1, { endpointId: unopened.id }), session(2, { endpointId: opened.id, opened: true }));
      await on.write(async (tx) => {
        for (const id of ["hash_1", "hash_2", "hash_9"]) await tx.deleteListenSession(id);
      });
      expect(await on.store.read((reads) => reads.listenSessions(OWNER))).toEqual([]);
      expect(await on.store.read((reads) => reads.endpoint(unopened.id))).toBeNull();
      expect(await on.store.read((reads) => reads.endpoint(opened.id))).toEqual(opened);
    });
  });

  describe("listeners", () => {
    test("are subscribers, and no webhook endpoints", async () => {
      const row = await listener();
      const { endpoints } = await on.store.read((reads) => reads.subscribers(OWNER.accountId));
      expect(endpoints.map(({ id }) => id)).toContain(row.id);
      expect((await on.store.read((reads) => reads.endpoints(OWNER, { limit: 100 }))).rows.map(({ id }) => id)).not.toContain(row.id);
      expect(await on.store.read((reads) => reads.countEndpoints(OWNER))).toBe(0);
    });

    test("are never claimed by an engine, nor waited for; they are claimed by who has their socket, in the order of what fell due", async () => {
      const row = await listener();
      const owed = await on.make.owe(on.store, row, 3);
      expect(await on.store.claimDue(claimRequest())).toEqual([]);
      expect(await on.store.nextDueAt()).toBeNull();
      expect(await on.store.nextDueAt(new Set(["we_other"]))).toBeNull();
      const { claims, nextDueAt } = await claim(row, START, 2);
      expect(claims.map(({ deliveryId, attempt, leaseUntil }) => [deliveryId, attempt, leaseUntil])).toEqual(
        owed.slice(0, 2).map(({ id }) => [id, 1, START + LEASE]),
      );
      expect(Buffer.from(claims[0]?.body ?? [])).toEqual(owed[0]?.body);
      expect(nextDueAt).toBe(START);
      expect((await claim(row, START)).claims.map(({ deliveryId }) => deliveryId)).toEqual([owed[2]?.id]);
      expect(await claim(row, START)).toEqual({ claims: [], nextDueAt: START + LEASE });
    });

    test("are settled like any other: done, tried again, or returned; a lost lease is refused", async () => {
      const row = await listener();
      await on.make.owe(on.store, row, 2);
      const { claims } = await claim(row, START);
      const [done, again] = claims as [(typeof claims)[0], (typeof claims)[0]];
      await on.store.settle(
        [settlementOf(done, { state: "succeeded" }, START + 1), settlementOf(again, { state: "pending", dueAt: START + 500 }, START + 1)],
        [],
      );
      expect(await on.store.nextDueAt()).toBeNull();
      expect(await on.store.claimDue(claimRequest({ now: START + 500 }))).toEqual([]);
      expect(await claim(row, START + 499)).toEqual({ claims: [], nextDueAt: START + 500 });
      const { claims: second } = await claim(row, START + 500);
      expect(second.map(({ deliveryId, attempt }) => [deliveryId, attempt])).toEqual([[again.deliveryId, 2]]);
      expect((await on.store.settle([settlementOf(again, { state: "succeeded" }, START + 501)], [])).refused).toEqual([again.deliveryId]);
      expect((await on.store.read((reads) => reads.delivery(done.deliveryId)))?.state).toBe("succeeded");
      expect(await on.store.read((reads) => reads.attempts(done.deliveryId))).toHaveLength(1);
    });

    test("whoever has their sockets is told what they are owed, after the commit, and of nothing that was undone", async () => {
      const told: string[] = [];
      on.store.listeners.onOwed((ids) => told.push(...ids));
      const [row, other] = [await listener(), await on.oneEndpoint()];
      await on.make.owe(on.store, other, 1);
      expect(told).toEqual([]);
      await on.make.owe(on.store, row, 2);
      expect(new Set(told)).toEqual(new Set([row.id]));
      told.length = 0;
      await on.store
        .transaction(async (tx) => {
          const event = on.make.event();
          await tx.insertEvents([event], []);
          await tx.insertDeliveries([on.make.delivery(event, row)]);
          throw new Error("no");
        })
        .catch(() => undefined);
      on.store.listeners.onOwed(null);
      await on.make.owe(on.store, row, 1);
      expect(told).toEqual([]);
    });

    test("what one is owed can be cancelled, a few at a time, also while it is leased", async () => {
      const row = await listener();
      await on.make.owe(on.store, row, 5);
      const { claims } = await claim(row, START, 2);
      const cancel = () => on.store.transaction((tx) => tx.cancelPending(row.id, START + 7, 3));
      expect([await cancel(), await cancel(), await cancel()]).toEqual([3, 2, 0]);
      expect(await claim(row, START + 2 * LEASE)).toEqual({ claims: [], nextDueAt: null });
      const [lost] = claims as [(typeof claims)[0]];
      expect((await on.store.settle([settlementOf(lost, { state: "succeeded" }, START)], [])).refused).toEqual([lost.deliveryId]);
      expect(await on.store.read((reads) => reads.delivery(lost.deliveryId))).toMatchObject({ state: "cancelled", settledAt: START + 7 });
    });

    const { reopen } = harness;
    if (reopen !== null)
      test("what an ended process had leased of them is due again for the next", async () => {
        const row = await listener();
        const owed = await on.make.owe(on.store, row, 2);
        await claim(row, START);
        on.store = await reopen();
        await on.store.releaseLeases(START + 1);
        expect((await claim(row, START + 1)).claims.map(({ deliveryId }) => deliveryId)).toEqual(owed.map(({ id }) => id));
      });
  });
}
