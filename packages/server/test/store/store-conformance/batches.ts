import { expect, test } from "vitest";
import type { NewestObjects } from "../../../src/store/contract/batch-reads.ts";
import type { ObjectRow } from "../../../src/store/contract/rows.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { OpenedStore } from "./opened-store.ts";

const ACCOUNTS = ["acct_1", "acct_2", "acct_3", "acct_none"];

/** What is read for many rows at once is what is read for each. */
export function batchConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  test("the newest objects of several accounts, modes and kinds are those of their lists", async () => {
    const objects: ObjectRow[] = ACCOUNTS.slice(0, 3).flatMap((accountId, a) =>
      Array.from({ length: 3 * a }, (_, n) =>
        on.make.object({ accountId, livemode: n % 2 === 1, object: n % 3 === 0 ? "person" : "external_account", data: { n } }),
      ),
    );
    await on.write(async (tx) => {
      for (const object of objects) await tx.insertObject(object);
    });
    // In no order, and one twice.
    const asked: NewestObjects[] = ["external_account", "person", "person"].flatMap((object) =>
      ACCOUNTS.toReversed().flatMap((accountId) =>
        [true, false].map((livemode) => ({ accountId, livemode, object, limit: object === "person" ? 1 : 10 })),
      ),
    );
    await on.store.read(async (reads) => {
      const lists: ObjectRow[][] = [];
      for (const { limit, ...filter } of asked) lists.push((await reads.objects(filter, { limit })).rows);
      expect(lists.flat().length).toBeGreaterThan(5);
      expect(await reads.newestObjects(asked)).toEqual(lists);
      expect(await reads.newestObjects([])).toEqual([]);
    });
  });

  test("the newest children of several objects are those of their lists", async () => {
    const child = (parent: string, n: number) =>
      on.make.object({ object: "refund", parent, livemode: n === 4, data: { n, kept: n % 2 === 0 } });
    const objects = [0, 1, 2, 3, 4].flatMap((n) => [child("ch_1", n), child("ch_2", n)]);
    const other = on.make.object({ object: "card", parent: "ch_1", data: { kept: true } });
    await on.write(async (tx) => {
      for (const object of [...objects, other]) await tx.insertObject(object);
    });
    const owner = { accountId: other.accountId, livemode: false };
    const parents = ["ch_2", "ch_none", "ch_1"].map((id) => ({ accountId: owner.accountId, id }));
    const asked = { object: "refund", livemode: false, parents, limit: 3 };
    await on.store.read(async (reads) => {
      for (const where of [{}, { kept: true }]) {
        const lists: ObjectRow[][] = [];
        for (const { id } of parents)
          lists.push((await reads.objects({ ...owner, object: "refund", parent: id, where }, { limit: 3 })).rows);
        expect(lists.map(({ length }) => length)).toEqual("kept" in where ? [2, 0, 2] : [3, 0, 3]);
        expect(await reads.newestChildren({ ...asked, ...("kept" in where ? { flag: "kept" } : {}) })).toEqual(lists);
      }
      expect(await reads.newestChildren({ ...asked, parents: [{ accountId: "acct_other", id: "ch_1" }] })).toEqual([[]]);
      expect(await reads.newestChildren({ ...asked, parents: [] })).toEqual([]);
    });
  });

  test("accounts by their ids are those that exist, deleted ones too, also within the transaction that makes them", async () => {
    const accounts = [on.make.account({ data: { n: 1 } }), on.make.account({ deleted: true })];
    const asked = [...accounts.map(({ id }) => id), "acct_none", accounts[0]?.id ?? ""];
    const known = new Map(accounts.map((account) => [account.id, account]));
    await on.write(async (tx) => {
      for (const account of accounts) await tx.insertAccount(account);
      expect(await tx.accountsById(asked)).toEqual(known);
    });
    await on.store.read(async (reads) => {
      expect(await reads.accountsById(asked)).toEqual(known);
      expect(await reads.accountsById([])).toEqual(new Map());
    });
  });

  test("objects by their ids are those that exist", async () => {
    const objects = [on.make.object(), on.make.object({ accountId: "acct_2" })];
    await on.write(async (tx) => {
      for (const object of objects) await tx.insertObject(object);
    });
    const ids = objects.map(({ id }) => id);
    await on.store.read(async (reads) => {
      expect(await reads.objectsById([...ids, "cus_none", ...ids])).toEqual(new Map(objects.map((object) => [object.id, object])));
      expect(await reads.objectsById([])).toEqual(new Map());
    });
  });

  test("events by their ids, and their variants, are those that exist", async () => {
    const events = [on.make.event(), on.make.event({ accountId: "acct_2" })];
    const [first, second] = events.map(({ id }) => id);
    if (first === undefined || second === undefined) throw new Error("no events");
    const variant = { eventId: first, variant: "v", body: Buffer.from("first") };
    await on.write((tx) => tx.insertEvents(events, [variant]));
    await on.store.read(async (reads) => {
      expect([...(await reads.eventsById([first, "evt_none", second, first])).keys()].toSorted()).toEqual([first, second].toSorted());
      expect((await reads.eventsById([second])).get(second)).toEqual(await reads.event(second));
      const asked = [first, second, "evt_none"].flatMap((eventId) => ["v", "w"].map((name) => ({ eventId, variant: name })));
      expect(await reads.eventVariants(asked)).toEqual([await reads.eventVariant(first, "v")]);
      expect([await reads.eventsById([]), await reads.eventVariants([])]).toEqual([new Map(), []]);
    });
  });

  test("deliveries by their ids are those that exist", async () => {
    const [event, other] = [on.make.event(), on.make.event({ accountId: "acct_2", livemode: true })];
    const endpoint = on.make.endpoint();
    const owed = [
      on.make.delivery(event, endpoint),
      on.make.delivery(event, endpoint, { skipped: true }),
      on.make.delivery(other, endpoint),
    ];
    const ids = owed.map(({ id }) => id);
    await on.write(async (tx) => {
      await tx.insertEndpoint(endpoint);
      await tx.insertEvents([event, other], []);
      await tx.insertDeliveries(owed);
    });
    await on.store.read(async (reads) => {
      const each = await Promise.all(ids.map(async (id) => [id, await reads.delivery(id)] as const));
      expect(await reads.deliveriesById([...ids, "dlv_none", ...ids.slice(1)])).toEqual(new Map(each));
      expect(await reads.deliveriesById([])).toEqual(new Map());
    });
  });

  test("a platform's connections to several accounts are those to each, also within the transaction that makes them", async () => {
    const connection = (platformId: string, accountId: string, livemode: boolean) =>
      ({ platformId, accountId, livemode, created: START, controller: livemode, scope: "read_write" }) as const;
    const both = [connection("acct_p", "acct_1", false), connection("acct_p", "acct_1", true)];
    const live = connection("acct_p", "acct_2", true);
    await on.write(async (tx) => {
      for (const made of [...both.toReversed(), live, connection("acct_q", "acct_3", true)]) await tx.insertConnection(made);
      const found = await tx.connectionsTo("acct_p", [...ACCOUNTS, "acct_1"]);
      expect(found).toEqual(
        new Map([
          ["acct_1", both],
          ["acct_2", [live]],
        ]),
      );
      for (const [accountId, connections] of found) expect(connections).toEqual(await tx.connections("acct_p", accountId));
      expect(await tx.connectionsTo("acct_p", [])).toEqual(new Map());
    });
  });
}
