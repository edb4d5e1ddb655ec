import { describe, expect, test } from "vitest";
import type { Claim } from "../../../src/store/contract/delivery-store.ts";
import type { EndpointRow, NewDelivery } from "../../../src/store/contract/rows.ts";
import type { AuditFilter, EventFilter, Page } from "../../../src/store/contract/transaction.ts";
import { Conflict } from "../../../src/store/store.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimRequest, idsOf, OpenedStore, OWNER } from "./opened-store.ts";

/** Pages: which rows, and in which order. */
export function listConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

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
      const rows = await on.make.endpoints(on.store, 4);
      await on.make.endpoints(on.store, 1, { livemode: true });
      await on.make.endpoints(on.store, 1, { accountId: "acct_other" });
      await on.make.endpoints(on.store, 1, { deleted: true });
      await expectPages(newestFirst(rows), (page) => on.store.read((reads) => reads.endpoints(OWNER, page)));
      expect(await on.store.read((reads) => reads.countEndpoints(OWNER))).toBe(4);
    });

    test("of endpoints can be narrowed to those of one maker, and so can their number", async () => {
      const rows = [null, "acct_p", null, "acct_q", "acct_p"].map((madeBy) => on.make.endpoint({ madeBy }));
      await on.write(async (tx) => {
        for (const row of rows) await tx.insertEndpoint(row);
        await tx.insertEndpoint(on.make.endpoint({ madeBy: "acct_p", deleted: true }));
        await tx.insertEndpoint(on.make.endpoint({ madeBy: "acct_p", livemode: true }));
      });
      for (const madeBy of [null, "acct_p", "acct_q", "acct_none"]) {
        const theirs = rows.filter((row) => row.madeBy === madeBy);
        const found = await on.store.read((reads) => reads.endpoints({ ...OWNER, madeBy }, { limit: 10 }));
        expect(idsOf(found.rows)).toEqual(newestFirst(theirs));
        expect(await on.store.read((reads) => reads.countEndpoints({ ...OWNER, madeBy }))).toBe(theirs.length);
      }
      await expectPages(newestFirst(rows), (page) => on.store.read((reads) => reads.endpoints(OWNER, page)));
      expect(await on.store.read((reads) => reads.countEndpoints(OWNER))).toBe(5);
    });

    test("of endpoints can be narrowed to those for whole events, or for thin ones", async () => {
      const rows = (["thin", "snapshot", "thin"] as const).map((payload) => on.make.endpoint({ payload }));
      await on.write(async (tx) => {
        for (const row of rows) await tx.insertEndpoint(row);
      });
      for (const payload of ["thin", "snapshot"] as const) {
        const theirs = rows.filter((row) => row.payload === payload);
        expect(idsOf((await on.store.read((reads) => reads.endpoints({ ...OWNER, payload }, { limit: 10 }))).rows)).toEqual(
          newestFirst(theirs),
        );
      }
      expect(await on.store.read((reads) => reads.countEndpoints(OWNER))).toBe(3);
    });

    test("of connected accounts is the platform's in one mode, without deleted ones", async () => {
      const rows = Array.from({ length: 4 }, (_, index) => on.make.account({ created: START + index }));
      const deleted = on.make.account({ deleted: true });
      const live = on.make.account();
      const strange = on.make.account();
      const connect = (platformId: string, accountId: string, livemode: boolean) => ({
        platformId,
        accountId,
        livemode,
        created: START,
        controller: true,
        scope: "read_write" as const,
      });
      await on.write(async (tx) => {
        for (const row of [...rows, deleted, live, strange]) await tx.insertAccount(row);
        for (const row of [...rows, deleted]) await tx.insertConnection(connect("acct_p", row.id, false));
        await tx.insertConnection(connect("acct_p", live.id, true));
        await tx.insertConnection(connect("acct_q", strange.id, false));
      });
      const filter = { platformId: "acct_p", livemode: false };
      await expectPages(newestFirst(rows), (page) => on.store.read((reads) => reads.connectedAccounts(filter, page)));
      const since = await on.store.read((reads) => reads.connectedAccounts({ ...filter, created: { gte: START + 2 } }, { limit: 10 }));
      expect(since.rows).toEqual(rows.slice(2).reverse());
    });

    test("of a platform's closed accounts is of those it created, of one mode", async () => {
      const closed = (createdBy: string, livemode: boolean) => on.make.account({ deleted: true, data: { createdBy, livemode } });
      const rows = Array.from({ length: 4 }, () => closed("acct_p", false));
      const live = closed("acct_p", true);
      const open = on.make.account({ data: { createdBy: "acct_p", livemode: false } });
      await on.write(async (tx) => {
        for (const row of [...rows, live, open, closed("acct_q", false)]) await tx.insertAccount(row);
      });
      const filter = { platformId: "acct_p", livemode: false };
      await expectPages(newestFirst(rows), (page) => on.store.read((reads) => reads.closedAccounts(filter, page)));
      const ofLive = await on.store.read((reads) => reads.closedAccounts({ ...filter, livemode: true }, { limit: 10 }));
      expect(ofLive.rows).toEqual([live]);
    });

    test("of all accounts is without deleted ones", async () => {
      const rows = Array.from({ length: 4 }, () => on.make.account());
      await on.write(async (tx) => {
        for (const row of [...rows, on.make.account({ deleted: true })]) await tx.insertAccount(row);
      });
      await expectPages(newestFirst(rows), (page) => on.store.read((reads) => reads.accounts(page)));
    });

    test("of platforms is of the accounts that have an application, without deleted ones", async () => {
      const rows = Array.from({ length: 3 }, () => on.make.account());
      const gone = on.make.account({ deleted: true });
      await on.write(async (tx) => {
        for (const row of [...rows, gone]) {
          await tx.insertAccount(row);
          for (const livemode of [false, true])
            await tx.insertApplication({ id: `ca_${row.id}_${livemode}`, accountId: row.id, livemode, name: "", redirectUris: [] });
        }
        await tx.insertAccount(on.make.account());
      });
      await expectPages(newestFirst(rows), (page) => on.store.read((reads) => reads.platforms(page)));
    });

    test("of the audit log is of all acts, as they were recorded", async () => {
      const acts = [1, 2, 3].map((n) => ({
        at: START + n,
        act: "key.created",
        accountId: n === 2 ? null : "acct_1",
        subject: `key_${n}`,
        by: "operator, command",
        from: n === 3 ? "2001:db8::1" : null,
        detail: { livemode: n === 1, nested: { list: [1, "ü"] } },
      }));
      for (const act of acts) await on.write((tx) => tx.insertAudit(act));
      const { rows } = await on.store.read((reads) => reads.audit({}, { limit: 10 }));
      expect(rows.map(({ id: _, ...act }) => act)).toEqual(acts.toReversed());
      await expectPages(idsOf(rows), (page) => on.store.read((reads) => reads.audit({}, page)));
      const found = async (filter: AuditFilter) =>
        (await on.store.read((reads) => reads.audit(filter, { limit: 10 }))).rows.map((row) => row.subject);
      expect(await found({ accountId: "acct_1" })).toEqual(["key_3", "key_1"]);
      expect(await found({ at: { gte: START + 2 } })).toEqual(["key_3", "key_2"]);
      expect(await found({ accountId: "acct_1", at: { lt: START + 3 } })).toEqual(["key_1"]);
      const other = { ...(acts[0] as (typeof acts)[0]), at: START + 4, act: "keys.counted", subject: "key_1", by: "op_****1" };
      await on.write((tx) => tx.insertAudit(other));
      expect(await found({ act: "key.created" })).toEqual(["key_3", "key_2", "key_1"]);
      expect(await found({ act: "key.*", accountId: "acct_1" })).toEqual(["key_3", "key_1"]);
      expect(await found({ act: "key.c" })).toEqual([]);
      expect(await found({ by: "op_****1" })).toEqual(["key_1"]);
      expect(await found({ subject: "key_1", act: "keys.*" })).toEqual(["key_1"]);
      expect(await found({ subject: "key_1", by: "operator, command" })).toEqual(["key_1"]);
    });

    test("of operators has all, newest first, with the ends and last uses of their keys", async () => {
      const operator = (hash: string, created: number) => ({
        hash,
        name: "Ünï",
        hint: "op_****1",
        readOnly: hash === "a",
        created,
        expiresAt: null,
      });
      const listed = () => on.store.read((reads) => reads.operators());
      await on.write((tx) => tx.insertOperator(operator("a", START)));
      await on.write((tx) => tx.insertOperator(operator("b", START + 1)));
      await expect(on.write((tx) => tx.insertOperator(operator("b", START + 1)))).rejects.toBeInstanceOf(Conflict);
      await on.write((tx) => tx.noteOperatorUse("a", START + 5, START));
      await on.write((tx) => tx.noteOperatorUse("a", START + 7, START + 5));
      await on.write((tx) => tx.noteOperatorUse("none", START + 7, START + 5));
      await on.write((tx) => tx.setOperatorExpiry("b", START + 9));
      await expect(on.write((tx) => tx.setOperatorExpiry("none", START))).rejects.toThrow(/not there/);
      expect(await listed()).toEqual([
        { ...operator("b", START + 1), expiresAt: START + 9, lastUsedAt: null },
        { ...operator("a", START), lastUsedAt: START + 5 },
      ]);
      expect(await on.store.read((reads) => reads.operatorByHash("a"))).toEqual(operator("a", START));
      expect(await on.store.read((reads) => reads.operatorByHash("none"))).toBeNull();
    });

    test("of objects is by kind, account, mode, parent, time and fields", async () => {
      const rows = [
        on.make.object({ data: { email: "a@x", default: true, size: 1, dueAt: START }, created: START }),
        on.make.object({ data: { email: "b@x", default: false, size: 1, dueAt: START + 1 }, created: START + 1 }),
        on.make.object({ data: { email: "a@x", default: true, size: "1" }, created: START + 2, parent: "acct_1" }),
        on.make.object({ data: { email: 'q"\\ü\u2028', nested: { email: "a@x" } }, created: START + 3, parent: "acct_1" }),
      ];
      await on.write(async (tx) => {
        for (const row of rows) await tx.insertObject(row);
        await tx.insertObject(on.make.object({ object: "person" }));
        await tx.insertObject(on.make.object({ livemode: true }));
        await tx.insertObject(on.make.object({ accountId: "acct_other", parent: "acct_1" }));
      });
      const filter = { ...OWNER, object: "customer" };
      await expectPages(newestFirst(rows), (page) => on.store.read((reads) => reads.objects(filter, page)));
      await expectPages(newestFirst(rows.slice(2)), (page) =>
        on.store.read((reads) => reads.objects({ ...filter, parent: "acct_1" }, page)),
      );
      const where = async (given: Record<string, string | number | boolean>) =>
        (await on.store.read((reads) => reads.objects({ ...filter, where: given }, { limit: 10 }))).rows.map(({ id }) =>
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
      const within = async (dueAt: object) =>
        (await on.store.read((reads) => reads.objects({ ...filter, within: { dueAt } }, { limit: 10 }))).rows.map(({ id }) =>
          rows.findIndex((row) => row.id === id),
        );
      expect(await within({ gte: START })).toEqual([1, 0]);
      expect(await within({ gt: START })).toEqual([1]);
      expect(await within({ gt: START, lt: START + 1 })).toEqual([]);
      expect(await within({ lte: START + 1 })).toEqual([1, 0]);
      const range = async (created: object) =>
        (await on.store.read((reads) => reads.objects({ ...filter, created }, { limit: 10 }))).rows.length;
      expect(await range({ gt: START })).toBe(3);
      expect(await range({ gte: START })).toBe(4);
      expect(await range({ lt: START + 3 })).toBe(3);
      expect(await range({ lte: START + 3, gt: START + 1 })).toBe(2);
    });

    test("of a parent's objects follows an object to another parent", async () => {
      const [one, two] = [on.make.object({ parent: "po_1" }), on.make.object()];
      await on.write(async (tx) => {
        await tx.insertObject(one);
        await tx.insertObject(two);
        await tx.updateObject({ ...one, parent: null });
        await tx.updateObject({ ...two, parent: "po_1" });
      });
      const { rows } = await on.store.read((reads) => reads.objects({ ...OWNER, object: "customer", parent: "po_1" }, { limit: 10 }));
      expect(rows).toEqual([{ ...two, parent: "po_1" }]);
    });

    test("of events is by account, mode, time, types, pattern and application", async () => {
      const rows = [
        on.make.event({ type: "customer.created", created: START }),
        on.make.event({ type: "customer.updated", created: START + 1 }),
        on.make.event({ type: "account.application.authorized", created: START + 2, applicationId: "ca_1" }),
        on.make.event({ type: "account.application.authorized", created: START + 3, applicationId: "ca_2" }),
        on.make.event({ type: "custom[1]?x", created: START + 4 }),
      ];
      await on.write((tx) => tx.insertEvents([...rows, on.make.event({ livemode: true }), on.make.event({ accountId: "acct_other" })], []));
      await expectPages(newestFirst(rows), (page) => on.store.read((reads) => reads.events(OWNER, page)));
      const found = async (given: Partial<EventFilter>) =>
        (await on.store.read((reads) => reads.events({ ...OWNER, ...given }, { limit: 10 }))).rows.map(({ id }) =>
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

    test("of events can be narrowed to whole or thin ones, and to those about one object", async () => {
      const rows = ["payout.paid", "v1.payout.paid", "v2.core.account.updated", "v1x.paid", "v10.a"].map((type, index) =>
        on.make.event({ type, objectId: index % 2 === 0 ? "po_even" : null }),
      );
      await on.write((tx) => tx.insertEvents(rows, []));
      const found = async (given: Partial<EventFilter>) =>
        (await on.store.read((reads) => reads.events({ ...OWNER, ...given }, { limit: 10 }))).rows.map(({ type }) => type);
      expect(await found({ payload: "thin" })).toEqual(["v2.core.account.updated", "v1.payout.paid"]);
      expect(await found({ payload: "snapshot" })).toEqual(["v10.a", "v1x.paid", "payout.paid"]);
      expect(await found({ objectId: "po_even" })).toEqual(["v10.a", "v2.core.account.updated", "payout.paid"]);
      expect(await found({ objectId: "po_even", payload: "thin" })).toEqual(["v2.core.account.updated"]);
    });

    test("of events takes in those of accounts connected to a platform, as far as it may see them", async () => {
      const events = {
        own: on.make.event({ accountId: "acct_p" }),
        live: on.make.event({ accountId: "acct_p", livemode: true }),
        connected: on.make.event({ accountId: "acct_live" }),
        testOnly: on.make.event({ accountId: "acct_test" }),
        liveOfTestOnly: on.make.event({ accountId: "acct_test", livemode: true }),
        forTheAccount: on.make.event({ accountId: "acct_live", type: "internal" }),
        ofOthersApplication: on.make.event({ accountId: "acct_live", applicationId: "ca_2" }),
        whenItLeft: on.make.event({ accountId: "acct_gone", applicationId: "ca_1" }),
        other: on.make.event({ accountId: "acct_other" }),
      };
      await on.write(async (tx) => {
        for (const [accountId, livemode] of [
          ["acct_live", true],
          ["acct_test", false],
        ] as const)
          await tx.insertConnection({ platformId: "acct_p", accountId, livemode, created: START, controller: true, scope: "read_write" });
        await tx.insertConnection({
          ...{ platformId: "acct_q", accountId: "acct_other", livemode: false },
          ...{ created: START, controller: true, scope: "read_write" },
        });
        for (const event of Object.values(events)) await tx.insertEvents([event], []);
      });
      const connectedTo = { platformId: "acct_p", applicationId: "ca_1", exceptTypes: ["internal"] };
      const { own, connected, testOnly, whenItLeft, live } = events;
      await expectPages(newestFirst([own, connected, testOnly, whenItLeft]), (page) =>
        on.store.read((reads) => reads.events({ accountId: "acct_p", livemode: false, connectedTo }, page)),
      );
      const inLive = await on.store.read((reads) =>
        reads.events({ accountId: "acct_p", livemode: true, connectedTo: { ...connectedTo, applicationId: null } }, { limit: 10 }),
      );
      expect(idsOf(inLive.rows)).toEqual([live.id]);
      const typed = await on.store.read((reads) =>
        reads.events({ accountId: "acct_p", livemode: false, connectedTo, deliverySuccess: false }, { limit: 10 }),
      );
      expect(typed.rows).toEqual([]);
    });

    test("of events is in the order they were inserted, whatever their ids and times", async () => {
      const rows = ["evt_m", "evt_z", "evt_a", "evt_k"].map((id, index) => on.make.event({ id, created: START - index }));
      for (const row of rows) await on.write((tx) => tx.insertEvents([row], []));
      await expectPages(newestFirst(rows), (page) => on.store.read((reads) => reads.events(OWNER, page)));
    });

    test("of events finds those with more than a thousand others between them", async () => {
      const rows = Array.from({ length: 2_400 }, (_, n) => on.make.event({ type: n % 1_100 === 0 ? "payout.failed" : "payout.paid" }));
      await on.write((tx) => tx.insertEvents(rows, []));
      const rare = newestFirst(rows.filter(({ type }) => type === "payout.failed"));
      const connectedTo = { platformId: OWNER.accountId, applicationId: null, exceptTypes: [] };
      for (const given of [{ types: ["payout.failed"] }, { typePattern: "*.failed" }, { exceptTypes: ["payout.paid"] }])
        for (const filter of [given, { ...given, connectedTo }])
          await expectPages(rare, (page) => on.store.read((reads) => reads.events({ ...OWNER, ...filter }, page)));
    });

    test("of deliveries is by the endpoint's owner, endpoint, event and state", async () => {
      const [one, two] = (await on.make.endpoints(on.store, 2)) as [EndpointRow, EndpointRow];
      const other = await on.oneEndpoint({ accountId: "acct_other" });
      const rows = await on.make.owe(on.store, one, 4);
      const event = rows[0]?.event as NewDelivery["event"];
      const second = on.make.delivery(event, two);
      const theirs = on.make.delivery(event, other);
      await on.write((tx) => tx.insertDeliveries([second, theirs]));
      const all = [...rows, second];
      await expectPages(newestFirst(all), (page) => on.store.read((reads) => reads.deliveries(OWNER, page)));
      await expectPages(newestFirst(rows), (page) => on.store.read((reads) => reads.deliveries({ ...OWNER, endpointId: one.id }, page)));
      const found = async (given: object) =>
        idsOf((await on.store.read((reads) => reads.deliveries({ ...OWNER, ...given }, { limit: 10 }))).rows);
      expect(await found({ eventId: event.id })).toEqual([second.id, rows[0]?.id]);
      expect(await found({ eventId: event.id, endpointId: two.id })).toEqual([second.id]);
      const claims = await on.store.claimDue(claimRequest());
      const [a, b, c] = rows.map(({ id }) => claims.find(({ deliveryId }) => deliveryId === id)) as [Claim, Claim, Claim];
      await on.settleAll([a], { state: "succeeded" });
      await on.settleAll([b], { state: "exhausted" });
      await on.settleAll([c], { state: "cancelled" });
      expect(await found({ state: "succeeded" })).toEqual([rows[0]?.id]);
      expect(await found({ state: "exhausted" })).toEqual([rows[1]?.id]);
      expect(await found({ state: "cancelled" })).toEqual([rows[2]?.id]);
      expect(await found({ state: "pending" })).toEqual([second.id, rows[3]?.id]);
      const theirEvent = on.make.event({ accountId: "acct_connected" });
      const late = { ...on.make.delivery(theirEvent, one), created: START + 60_000 };
      await on.write(async (tx) => {
        await tx.insertEvents([theirEvent], []);
        await tx.insertDeliveries([late]);
      });
      expect(await found({ eventAccountId: "acct_connected" })).toEqual([late.id]);
      expect(await found({ eventAccountId: "acct_none" })).toEqual([]);
      expect(await found({ created: { gte: START + 60_000 } })).toEqual([late.id]);
      expect(await found({ created: { lt: START + 60_000 }, state: "exhausted" })).toEqual([rows[1]?.id]);
      expect(await found({ state: "exhausted", eventId: event.id })).toEqual([]);
      expect(await found({ state: "succeeded", eventId: event.id, endpointId: one.id })).toEqual([rows[0]?.id]);
    });
  });
}
