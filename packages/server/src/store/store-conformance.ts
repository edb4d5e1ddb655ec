import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Claim,
  type ClaimRequest,
  Conflict,
  type DeliveryRow,
  type EndpointRow,
  type EventFilter,
  type HotLane,
  type IdempotentAnswer,
  type NewDelivery,
  type Page,
  type Settlement,
  type Store,
  type Transaction,
} from "./store.ts";
import { attemptOf, START, type StoreFixture, settlementOf, storeFixture } from "./store-fixture.ts";
import type { StoreHarness } from "./store-harness.ts";
import { modelConformance } from "./store-model.ts";

const OWNER = { accountId: "acct_owner", livemode: false } as const;
const IN_A_MINUTE = START + 60_000;

/** What every store must do, whatever keeps its rows. */
export function storeConformance(harness: StoreHarness): void {
  describe("step by step", () => stepByStep(harness));
  modelConformance(harness);
}

function stepByStep(harness: StoreHarness): void {
  let store: Store;
  let make: StoreFixture;

  beforeEach(async () => {
    store = await harness.open({ now: START });
    make = storeFixture();
  });
  afterEach(() => harness.close());

  const request = (given: Partial<ClaimRequest> = {}): ClaimRequest => ({
    now: START,
    leaseMs: 90_000,
    limit: 100,
    perEndpoint: 100,
    busy: new Set(),
    ...given,
  });
  const settleAll = (claims: readonly Claim[], next: Settlement["next"], at = START) =>
    store.settle(
      claims.map((claim) => settlementOf(claim, next, at)),
      [],
    );
  const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
  const claimed = (claims: readonly Claim[]) => claims.map(({ deliveryId }) => deliveryId);
  const delivery = (id: string): Promise<DeliveryRow | null> => store.read((reads) => reads.delivery(id));
  const oneEndpoint = async (given?: Partial<EndpointRow>) => (await make.endpoints(store, 1, given))[0] as EndpointRow;
  const write = (work: (tx: Transaction) => Promise<void>) => store.transaction(work);

  describe("a transaction", () => {
    test("keeps all of what it changes", async () => {
      const account = make.account();
      const result = await store.transaction(async (tx) => {
        await tx.insertAccount(account);
        await tx.saveSetting("theme", { dark: [true, null, 1.5, "ü"] });
        return "done";
      });
      expect(result).toBe("done");
      expect(await store.read((reads) => reads.account(account.id))).toEqual(account);
      expect(await store.read((reads) => reads.setting("theme"))).toEqual({ dark: [true, null, 1.5, "ü"] });
    });

    test("that throws changes nothing, and throws the same on", async () => {
      const account = make.account();
      const mistake = new Error("no");
      const failed = write(async (tx) => {
        await tx.insertAccount(account);
        await tx.saveSetting("theme", "dark");
        throw mistake;
      });
      await expect(failed).rejects.toBe(mistake);
      expect(await store.read((reads) => reads.account(account.id))).toBeNull();
      expect(await store.read((reads) => reads.setting("theme"))).toBeNull();
    });

    test("that throws takes nothing from those beside it", async () => {
      const accounts = Array.from({ length: 20 }, () => make.account());
      const results = await Promise.allSettled(
        accounts.map((account, index) =>
          write(async (tx) => {
            await tx.insertAccount(account);
            if (index % 3 === 0) throw new Error(`no ${index}`);
          }),
        ),
      );
      const kept = await store.read(async (reads) => {
        const found: boolean[] = [];
        for (const { id } of accounts) found.push((await reads.account(id)) !== null);
        return found;
      });
      expect(results.map(({ status }) => status === "fulfilled")).toEqual(kept);
      expect(kept).toEqual(accounts.map((_, index) => index % 3 !== 0));
    });

    test("sees its own changes, and those of the ones before it", async () => {
      const seen = await Promise.all(
        Array.from({ length: 10 }, () =>
          store.transaction(async (tx) => {
            const count = Number((await tx.setting("count")) ?? 0) + 1;
            await tx.saveSetting("count", count);
            return tx.setting("count");
          }),
        ),
      );
      expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    test("is refused an id that is taken, and then changes nothing, even when it goes on", async () => {
      const account = make.account();
      await write((tx) => tx.insertAccount(account));
      const again = write(async (tx) => {
        await tx.saveSetting("theme", "dark");
        await tx.insertAccount({ ...account, data: {} });
      });
      await expect(again).rejects.toBeInstanceOf(Conflict);
      const regardless = write(async (tx) => {
        await tx.saveSetting("theme", "dark");
        await expect(tx.insertAccount(account)).rejects.toBeInstanceOf(Conflict);
      });
      await expect(regardless).rejects.toBeInstanceOf(Conflict);
      expect(await store.read((reads) => reads.setting("theme"))).toBeNull();
      expect(await store.read((reads) => reads.account(account.id))).toEqual(account);
    });

    test("is refused two of everything that must be one", async () => {
      const endpoint = make.endpoint();
      const object = make.object();
      const event = make.event();
      const owed = make.delivery(event, endpoint);
      const key = {
        hash: "h",
        accountId: "acct_1",
        livemode: true,
        kind: "secret",
        hint: "sk_…1",
        created: START,
        expiresAt: null,
      } as const;
      const connection = { platformId: "acct_p", accountId: "acct_c", livemode: true, created: START, controller: true };
      const inserts: ((tx: Transaction) => Promise<void>)[] = [
        (tx) => tx.insertEndpoint(endpoint),
        (tx) => tx.insertObject(object),
        (tx) => tx.insertEvents([event], []),
        (tx) => tx.insertEvents([], [{ eventId: event.id, variant: "v", body: event.body }]),
        (tx) => tx.insertDeliveries([owed]),
        (tx) => tx.insertKey(key),
        (tx) => tx.insertConnection(connection),
        (tx) => tx.insertApplication({ id: "ca_1", accountId: "acct_p", name: "One" }),
      ];
      for (const insert of inserts) {
        await write(insert);
        await expect(write(insert)).rejects.toBeInstanceOf(Conflict);
      }
    });

    test("cannot be used after its end", async () => {
      const kept: Transaction[] = [];
      await write(async (tx) => {
        kept.push(tx);
      });
      await expect(kept[0]?.saveSetting("theme", "dark")).rejects.toThrow(/ended/);
      expect(await store.read((reads) => reads.setting("theme"))).toBeNull();
    });

    test("hands out rows that are the caller's to change", async () => {
      const account = make.account();
      const endpoint = make.endpoint();
      const event = make.event();
      const before = structuredClone({ account, endpoint, event: { ...event, body: [...event.body] } });
      await write(async (tx) => {
        await tx.insertAccount(account);
        await tx.insertEndpoint(endpoint);
        await tx.insertEvents([event], []);
      });
      const spoil = (rows: { account: typeof account | null; endpoint: EndpointRow | null; event: typeof event | null }) => {
        if (rows.account) rows.account.data.email = "other";
        if (rows.endpoint) {
          rows.endpoint.enabledEvents.push("x");
          rows.endpoint.secrets.length = 0;
          rows.endpoint.metadata.team = "b";
        }
        rows.event?.body.fill(0);
      };
      const load = () =>
        store.read(async (reads) => ({
          account: await reads.account(account.id),
          endpoint: await reads.endpoint(endpoint.id),
          event: await reads.event(event.id),
        }));
      spoil({ account, endpoint, event });
      spoil(await load());
      const after = await load();
      expect({ ...after, event: { ...after.event, body: [...(after.event?.body ?? [])] } }).toEqual(before);
    });
  });

  describe("rows", () => {
    test("that are not there are null, or none", async () => {
      await store.read(async (reads) => {
        for (const read of ["account", "application", "keyByHash", "endpoint", "event", "delivery", "object"] as const)
          expect(await reads[read]("none")).toBeNull();
        expect(await reads.eventVariant("none", "none")).toBeNull();
        expect(await reads.idempotentAnswer("none", "none", 0)).toBeNull();
        expect(await reads.setting("none")).toBeNull();
        expect(await reads.connections("none", "none")).toEqual([]);
        expect(await reads.attempts("none")).toEqual([]);
        expect(await reads.countEndpoints(OWNER)).toBe(0);
        expect(await reads.subscribers("none")).toEqual({ connections: [], endpoints: [], apiVersions: new Map() });
        expect(await reads.events(OWNER, { limit: 10 })).toEqual({ rows: [], hasMore: false });
      });
    });

    test("come back as they were written", async () => {
      const endpoint = make.endpoint({ connect: true, livemode: true, apiVersion: "2024-04-10", description: "d", firstFailureAt: START });
      const object = make.object({ parent: "acct_x", data: { nested: { list: [1, "2", false, null] } } });
      const event = make.event({ objectId: null, applicationId: "ca_1", livemode: true });
      const key = {
        hash: "h",
        accountId: "acct_1",
        livemode: true,
        kind: "publishable",
        hint: "pk_…1",
        created: START,
        expiresAt: 9,
      } as const;
      const variant = { eventId: event.id, variant: "2024-04-10/connected", body: Buffer.from("ß") };
      await write(async (tx) => {
        await tx.insertEndpoint(endpoint);
        await tx.insertObject(object);
        await tx.insertEvents([event], [variant]);
        await tx.insertKey(key);
        await tx.insertApplication({ id: "ca_1", accountId: "acct_1", name: "One" });
      });
      await store.read(async (reads) => {
        expect(await reads.endpoint(endpoint.id)).toEqual(endpoint);
        expect(await reads.object(object.id)).toEqual(object);
        const found = await reads.event(event.id);
        expect({ ...found, body: Buffer.from(found?.body ?? []) }).toEqual(event);
        const rendered = await reads.eventVariant(event.id, variant.variant);
        expect({ ...rendered, body: Buffer.from(rendered?.body ?? []) }).toEqual(variant);
        expect(await reads.keyByHash("h")).toEqual(key);
        expect(await reads.application("acct_1")).toEqual({ id: "ca_1", accountId: "acct_1", name: "One" });
      });
    });

    test("are replaced where they may change, and go where they may go", async () => {
      const account = make.account();
      const endpoint = make.endpoint();
      const object = make.object();
      await write(async (tx) => {
        await tx.insertAccount(account);
        await tx.insertEndpoint(endpoint);
        await tx.insertObject(object);
      });
      const changed: EndpointRow = {
        ...endpoint,
        url: "https://example.com/other",
        enabledEvents: ["payout.paid"],
        status: "disabled",
        disabledReason: "owner",
        secrets: [],
        metadata: {},
        description: "later",
        deleted: true,
        firstFailureAt: START + 5,
      };
      await write(async (tx) => {
        await tx.updateAccount({ ...account, deleted: true, data: { email: null } });
        await tx.updateEndpoint(changed);
        await tx.updateObject({ ...object, data: { name: "Joe" } });
      });
      await store.read(async (reads) => {
        expect(await reads.account(account.id)).toEqual({ ...account, deleted: true, data: { email: null } });
        expect(await reads.endpoint(endpoint.id)).toEqual(changed);
        expect(await reads.object(object.id)).toEqual({ ...object, data: { name: "Joe" } });
      });
      await write((tx) => tx.deleteObject(object.id));
      expect(await store.read((reads) => reads.object(object.id))).toBeNull();
    });

    test("that are not there cannot be replaced: a bug", async () => {
      for (const update of [
        (tx: Transaction) => tx.updateAccount(make.account()),
        (tx: Transaction) => tx.updateEndpoint(make.endpoint()),
        (tx: Transaction) => tx.updateObject(make.object()),
      ])
        await expect(write(update)).rejects.toThrow(/not there/);
    });

    test("keys of an account go together", async () => {
      const key = (hash: string, accountId: string) =>
        ({ hash, accountId, livemode: false, kind: "secret", hint: "sk_…1", created: START, expiresAt: null }) as const;
      await write(async (tx) => {
        await tx.insertKey(key("a", "acct_1"));
        await tx.insertKey(key("b", "acct_1"));
        await tx.insertKey(key("c", "acct_2"));
        await tx.deleteKeys("acct_1");
      });
      const found = await store.read(async (reads) => [await reads.keyByHash("a"), await reads.keyByHash("b"), await reads.keyByHash("c")]);
      expect(found.map((row) => row?.accountId)).toEqual([undefined, undefined, "acct_2"]);
    });

    test("settings are replaced", async () => {
      for (const value of [1, "two", null, [3]]) {
        await write((tx) => tx.saveSetting("clock", value));
        expect(await store.read((reads) => reads.setting("clock"))).toEqual(value);
      }
    });

    test("an answer to an idempotency key is kept by scope, counts from a time on, and is replaced", async () => {
      const answer: IdempotentAnswer = {
        scope: "acct_1/test",
        key: "k",
        fingerprint: "f",
        status: 200,
        body: '{"a":"ü"}',
        requestId: "req_1",
        created: START,
      };
      await write((tx) => tx.insertIdempotentAnswer(answer));
      const load = (scope: string, since: number) => store.read((reads) => reads.idempotentAnswer(scope, "k", since));
      expect(await load("acct_1/test", START)).toEqual(answer);
      expect(await load("acct_1/test", START + 1)).toBeNull();
      expect(await load("acct_2/test", START)).toBeNull();
      const later = { ...answer, status: 400, created: START + 1, body: "{}" };
      await write((tx) => tx.insertIdempotentAnswer(later));
      expect(await load("acct_1/test", START)).toEqual(later);
    });
  });

  describe("subscribers", () => {
    test("are the account's own endpoints and those of its platforms, both modes, without deleted ones", async () => {
      const account = make.account({ apiVersion: "v1" });
      const platform = make.account({ apiVersion: "v2" });
      const stranger = make.account();
      const endpoints = [
        make.endpoint({ accountId: account.id }),
        make.endpoint({ accountId: account.id, livemode: true }),
        make.endpoint({ accountId: platform.id, connect: true }),
        make.endpoint({ accountId: platform.id, status: "disabled", disabledReason: "owner" }),
      ];
      const connections = [
        { platformId: platform.id, accountId: account.id, livemode: false, created: START, controller: true },
        { platformId: platform.id, accountId: account.id, livemode: true, created: START, controller: false },
      ];
      await write(async (tx) => {
        for (const row of [account, platform, stranger]) await tx.insertAccount(row);
        for (const row of connections) await tx.insertConnection(row);
        for (const row of endpoints) await tx.insertEndpoint(row);
        await tx.insertEndpoint(make.endpoint({ accountId: platform.id, deleted: true }));
        await tx.insertEndpoint(make.endpoint({ accountId: stranger.id }));
      });
      const found = await store.read((reads) => reads.subscribers(account.id));
      expect(idsOf(found.endpoints).sort()).toEqual(idsOf(endpoints).sort());
      expect(found.endpoints.find(({ id }) => id === endpoints[2]?.id)).toEqual(endpoints[2]);
      expect(found.connections).toHaveLength(2);
      expect(found.connections).toEqual(expect.arrayContaining(connections));
      expect(found.apiVersions).toEqual(
        new Map([
          [account.id, "v1"],
          [platform.id, "v2"],
        ]),
      );
      expect((await store.read((reads) => reads.connections(platform.id, account.id))).length).toBe(2);
      await write((tx) => tx.deleteConnection(platform.id, account.id, true));
      expect(await store.read((reads) => reads.connections(platform.id, account.id))).toEqual([connections[0]]);
      await write((tx) => tx.deleteConnection(platform.id, account.id, false));
      expect(idsOf((await store.read((reads) => reads.subscribers(account.id))).endpoints).sort()).toEqual(
        idsOf(endpoints.slice(0, 2)).sort(),
      );
    });
  });

  describe("a list", () => {
    /** Checks the pages of a list whose rows, newest first, are `expected`. */
    async function expectPages(expected: readonly string[], page: (page: Page) => Promise<{ rows: { id: string }[]; hasMore: boolean }>) {
      const look = async (given: Page) => {
        const { rows, hasMore } = await page(given);
        return { ids: idsOf(rows), hasMore };
      };
      const all = expected.length;
      expect(await look({ limit: all + 1 })).toEqual({ ids: expected, hasMore: false });
      expect(await look({ limit: all })).toEqual({ ids: expected, hasMore: false });
      expect(await look({ limit: all - 1 })).toEqual({ ids: expected.slice(0, all - 1), hasMore: true });
      const [first = "", second = ""] = expected;
      const last = expected.at(-1) ?? "";
      expect(await look({ limit: 1, startingAfter: first })).toEqual({ ids: [second], hasMore: all > 2 });
      expect(await look({ limit: all, startingAfter: first })).toEqual({ ids: expected.slice(1), hasMore: false });
      expect(await look({ limit: 5, startingAfter: last })).toEqual({ ids: [], hasMore: false });
      expect(await look({ limit: all, endingBefore: last })).toEqual({ ids: expected.slice(0, -1), hasMore: false });
      expect(await look({ limit: 1, endingBefore: last })).toEqual({ ids: expected.slice(-2, -1), hasMore: all > 2 });
      expect(await look({ limit: 5, endingBefore: first })).toEqual({ ids: [], hasMore: false });
    }
    const newestFirst = (rows: readonly { id: string }[]) => idsOf(rows).reverse();

    test("of endpoints is the account's in one mode, without deleted ones", async () => {
      const rows = await make.endpoints(store, 4);
      await make.endpoints(store, 1, { livemode: true });
      await make.endpoints(store, 1, { accountId: "acct_other" });
      await make.endpoints(store, 1, { deleted: true });
      await expectPages(newestFirst(rows), (page) => store.read((reads) => reads.endpoints(OWNER, page)));
      expect(await store.read((reads) => reads.countEndpoints(OWNER))).toBe(4);
    });

    test("of connected accounts is the platform's in one mode, without deleted ones", async () => {
      const rows = Array.from({ length: 4 }, (_, index) => make.account({ created: START + index }));
      const deleted = make.account({ deleted: true });
      const live = make.account();
      const strange = make.account();
      const connect = (platformId: string, accountId: string, livemode: boolean) => ({
        platformId,
        accountId,
        livemode,
        created: START,
        controller: true,
      });
      await write(async (tx) => {
        for (const row of [...rows, deleted, live, strange]) await tx.insertAccount(row);
        for (const row of [...rows, deleted]) await tx.insertConnection(connect("acct_p", row.id, false));
        await tx.insertConnection(connect("acct_p", live.id, true));
        await tx.insertConnection(connect("acct_q", strange.id, false));
      });
      const filter = { platformId: "acct_p", livemode: false };
      await expectPages(newestFirst(rows), (page) => store.read((reads) => reads.connectedAccounts(filter, page)));
      const since = await store.read((reads) => reads.connectedAccounts({ ...filter, created: { gte: START + 2 } }, { limit: 10 }));
      expect(since.rows).toEqual(rows.slice(2).reverse());
    });

    test("of objects is by kind, account, mode, parent, time and fields", async () => {
      const rows = [
        make.object({ data: { email: "a@x", default: true, size: 1 }, created: START }),
        make.object({ data: { email: "b@x", default: false, size: 1 }, created: START + 1 }),
        make.object({ data: { email: "a@x", default: true, size: "1" }, created: START + 2, parent: "acct_1" }),
        make.object({ data: { email: 'q"\\ü\u2028', nested: { email: "a@x" } }, created: START + 3, parent: "acct_1" }),
      ];
      await write(async (tx) => {
        for (const row of rows) await tx.insertObject(row);
        await tx.insertObject(make.object({ object: "person" }));
        await tx.insertObject(make.object({ livemode: true }));
        await tx.insertObject(make.object({ accountId: "acct_other", parent: "acct_1" }));
      });
      const filter = { ...OWNER, object: "customer" };
      await expectPages(newestFirst(rows), (page) => store.read((reads) => reads.objects(filter, page)));
      await expectPages(newestFirst(rows.slice(2)), (page) => store.read((reads) => reads.objects({ ...filter, parent: "acct_1" }, page)));
      const where = async (given: Record<string, string | number | boolean>) =>
        (await store.read((reads) => reads.objects({ ...filter, where: given }, { limit: 10 }))).rows.map(({ id }) =>
          rows.findIndex((row) => row.id === id),
        );
      expect(await where({ email: "a@x" })).toEqual([2, 0]);
      expect(await where({ email: 'q"\\ü\u2028' })).toEqual([3]);
      expect(await where({ email: "a@x", size: 1 })).toEqual([0]);
      expect(await where({ size: "1" })).toEqual([2]);
      expect(await where({ default: true })).toEqual([2, 0]);
      expect(await where({ default: false })).toEqual([1]);
      expect(await where({ default: 1 })).toEqual([]);
      expect(await where({ missing: "x" })).toEqual([]);
      const range = async (created: object) =>
        (await store.read((reads) => reads.objects({ ...filter, created }, { limit: 10 }))).rows.length;
      expect(await range({ gt: START })).toBe(3);
      expect(await range({ gte: START })).toBe(4);
      expect(await range({ lt: START + 3 })).toBe(3);
      expect(await range({ lte: START + 3, gt: START + 1 })).toBe(2);
    });

    test("of events is by account, mode, time, types, pattern and application", async () => {
      const rows = [
        make.event({ type: "customer.created", created: START }),
        make.event({ type: "customer.updated", created: START + 1 }),
        make.event({ type: "account.application.authorized", created: START + 2, applicationId: "ca_1" }),
        make.event({ type: "account.application.authorized", created: START + 3, applicationId: "ca_2" }),
        make.event({ type: "custom[1]?x", created: START + 4 }),
      ];
      await write((tx) => tx.insertEvents([...rows, make.event({ livemode: true }), make.event({ accountId: "acct_other" })], []));
      await expectPages(newestFirst(rows), (page) => store.read((reads) => reads.events(OWNER, page)));
      const found = async (given: Partial<EventFilter>) =>
        (await store.read((reads) => reads.events({ ...OWNER, ...given }, { limit: 10 }))).rows.map(({ id }) =>
          rows.findIndex((row) => row.id === id),
        );
      expect(await found({ types: ["customer.updated", "customer.created", "none"] })).toEqual([1, 0]);
      expect(await found({ types: [] })).toEqual([]);
      expect(await found({ typePattern: "customer.*" })).toEqual([1, 0]);
      expect(await found({ typePattern: "*.created" })).toEqual([0]);
      expect(await found({ typePattern: "c*.*ed" })).toEqual([1, 0]);
      expect(await found({ typePattern: "*" })).toEqual([4, 3, 2, 1, 0]);
      expect(await found({ typePattern: "customer?created" })).toEqual([]);
      expect(await found({ typePattern: "customer_created" })).toEqual([]);
      expect(await found({ typePattern: "custom%" })).toEqual([]);
      expect(await found({ typePattern: "CUSTOMER.*" })).toEqual([]);
      expect(await found({ typePattern: "[c]ustomer.created" })).toEqual([]);
      expect(await found({ typePattern: "custom[1]?x" })).toEqual([4]);
      expect(await found({ typePattern: "custom[*" })).toEqual([4]);
      expect(await found({ applicationId: null })).toEqual([4, 1, 0]);
      expect(await found({ applicationId: "ca_1" })).toEqual([4, 2, 1, 0]);
      expect(await found({ created: { gt: START, lte: START + 3 } })).toEqual([3, 2, 1]);
      expect(await found({ created: { gte: START + 1, lt: START + 2 }, types: ["customer.updated"] })).toEqual([1]);
    });

    test("of events is in the order they were inserted, whatever their ids and times", async () => {
      const rows = ["evt_m", "evt_z", "evt_a", "evt_k"].map((id, index) => make.event({ id, created: START - index }));
      for (const row of rows) await write((tx) => tx.insertEvents([row], []));
      await expectPages(newestFirst(rows), (page) => store.read((reads) => reads.events(OWNER, page)));
    });

    test("of deliveries is by the endpoint's owner, endpoint, event and state", async () => {
      const [one, two] = (await make.endpoints(store, 2)) as [EndpointRow, EndpointRow];
      const other = await oneEndpoint({ accountId: "acct_other" });
      const rows = await make.owe(store, one, 4);
      const event = rows[0]?.event as NewDelivery["event"];
      const second = make.delivery(event, two);
      const theirs = make.delivery(event, other);
      await write((tx) => tx.insertDeliveries([second, theirs]));
      const all = [...rows, second];
      await expectPages(newestFirst(all), (page) => store.read((reads) => reads.deliveries(OWNER, page)));
      await expectPages(newestFirst(rows), (page) => store.read((reads) => reads.deliveries({ ...OWNER, endpointId: one.id }, page)));
      const found = async (given: object) =>
        idsOf((await store.read((reads) => reads.deliveries({ ...OWNER, ...given }, { limit: 10 }))).rows);
      expect(await found({ eventId: event.id })).toEqual([second.id, rows[0]?.id]);
      expect(await found({ eventId: event.id, endpointId: two.id })).toEqual([second.id]);
      const claims = await store.claimDue(request());
      const [a, b, c] = rows.map(({ id }) => claims.find(({ deliveryId }) => deliveryId === id)) as [Claim, Claim, Claim];
      await settleAll([a], { state: "succeeded" });
      await settleAll([b], { state: "exhausted" });
      await settleAll([c], { state: "cancelled" });
      expect(await found({ state: "succeeded" })).toEqual([rows[0]?.id]);
      expect(await found({ state: "exhausted" })).toEqual([rows[1]?.id]);
      expect(await found({ state: "cancelled" })).toEqual([rows[2]?.id]);
      expect(await found({ state: "pending" })).toEqual([second.id, rows[3]?.id]);
      expect(await found({ state: "exhausted", eventId: event.id })).toEqual([]);
      expect(await found({ state: "succeeded", eventId: event.id, endpointId: one.id })).toEqual([rows[0]?.id]);
    });
  });

  describe("a claim", () => {
    test("tells everything that sending needs", async () => {
      const endpoint = await oneEndpoint({ livemode: true, firstFailureAt: START - 9 });
      const event = make.event({ livemode: true, accountId: "acct_c" });
      const variant = { eventId: event.id, variant: "other", body: Buffer.from("rendered otherwise") };
      const first = make.delivery(event, endpoint, { created: START - 5, dueAt: START - 3 });
      const second = make.delivery(event, endpoint, { kind: "manual", variant: "other", body: variant.body });
      await write(async (tx) => {
        await tx.insertEvents([event], [variant]);
        await tx.insertDeliveries([first, second]);
      });
      expect(await delivery(first.id)).toEqual({
        id: first.id,
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
      });
      const claims = await store.claimDue(request());
      const { id, livemode, url, status, deleted, secrets, firstFailureAt } = endpoint;
      expect(claims.map((claim) => ({ ...claim, body: Buffer.from(claim.body) }))).toEqual([
        {
          deliveryId: first.id,
          kind: "automatic",
          token: expect.any(Number),
          leaseUntil: START + 90_000,
          dueAt: START - 3,
          created: START - 5,
          attempt: 1,
          event: { id: event.id, type: event.type, livemode: true },
          endpoint: { id, livemode, url, status, deleted, secrets, firstFailureAt },
          body: event.body,
        },
        {
          deliveryId: second.id,
          kind: "manual",
          token: expect.any(Number),
          leaseUntil: START + 90_000,
          dueAt: START,
          created: START,
          attempt: 1,
          event: { id: event.id, type: event.type, livemode: true },
          endpoint: { id, livemode, url, status, deleted, secrets, firstFailureAt },
          body: variant.body,
        },
      ]);
    });

    test("takes what is due and nothing that is not, the oldest first", async () => {
      const endpoint = await oneEndpoint();
      const [late] = await make.owe(store, endpoint, 1, { dueAt: START + 2 });
      const [early] = await make.owe(store, endpoint, 1, { dueAt: START + 1 });
      const [future] = await make.owe(store, endpoint, 1, { dueAt: START + 4 });
      expect(await store.claimDue(request())).toEqual([]);
      expect(await store.nextDueAt()).toBe(START + 1);
      expect(claimed(await store.claimDue(request({ now: START + 3 })))).toEqual([early?.id, late?.id]);
      expect(await store.nextDueAt()).toBe(START + 4);
      expect(claimed(await store.claimDue(request({ now: START + 4 })))).toEqual([future?.id]);
    });

    test("is one claimer's alone until the lease ends, also when many claim at once", async () => {
      const endpoints = await make.endpoints(store, 7);
      const owed: NewDelivery[] = [];
      for (const endpoint of endpoints) owed.push(...(await make.owe(store, endpoint, 20)));
      const rounds = await Promise.all(Array.from({ length: 30 }, () => store.claimDue(request({ limit: 9 }))));
      const all = rounds.flatMap(claimed);
      expect(new Set(all).size).toBe(all.length);
      expect(all.sort()).toEqual(idsOf(owed).sort());
      expect(await store.claimDue(request({ now: START + 89_999 }))).toEqual([]);
      expect(await store.nextDueAt()).toBe(START + 90_000);
    });

    test("whose lease ended is given to another, and the first is refused", async () => {
      const endpoint = await oneEndpoint();
      await make.owe(store, endpoint, 1);
      const [first] = (await store.claimDue(request())) as [Claim];
      const later = START + 90_000;
      const [second] = (await store.claimDue(request({ now: later }))) as [Claim];
      expect(second).toMatchObject({ deliveryId: first.deliveryId, attempt: 1, dueAt: START, leaseUntil: later + 90_000 });
      expect(second.token).toBeGreaterThan(first.token);
      const before = await delivery(first.deliveryId);
      expect(await settleAll([first], { state: "succeeded" })).toEqual({ refused: [first.deliveryId] });
      expect(await delivery(first.deliveryId)).toEqual(before);
      expect(await store.read((reads) => reads.attempts(first.deliveryId))).toEqual([]);
      expect(await store.nextDueAt()).toBe(later + 90_000);
      expect(await settleAll([second], { state: "succeeded" }, later)).toEqual({ refused: [] });
      expect(await delivery(first.deliveryId)).toMatchObject({ state: "succeeded", attempts: 1 });
    });

    test("gives every endpoint its share, however much another is owed", async () => {
      const [flooded, ...others] = await make.endpoints(store, 51);
      await make.owe(store, flooded as EndpointRow, 10_000, { dueAt: START - 1000 });
      const rest: NewDelivery[] = [];
      for (const endpoint of others) rest.push(...(await make.owe(store, endpoint, 1)));
      const claims = await store.claimDue(request());
      expect(claims).toHaveLength(100);
      const got = new Set(claimed(claims));
      expect(rest.filter(({ id }) => !got.has(id))).toEqual([]);
      expect(await store.nextDueAt()).toBe(START);
    });

    test("takes endpoints in turn when there are more than it may take, also while the clock stands still", async () => {
      const endpoints = await make.endpoints(store, 10);
      for (const endpoint of endpoints) await make.owe(store, endpoint, 5, { dueAt: START - 1 });
      const seen: string[] = [];
      for (let round = 0; round < 5; round++)
        seen.push(...(await store.claimDue(request({ limit: 2 }))).map(({ endpoint }) => endpoint.id));
      expect([...seen].sort()).toEqual(idsOf(endpoints).sort());
    });

    test("does not lose an endpoint's turn to one with older deliveries", async () => {
      const [old, young] = (await make.endpoints(store, 2)) as [EndpointRow, EndpointRow];
      await make.owe(store, old, 20, { dueAt: START - 1000 });
      const [first] = (await store.claimDue(request({ limit: 1 }))) as [Claim];
      expect(first.endpoint.id).toBe(old.id);
      await make.owe(store, young, 1, { dueAt: START });
      await settleAll([first], { state: "pending", dueAt: IN_A_MINUTE });
      expect((await store.claimDue(request({ limit: 2 }))).map(({ endpoint }) => endpoint.id).sort()).toEqual([old.id, young.id].sort());
    });

    test("takes no more of one endpoint than it is told, and passes over those that have enough", async () => {
      const [one, two] = (await make.endpoints(store, 2)) as [EndpointRow, EndpointRow];
      await make.owe(store, one, 10);
      await make.owe(store, two, 10);
      const count = (claims: readonly Claim[]) => [one, two].map(({ id }) => claims.filter(({ endpoint }) => endpoint.id === id).length);
      expect(count(await store.claimDue(request({ perEndpoint: 3 })))).toEqual([3, 3]);
      expect(count(await store.claimDue(request({ busy: new Set([one.id]), limit: 5 })))).toEqual([0, 5]);
      expect(await store.nextDueAt()).toBe(START);
      expect(count(await store.claimDue(request({ busy: new Set([one.id]) })))).toEqual([0, 2]);
      expect(count(await store.claimDue(request()))).toEqual([7, 0]);
      expect(await store.nextDueAt()).toBe(START + 90_000);
    });

    test("includes deliveries of disabled and deleted endpoints, and says so", async () => {
      const endpoint = await oneEndpoint();
      await make.owe(store, endpoint, 1);
      await write((tx) => tx.updateEndpoint({ ...endpoint, status: "disabled", disabledReason: "owner", deleted: true }));
      expect((await store.claimDue(request()))[0]?.endpoint).toMatchObject({ status: "disabled", deleted: true });
    });

    test("cannot be made of nothing", async () => {
      expect(await store.claimDue(request())).toEqual([]);
      await make.owe(store, await oneEndpoint(), 1);
      expect(await store.claimDue(request({ limit: 0 }))).toEqual([]);
      expect(await store.nextDueAt()).toBe(START);
    });
  });

  describe("a settlement", () => {
    test("ends a delivery, and keeps its attempt", async () => {
      const endpoint = await oneEndpoint();
      const owed = await make.owe(store, endpoint, 3);
      const claims = await store.claimDue(request());
      const [a, b, c] = claims as [Claim, Claim, Claim];
      await store.settle(
        [
          settlementOf(a, { state: "succeeded" }, START + 5),
          settlementOf(b, { state: "exhausted" }, START + 5),
          { ...settlementOf(c, { state: "cancelled" }, START), attempt: null },
        ],
        [],
      );
      expect(await delivery(a.deliveryId)).toMatchObject({ state: "succeeded", attempts: 1, nextAttemptAt: null, settledAt: START + 12 });
      expect(await delivery(b.deliveryId)).toMatchObject({ state: "exhausted", attempts: 1, nextAttemptAt: null, settledAt: START + 12 });
      expect(await delivery(c.deliveryId)).toMatchObject({ state: "cancelled", attempts: 0, nextAttemptAt: null, settledAt: START });
      expect(await store.read((reads) => reads.attempts(a.deliveryId))).toEqual([attemptOf(a, START + 5)]);
      expect(await store.read((reads) => reads.attempts(c.deliveryId))).toEqual([]);
      expect(await store.nextDueAt()).toBeNull();
      expect(await store.claimDue(request({ now: START + 1_000_000 }))).toEqual([]);
      expect(await settleAll(claims, { state: "pending", dueAt: START })).toEqual({ refused: idsOf(owed) });
      expect(await store.nextDueAt()).toBeNull();
    });

    test("puts a delivery off to a time, and attempts are numbered on", async () => {
      const endpoint = await oneEndpoint();
      const [owed] = await make.owe(store, endpoint, 1);
      const id = owed?.id as string;
      let now = START;
      for (let number = 1; number <= 4; number++) {
        const [claim] = (await store.claimDue(request({ now }))) as [Claim];
        expect(claim).toMatchObject({ attempt: number, dueAt: now, created: START });
        const dueAt = now + number * 10_000;
        expect(await settleAll([claim], { state: "pending", dueAt }, now)).toEqual({ refused: [] });
        // Said twice, as after a failure that hid the first answer: it counts once.
        expect(await settleAll([claim], { state: "pending", dueAt: dueAt + 5 }, now)).toEqual({ refused: [id] });
        expect(await delivery(id)).toMatchObject({ state: "pending", attempts: number, nextAttemptAt: dueAt, settledAt: null });
        expect(await store.nextDueAt()).toBe(dueAt);
        expect(await store.claimDue(request({ now: dueAt - 1 }))).toEqual([]);
        now = dueAt;
      }
      const attempts = await store.read((reads) => reads.attempts(id));
      expect(attempts.map(({ number, at }) => [number, at])).toEqual([
        [1, START],
        [2, START + 10_000],
        [3, START + 30_000],
        [4, START + 60_000],
      ]);
    });

    test("without an attempt gives a claim back, and counts none", async () => {
      await make.owe(store, await oneEndpoint(), 1);
      const [claim] = (await store.claimDue(request())) as [Claim];
      await store.settle([{ ...settlementOf(claim, { state: "pending", dueAt: claim.dueAt }, START), attempt: null }], []);
      expect(await delivery(claim.deliveryId)).toMatchObject({ attempts: 0, nextAttemptAt: START });
      expect((await store.claimDue(request()))[0]).toMatchObject({ attempt: 1, dueAt: START });
    });

    test("is refused by itself: the others of the batch are kept", async () => {
      await make.owe(store, await oneEndpoint(), 3);
      const claims = (await store.claimDue(request())) as [Claim, Claim, Claim];
      const settlements = claims.map((claim) => settlementOf(claim, { state: "succeeded" }, START));
      (settlements[1] as Settlement).token = 7;
      expect(await store.settle(settlements, [])).toEqual({ refused: [claims[1].deliveryId] });
      expect(await Promise.all(claims.map(async ({ deliveryId }) => (await delivery(deliveryId))?.state))).toEqual([
        "succeeded",
        "pending",
        "succeeded",
      ]);
      expect(await store.settle([{ ...(settlements[0] as Settlement), deliveryId: "none" }], [])).toEqual({ refused: ["none"] });
    });

    test("writes how endpoints are, and disables those that are still enabled", async () => {
      const [one, two, three] = (await make.endpoints(store, 3)) as [EndpointRow, EndpointRow, EndpointRow];
      await write((tx) => tx.updateEndpoint({ ...three, status: "disabled", disabledReason: "owner" }));
      const health = (endpointId: string, firstFailureAt: number | null, disable: boolean) => ({ endpointId, firstFailureAt, disable });
      await store.settle([], [health(one.id, START, false), health(two.id, START, true), health(three.id, START, true)]);
      const load = ({ id }: EndpointRow) => store.read((reads) => reads.endpoint(id));
      expect(await load(one)).toEqual({ ...one, firstFailureAt: START });
      expect(await load(two)).toEqual({ ...two, firstFailureAt: START, status: "disabled", disabledReason: "failing" });
      expect(await load(three)).toEqual({ ...three, firstFailureAt: START, status: "disabled", disabledReason: "owner" });
      await store.settle([], [health(one.id, null, false)]);
      expect(await load(one)).toEqual(one);
    });
  });

  describe("the next due time", () => {
    test("is that of the first delivery that can be claimed, and none when all are settled", async () => {
      expect(await store.nextDueAt()).toBeNull();
      const [one, two] = (await make.endpoints(store, 2)) as [EndpointRow, EndpointRow];
      await make.owe(store, one, 2, { dueAt: START + 50 });
      await make.owe(store, two, 1, { dueAt: START + 30 });
      expect(await store.nextDueAt()).toBe(START + 30);
      const first = await store.claimDue(request({ now: START + 40 }));
      expect(await store.nextDueAt()).toBe(START + 50);
      const rest = await store.claimDue(request({ now: START + 60 }));
      expect(await store.nextDueAt()).toBe(START + 40 + 90_000);
      await settleAll(first, { state: "succeeded" });
      expect(await store.nextDueAt()).toBe(START + 60 + 90_000);
      await settleAll(rest.slice(0, 1), { state: "pending", dueAt: START + 70 });
      expect(await store.nextDueAt()).toBe(START + 70);
      await settleAll(rest.slice(1), { state: "succeeded" });
      await settleAll(await store.claimDue(request({ now: START + 70 })), { state: "exhausted" });
      expect(await store.nextDueAt()).toBeNull();
    });
  });

  describe("leases of an earlier run", () => {
    test("are released: due when they were before, and only they", async () => {
      const [one, two] = (await make.endpoints(store, 2)) as [EndpointRow, EndpointRow];
      const owed = await make.owe(store, one, 3, { dueAt: START - 10 });
      const [retried] = (await store.claimDue(request({ limit: 1 }))) as [Claim];
      await settleAll([retried], { state: "pending", dueAt: START + 30_000 });
      await make.owe(store, two, 1, { dueAt: START + 20_000 });
      const leased = await store.claimDue(request());
      expect(leased).toHaveLength(2);
      expect(await store.releaseLeases(START + 1)).toBe(2);
      expect(await store.nextDueAt()).toBe(START - 10);
      expect(await store.releaseLeases(START + 1)).toBe(0);
      const again = await store.claimDue(request({ now: START + 1 }));
      expect(claimed(again)).toEqual(idsOf(owed).slice(1));
      expect(again.map(({ dueAt }) => dueAt)).toEqual([START - 10, START - 10]);
      expect(await settleAll(leased, { state: "succeeded" })).toEqual({ refused: claimed(leased) });
      expect(await store.nextDueAt()).toBe(START + 20_000);
    });
  });

  describe("pending webhooks", () => {
    const pending = async (id: string) => (await store.read((reads) => reads.pendingWebhooks([id]))).get(id);
    /** Success, as the list of events has it, must say the same. */
    const expectPending = async (id: string, count: number) => {
      expect(await pending(id)).toBe(count);
      const list = async (deliverySuccess: boolean) =>
        idsOf((await store.read((reads) => reads.events({ ...OWNER, deliverySuccess }, { limit: 10 }))).rows);
      expect((await list(true)).includes(id)).toBe(count === 0);
      expect((await list(false)).includes(id)).toBe(count > 0);
    };

    test("are the endpoints that have not answered with success, and are not cancelled", async () => {
      const endpoints = await make.endpoints(store, 4);
      const event = make.event();
      const unheard = make.event();
      await write(async (tx) => {
        await tx.insertEvents([event, unheard], []);
        await tx.insertDeliveries(endpoints.map((endpoint) => make.delivery(event, endpoint)));
      });
      await expectPending(unheard.id, 0);
      await expectPending(event.id, 4);
      const claims = await store.claimDue(request());
      await expectPending(event.id, 4);
      const states: Settlement["next"][] = [
        { state: "succeeded" },
        { state: "exhausted" },
        { state: "cancelled" },
        { state: "pending", dueAt: IN_A_MINUTE },
      ];
      const counts = [3, 3, 2, 2];
      for (const [index, next] of states.entries()) {
        await settleAll(claims.slice(index, index + 1), next);
        await expectPending(event.id, counts[index] as number);
      }
      expect(await store.read((reads) => reads.pendingWebhooks([event.id, unheard.id, "none"]))).toEqual(
        new Map([
          [event.id, 2],
          [unheard.id, 0],
          ["none", 0],
        ]),
      );
    });

    test("count an endpoint once, and no more when any of its deliveries succeeded", async () => {
      const endpoint = await oneEndpoint();
      const [owed] = (await make.owe(store, endpoint, 1)) as [NewDelivery];
      const resend = () => write((tx) => tx.insertDeliveries([make.delivery(owed.event, endpoint, { kind: "manual" })]));
      await settleAll(await store.claimDue(request()), { state: "exhausted" });
      await expectPending(owed.event.id, 1);
      await resend();
      await expectPending(owed.event.id, 1);
      await settleAll(await store.claimDue(request()), { state: "exhausted" });
      await expectPending(owed.event.id, 1);
      await resend();
      await settleAll(await store.claimDue(request()), { state: "succeeded" });
      await expectPending(owed.event.id, 0);
      await resend();
      await expectPending(owed.event.id, 0);
    });
  });

  describe("the hot lane", () => {
    /** A lane with room for so many, that writes down what it is told. */
    function lane(room: number) {
      const told = { accepted: [] as Claim[][], released: [] as [string, number][], due: [] as number[], reserved: 0 };
      const hot: HotLane = {
        reserve(_endpointId, now) {
          if (told.reserved === room) return null;
          told.reserved++;
          return { leaseUntil: now + 90_000 };
        },
        accept: (claims) => told.accepted.push([...claims]),
        release(endpointId, count) {
          told.released.push([endpointId, count]);
          told.reserved -= count;
        },
        due: (at) => told.due.push(at),
      };
      store.attach(hot);
      return told;
    }

    test("gets what it has room for, leased and durable; the rest is due", async () => {
      const endpoint = await oneEndpoint();
      const told = lane(2);
      const owed = await make.owe(store, endpoint, 3);
      const hot = told.accepted.flat();
      expect(claimed(hot)).toEqual(idsOf(owed).slice(0, 2));
      expect(told.due).toEqual([START]);
      const cold = await store.claimDue(request());
      expect(claimed(cold)).toEqual(idsOf(owed).slice(2));
      // A claim is the same, whichever way it came.
      const alike = ({ deliveryId: _id, token: _token, event, body: _body, ...claim }: Claim) => ({
        ...claim,
        event: { ...event, id: "" },
      });
      expect(alike(hot[0] as Claim)).toEqual(alike(cold[0] as Claim));
      expect(Buffer.from(hot[0]?.body ?? [])).toEqual(owed[0]?.body);
      expect(await settleAll([...hot, ...cold], { state: "succeeded" })).toEqual({ refused: [] });
      expect(await store.nextDueAt()).toBeNull();
    });

    test("leases run out like others", async () => {
      const endpoint = await oneEndpoint();
      const told = lane(1);
      await make.owe(store, endpoint, 1);
      const [hot] = told.accepted.flat() as [Claim];
      expect(await store.nextDueAt()).toBe(START + 90_000);
      expect(await store.claimDue(request({ now: START + 89_999 }))).toEqual([]);
      const [claim] = (await store.claimDue(request({ now: START + 90_000 }))) as [Claim];
      expect(claim).toMatchObject({ deliveryId: hot.deliveryId, attempt: 1 });
      expect(await settleAll([hot], { state: "succeeded" })).toEqual({ refused: [hot.deliveryId] });
    });

    test("is not asked about what is due later, but told when", async () => {
      const endpoint = await oneEndpoint();
      const told = lane(10);
      await make.owe(store, endpoint, 2, { dueAt: START + 5 });
      expect(told).toMatchObject({ reserved: 0, accepted: [], due: [START + 5] });
    });

    test("is told when something settled is tried again", async () => {
      const endpoint = await oneEndpoint();
      const told = lane(2);
      await make.owe(store, endpoint, 2);
      const [a, b] = told.accepted.flat() as [Claim, Claim];
      expect(told.due).toEqual([]);
      await settleAll([a], { state: "succeeded" });
      expect(told.due).toEqual([]);
      await settleAll([b], { state: "pending", dueAt: IN_A_MINUTE });
      expect(told.due).toEqual([IN_A_MINUTE]);
    });

    test("gets its room back when the transaction fails, and no claim", async () => {
      const [one, two] = (await make.endpoints(store, 2)) as [EndpointRow, EndpointRow];
      const told = lane(10);
      const event = make.event();
      const failed = write(async (tx) => {
        await tx.insertEvents([event], []);
        await tx.insertDeliveries([make.delivery(event, one), make.delivery(event, two), make.delivery(event, one)]);
        throw new Error("no");
      });
      await expect(failed).rejects.toThrow("no");
      expect(told.accepted).toEqual([]);
      expect(told.due).toEqual([]);
      expect(told.reserved).toBe(0);
      expect(new Map(told.released)).toEqual(
        new Map([
          [one.id, 2],
          [two.id, 1],
        ]),
      );
      expect(await store.nextDueAt()).toBeNull();
    });

    test("gets room back for a conflict in the middle of a batch", async () => {
      const endpoint = await oneEndpoint();
      const [owed] = (await make.owe(store, endpoint, 1, { dueAt: IN_A_MINUTE, created: START })) as [NewDelivery];
      const told = lane(10);
      const batch = [make.delivery(owed.event, endpoint), { ...make.delivery(owed.event, endpoint), id: owed.id }];
      await expect(write((tx) => tx.insertDeliveries(batch))).rejects.toBeInstanceOf(Conflict);
      expect(told).toMatchObject({ reserved: 0, accepted: [] });
      expect(await store.nextDueAt()).toBe(IN_A_MINUTE);
    });

    test("gets nothing once it is detached", async () => {
      const endpoint = await oneEndpoint();
      const told = lane(10);
      store.attach(null);
      const owed = await make.owe(store, endpoint, 1);
      expect(told).toMatchObject({ reserved: 0, accepted: [], due: [] });
      expect(claimed(await store.claimDue(request()))).toEqual(idsOf(owed));
    });
  });

  describe("pruning", () => {
    const prune = (limit: number, eventsBefore: number, answersBefore = 0) => store.prune({ eventsBefore, answersBefore, limit });

    test("deletes what is old with all that hangs on it, and keeps what is pending or young", async () => {
      const endpoint = await oneEndpoint();
      const done = make.event({ created: START - 10 });
      const waiting = make.event({ created: START - 10 });
      const young = make.event({ created: START });
      const variant = { eventId: done.id, variant: "v", body: Buffer.from("v") };
      const owed = make.delivery(done, endpoint, { dueAt: START });
      const kept = make.delivery(waiting, endpoint, { dueAt: IN_A_MINUTE });
      await write(async (tx) => {
        await tx.insertEvents([done, waiting, young], [variant]);
        await tx.insertDeliveries([owed, kept]);
      });
      await settleAll(await store.claimDue(request()), { state: "succeeded" });
      expect(await prune(100, START)).toBeGreaterThan(0);
      await store.read(async (reads) => {
        expect(await reads.event(done.id)).toBeNull();
        expect(await reads.eventVariant(done.id, "v")).toBeNull();
        expect(await reads.delivery(owed.id)).toBeNull();
        expect(await reads.attempts(owed.id)).toEqual([]);
        expect(await reads.event(waiting.id)).not.toBeNull();
        expect(await reads.event(young.id)).not.toBeNull();
      });
      expect(await prune(100, START)).toBe(0);
      expect(claimed(await store.claimDue(request({ now: IN_A_MINUTE })))).toEqual([kept.id]);
    });

    test("takes a bounded number at a time, and in the end all", async () => {
      const endpoints = await make.endpoints(store, 5);
      const events = Array.from({ length: 7 }, () => make.event());
      await write(async (tx) => {
        await tx.insertEvents(events, []);
        await tx.insertDeliveries(events.flatMap((event) => endpoints.map((endpoint) => make.delivery(event, endpoint))));
      });
      await settleAll(await store.claimDue(request()), { state: "exhausted" });
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
      expect(await store.read((reads) => reads.events(OWNER, { limit: 1 }))).toEqual({ rows: [], hasMore: false });
      expect(await store.read((reads) => reads.deliveries(OWNER, { limit: 1 }))).toEqual({ rows: [], hasMore: false });
    });

    test("deletes old answers", async () => {
      const answer = (key: string, created: number) => ({
        scope: "s",
        key,
        fingerprint: "f",
        status: 200,
        body: "{}",
        requestId: "req_1",
        created,
      });
      await write(async (tx) => {
        for (let index = 0; index < 5; index++) await tx.insertIdempotentAnswer(answer(`k${index}`, START + index));
      });
      expect(await prune(2, 0, START + 3)).toBe(2);
      expect(await prune(2, 0, START + 3)).toBe(1);
      expect(await prune(2, 0, START + 3)).toBe(0);
      const left = await store.read(async (reads) => [
        await reads.idempotentAnswer("s", "k2", 0),
        await reads.idempotentAnswer("s", "k3", 0),
      ]);
      expect(left.map((row) => row?.key)).toEqual([undefined, "k3"]);
    });
  });

  test("a closed store says so, and finishes what it was asked before", async () => {
    const account = make.account();
    const asked = write((tx) => tx.insertAccount(account));
    await store.close();
    await expect(asked).resolves.toBeUndefined();
    await expect(store.nextDueAt()).rejects.toThrow(/closed/);
    await store.close();
  });

  const { reopen } = harness;
  if (reopen !== null)
    describe("after it was closed and opened again", () => {
      test("everything is as it was", async () => {
        const account = make.account();
        const endpoint = await oneEndpoint();
        await write(async (tx) => {
          await tx.insertAccount(account);
          await tx.saveSetting("clock", START);
        });
        const owed = await make.owe(store, endpoint, 3, { dueAt: START });
        const [first, second] = (await store.claimDue(request({ limit: 2 }))) as [Claim, Claim];
        await settleAll([first], { state: "pending", dueAt: START + 100_000 });
        store = await reopen();
        expect(await store.read((reads) => reads.account(account.id))).toEqual(account);
        expect(await store.read((reads) => reads.setting("clock"))).toBe(START);
        expect(await store.read((reads) => reads.attempts(first.deliveryId))).toEqual([
          attemptOf(first, START, { outcome: "status", status: 500 }),
        ]);
        expect(await store.nextDueAt()).toBe(START);
        expect(claimed(await store.claimDue(request()))).toEqual([owed[2]?.id]);
        expect(await store.nextDueAt()).toBe(START + 90_000);
        expect(claimed(await store.claimDue(request({ now: START + 90_000 }))).sort()).toEqual([second.deliveryId, owed[2]?.id].sort());
        expect(await store.nextDueAt()).toBe(START + 100_000);
      });

      test("leases of the run before are released, hot ones too", async () => {
        const endpoint = await oneEndpoint();
        store.attach({
          reserve: (_endpointId, now) => ({ leaseUntil: now + 90_000 }),
          accept: () => undefined,
          release: () => undefined,
          due: () => undefined,
        });
        const owed = await make.owe(store, endpoint, 5);
        store = await reopen();
        expect(await store.claimDue(request())).toEqual([]);
        expect(await store.releaseLeases(START + 1)).toBe(5);
        expect(claimed(await store.claimDue(request({ now: START + 1 })))).toEqual(idsOf(owed));
      });
    });
}
