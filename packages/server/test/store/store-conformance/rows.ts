import { describe, expect, test } from "vitest";
import type { EndpointRow, IdempotentAnswer } from "../../../src/store/contract/rows.ts";
import type { Transaction } from "../../../src/store/contract/transaction.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { idsOf, OpenedStore, OWNER } from "./opened-store.ts";

/** Rows come back as they were written, one by one and as subscribers. */
export function rowConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  describe("rows", () => {
    test("that are not there are null, or none", async () => {
      await on.store.read(async (reads) => {
        for (const read of ["account", "applicationById", "keyByHash", "endpoint", "event", "delivery", "object"] as const)
          expect(await reads[read]("none")).toBeNull();
        expect(await reads.eventVariant("none", "none")).toBeNull();
        expect(await reads.application("none", false)).toBeNull();
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
      const endpoint = on.make.endpoint({
        connect: true,
        livemode: true,
        apiVersion: "2024-04-10",
        description: "d",
        madeBy: "acct_p",
        firstFailureAt: START,
        rateLimit: 20,
      });
      const object = on.make.object({ parent: "acct_x", data: { nested: { list: [1, "2", false, null] } } });
      const event = on.make.event({ objectId: null, applicationId: "ca_1", livemode: true });
      const key = {
        hash: "h",
        accountId: "acct_1",
        livemode: true,
        kind: "publishable",
        hint: "pk_…1",
        created: START,
        expiresAt: 9,
        grant: { platformId: "acct_p", livemode: false, scope: "read_only" },
        permissions: { direct: ["charge_read"], connect: [] },
      } as const;
      const applications = [
        { id: "ca_1", accountId: "acct_1", livemode: true, name: "One", redirectUris: [] },
        { id: "ca_2", accountId: "acct_1", livemode: false, name: "Öne", redirectUris: ["http://localhost/ü", "https://b"] },
      ];
      const variant = { eventId: event.id, variant: "2024-04-10/connected", body: Buffer.from("ß") };
      await on.write(async (tx) => {
        await tx.insertEndpoint(endpoint);
        await tx.insertObject(object);
        await tx.insertEvents([event], [variant]);
        await tx.insertKey(key);
        for (const application of applications) await tx.insertApplication(application);
      });
      await on.store.read(async (reads) => {
        expect(await reads.endpoint(endpoint.id)).toEqual(endpoint);
        expect(await reads.object(object.id)).toEqual(object);
        const found = await reads.event(event.id);
        expect({ ...found, body: Buffer.from(found?.body ?? []) }).toEqual(event);
        const rendered = await reads.eventVariant(event.id, variant.variant);
        expect({ ...rendered, body: Buffer.from(rendered?.body ?? []) }).toEqual(variant);
        expect(await reads.keyByHash("h")).toEqual(key);
        for (const application of applications) {
          expect(await reads.application("acct_1", application.livemode)).toEqual(application);
          expect(await reads.applicationById(application.id)).toEqual(application);
        }
      });
    });

    test("are replaced where they may change, and go where they may go", async () => {
      const account = on.make.account();
      const endpoint = on.make.endpoint();
      const object = on.make.object();
      const application = { id: "ca_1", accountId: account.id, livemode: false, name: "One", redirectUris: ["http://a"] };
      await on.write(async (tx) => {
        await tx.insertAccount(account);
        await tx.insertEndpoint(endpoint);
        await tx.insertObject(object);
        await tx.insertApplication(application);
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
        own: true,
        connect: true,
        payload: "thin",
        name: "Ours",
        updated: START + 7,
        deleted: true,
        firstFailureAt: START + 5,
        rateLimit: null,
      };
      await on.write(async (tx) => {
        await tx.updateAccount({ ...account, apiVersion: "2024-06-20", deleted: true, data: { email: null } });
        await tx.updateEndpoint(changed);
        await tx.updateObject({ ...object, data: { name: "Joe" } });
        await tx.updateApplication({ ...application, name: "Two", redirectUris: [] });
      });
      await on.store.read(async (reads) => {
        expect(await reads.account(account.id)).toEqual({ ...account, apiVersion: "2024-06-20", deleted: true, data: { email: null } });
        expect(await reads.endpoint(endpoint.id)).toEqual(changed);
        expect(await reads.object(object.id)).toEqual({ ...object, data: { name: "Joe" } });
        expect(await reads.applicationById("ca_1")).toEqual({ ...application, name: "Two", redirectUris: [] });
      });
      await on.write((tx) => tx.deleteObject(object.id));
      expect(await on.store.read((reads) => reads.object(object.id))).toBeNull();
    });

    test("that are not there cannot be replaced: a bug", async () => {
      for (const update of [
        (tx: Transaction) => tx.updateAccount(on.make.account()),
        (tx: Transaction) => tx.updateEndpoint(on.make.endpoint()),
        (tx: Transaction) => tx.updateObject(on.make.object()),
        (tx: Transaction) => tx.setKeyExpiry("none", START),
        (tx: Transaction) => tx.updateApplication({ id: "ca_none", accountId: "acct_1", livemode: false, name: "", redirectUris: [] }),
      ])
        await expect(on.write(update)).rejects.toThrow(/not there/);
    });

    test("keys of an account go together", async () => {
      const key = (hash: string, accountId: string) =>
        ({
          hash,
          accountId,
          livemode: false,
          kind: "secret",
          hint: "sk_…1",
          created: START,
          expiresAt: null,
          grant: null,
          permissions: null,
        }) as const;
      await on.write(async (tx) => {
        await tx.insertKey(key("a", "acct_1"));
        await tx.insertKey(key("b", "acct_1"));
        await tx.insertKey(key("c", "acct_2"));
        await tx.deleteKeys("acct_1");
      });
      const found = await on.store.read(async (reads) => [
        await reads.keyByHash("a"),
        await reads.keyByHash("b"),
        await reads.keyByHash("c"),
      ]);
      expect(found.map((row) => row?.accountId)).toEqual([undefined, undefined, "acct_2"]);
    });

    test("an account's own keys are listed the newest first, with their ends and last uses, and go with their uses", async () => {
      const key = (hash: string, created: number) =>
        ({
          hash,
          accountId: "acct_1",
          livemode: created > START,
          kind: "secret",
          hint: "sk_…1",
          created,
          expiresAt: null,
          grant: null,
          permissions: null,
        }) as const;
      const granted = { ...key("granted", START), grant: { platformId: "acct_p", livemode: false, scope: "read_write" } } as const;
      await on.write(async (tx) => {
        for (const row of [key("a", START), key("b", START + 1), { ...key("other", START), accountId: "acct_2" }, granted])
          await tx.insertKey(row);
      });
      const own = () => on.store.read((reads) => reads.ownKeys("acct_1"));
      expect(await own()).toEqual([
        { ...key("b", START + 1), lastUsedAt: null },
        { ...key("a", START), lastUsedAt: null },
      ]);
      await on.write(async (tx) => {
        await tx.setKeyExpiry("a", START + 9);
        await tx.noteKeyUse("a", START + 5, START);
        await tx.noteKeyUse("none", START + 5, START);
      });
      // Noted since: nothing is written.
      await on.write((tx) => tx.noteKeyUse("a", START + 7, START + 5));
      expect(await own()).toEqual([
        { ...key("b", START + 1), lastUsedAt: null },
        { ...key("a", START), expiresAt: START + 9, lastUsedAt: START + 5 },
      ]);
      expect(await on.store.read((reads) => reads.keyByHash("a"))).toEqual({ ...key("a", START), expiresAt: START + 9 });
      await on.write(async (tx) => {
        await tx.noteKeyUse("a", START + 8, START + 6);
        await tx.setKeyExpiry("a", null);
      });
      expect((await own())[1]).toEqual({ ...key("a", START), lastUsedAt: START + 8 });
      // A key that comes back under the same hash was never used.
      await on.write(async (tx) => {
        await tx.deleteKeys("acct_1");
        await tx.insertKey(key("a", START));
      });
      expect(await own()).toEqual([{ ...key("a", START), lastUsedAt: null }]);
    });

    test("keys that a connection gave expire together, from then on", async () => {
      const connection = { platformId: "acct_p", accountId: "acct_1", livemode: false };
      const grants = [
        { platformId: "acct_p", livemode: false, scope: "read_write" },
        { platformId: "acct_p", livemode: true, scope: "read_write" },
        { platformId: "acct_q", livemode: false, scope: "read_write" },
        null,
      ] as const;
      const key = {
        accountId: "acct_1",
        livemode: false,
        kind: "secret",
        hint: "sk_…1",
        created: START,
        expiresAt: null,
        permissions: null,
      } as const;
      await on.write(async (tx) => {
        for (const [index, grant] of grants.entries()) await tx.insertKey({ ...key, hash: `k${index}`, grant });
        await tx.expireGrantedKeys(connection, START + 1);
        await tx.insertKey({ ...key, hash: "later", grant: grants[0] });
      });
      const expiry = async (hash: string) => (await on.store.read((reads) => reads.keyByHash(hash)))?.expiresAt;
      expect(await Promise.all(["k0", "k1", "k2", "k3", "later"].map(expiry))).toEqual([START + 1, null, null, null, null]);
      await on.write((tx) => tx.expireGrantedKeys(connection, START + 2));
      expect(await expiry("k0")).toBe(START + 1);
    });

    test("settings are replaced", async () => {
      for (const value of [1, "two", null, [3]]) {
        await on.write((tx) => tx.saveSetting("clock", value));
        expect(await on.store.read((reads) => reads.setting("clock"))).toEqual(value);
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
        about: null,
        created: START,
      };
      await on.write((tx) => tx.insertIdempotentAnswer(answer));
      const load = (scope: string, since: number) => on.store.read((reads) => reads.idempotentAnswer(scope, "k", since));
      expect(await load("acct_1/test", START)).toEqual(answer);
      expect(await load("acct_1/test", START + 1)).toBeNull();
      expect(await load("acct_2/test", START)).toBeNull();
      const later = { ...answer, status: 400, created: START + 1, body: "{}" };
      await on.write((tx) => tx.insertIdempotentAnswer(later));
      expect(await load("acct_1/test", START)).toEqual(later);
    });
  });

  describe("subscribers", () => {
    test("are the account's own endpoints and those of its platforms, both modes, without deleted ones", async () => {
      const account = on.make.account({ apiVersion: "v1" });
      const platform = on.make.account({ apiVersion: "v2" });
      const stranger = on.make.account();
      const endpoints = [
        on.make.endpoint({ accountId: account.id }),
        on.make.endpoint({ accountId: account.id, livemode: true }),
        on.make.endpoint({ accountId: platform.id, connect: true }),
        on.make.endpoint({ accountId: platform.id, status: "disabled", disabledReason: "owner" }),
      ];
      const connections = [
        { platformId: platform.id, accountId: account.id, livemode: false, created: START, controller: true, scope: "read_only" as const },
        { platformId: platform.id, accountId: account.id, livemode: true, created: START, controller: false, scope: "read_write" as const },
      ];
      await on.write(async (tx) => {
        for (const row of [account, platform, stranger]) await tx.insertAccount(row);
        for (const row of connections) await tx.insertConnection(row);
        for (const row of endpoints) await tx.insertEndpoint(row);
        await tx.insertEndpoint(on.make.endpoint({ accountId: platform.id, deleted: true }));
        await tx.insertEndpoint(on.make.endpoint({ accountId: stranger.id }));
      });
      const found = await on.store.read((reads) => reads.subscribers(account.id));
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
      expect((await on.store.read((reads) => reads.connections(platform.id, account.id))).length).toBe(2);
      await on.write((tx) => tx.deleteConnection(platform.id, account.id, true));
      expect(await on.store.read((reads) => reads.connections(platform.id, account.id))).toEqual([connections[0]]);
      await on.write((tx) => tx.deleteConnection(platform.id, account.id, false));
      expect(idsOf((await on.store.read((reads) => reads.subscribers(account.id))).endpoints).sort()).toEqual(
        idsOf(endpoints.slice(0, 2)).sort(),
      );
    });
  });
}
