import { describe, expect, test } from "vitest";
import type { Transaction } from "../../../src/store/contract/transaction.ts";
import { numberedRequest } from "../numbered-request.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimRequest, IN_A_MINUTE, OpenedStore } from "./opened-store.ts";

/** Erasing an account, in steps. */
export function erasureConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  const key = (hash: string, accountId: string) =>
    ({
      hash,
      accountId,
      livemode: true,
      kind: "secret",
      hint: "",
      created: START,
      expiresAt: null,
      grant: null,
      permissions: null,
    }) as const;
  const answer = (scope: string, key = "k", about: string | null = null) =>
    ({ scope, key, fingerprint: "f", status: 200, body: "{}", requestId: "req_1", created: START, about }) as const;

  /** Gives an account one of everything. Its event goes to a platform's endpoint, and the platform's to its own. */
  async function fill(tx: Transaction, id: string, platformId: string): Promise<string[]> {
    await tx.insertAccount(on.make.account({ id, data: { createdBy: platformId } }));
    await tx.insertConnection({ platformId, accountId: id, livemode: false, created: START, controller: true, scope: "read_write" });
    await tx.insertApplication({ id: `ca_${id}`, accountId: id, livemode: false, name: "", redirectUris: [] });
    await tx.insertKey(key(`hash_${id}`, id));
    await tx.noteKeyUse(`hash_${id}`, START, START);
    await tx.insertObject(on.make.object({ id: `cus_${id}`, accountId: id }));
    await tx.scheduleTask({ accountId: id, livemode: false, kind: "payout", subject: "po", dueAt: START });
    for (const scope of [`${id}/${id}/test`, `${platformId}/${id}/test`]) await tx.insertIdempotentAnswer(answer(scope));
    // What its platform has of it: the answer to the call that made it, and a token that was used for it.
    await tx.insertIdempotentAnswer(answer(`${platformId}//test`, `made_${id}`, id));
    await tx.insertObject(on.make.object({ id: `tok_${id}`, object: "token", accountId: platformId, parent: id }));
    const own = on.make.endpoint({ accountId: id });
    const theirs = on.make.endpoint({ accountId: platformId, connect: true });
    const happened = on.make.event({ accountId: id });
    const elsewhere = on.make.event({ accountId: "acct_elsewhere" });
    for (const endpoint of [own, theirs]) await tx.insertEndpoint(endpoint);
    await tx.insertEvents([happened, elsewhere], [{ eventId: happened.id, variant: "v", body: happened.body }]);
    const owed = [on.make.delivery(happened, theirs), on.make.delivery(happened, own), on.make.delivery(elsewhere, own)];
    await tx.insertDeliveries(owed);
    return [...owed.map((one) => one.id), happened.id, own.id];
  }

  async function repeated(step: (tx: Transaction) => Promise<number>): Promise<number[]> {
    const steps: number[] = [];
    for (;;) {
      const done = await on.store.transaction(step);
      if (done === 0) return steps;
      steps.push(done);
    }
  }

  /** Erases accounts as one erasure. Returns what the steps did that look through the rows of others. */
  async function eraseAll(ids: readonly string[], limit: number): Promise<{ own: number[]; others: number[] }> {
    const own: number[] = [];
    const erasure = ids.at(-1) as string;
    for (const accountId of ids) own.push(...(await repeated((tx) => tx.eraseRows({ accountId, erasure, now: START }, limit))));
    return { own, others: await repeated((tx) => tx.eraseAmongOthers(erasure, limit)) };
  }

  describe("an account that is erased", () => {
    test.each([3, 1_000])("is gone with all that is its own, in steps of about %d rows, and nothing of others is", async (limit) => {
      const ids: Record<string, string[]> = {};
      await on.write(async (tx) => {
        for (const id of ["acct_gone", "acct_stays"]) ids[id] = await fill(tx, id, "acct_platform");
        await tx.insertAudit({
          at: START,
          act: "account.erased",
          accountId: "acct_gone",
          subject: "acct_gone",
          by: "",
          from: null,
          detail: {},
        });
        await tx.scheduleTask({ accountId: "acct_gone", livemode: false, kind: "erase", subject: "acct_gone", dueAt: START });
      });
      // One delivery was tried, and one is under way.
      const claims = await on.store.claimDue(claimRequest());
      await on.settleAll(claims.slice(0, 1), { state: "pending", dueAt: IN_A_MINUTE });
      const { own: steps, others } = await eraseAll(["acct_gone"], limit);
      if (limit === 3) expect(Math.max(...steps, ...others)).toBeLessThan(limit + 3);
      await on.store.read(async (reads) => {
        const left = async (id: string) => [
          await reads.account(id),
          await reads.application(id, false),
          await reads.keyByHash(`hash_${id}`),
          await reads.object(`cus_${id}`),
          await reads.idempotentAnswer(`${id}/${id}/test`, "k", 0),
          await reads.idempotentAnswer(`acct_platform/${id}/test`, "k", 0),
          await reads.idempotentAnswer("acct_platform//test", `made_${id}`, 0),
          await reads.object(`tok_${id}`),
          ...(await reads.connections("acct_platform", id)),
          ...(await reads.tasks({ accountId: id, livemode: false })).filter(({ kind }) => kind !== "erase"),
          await reads.delivery(ids[id]?.[0] ?? ""),
          await reads.delivery(ids[id]?.[1] ?? ""),
          await reads.delivery(ids[id]?.[2] ?? ""),
          await reads.event(ids[id]?.[3] ?? ""),
          await reads.endpoint(ids[id]?.[4] ?? ""),
        ];
        expect((await left("acct_gone")).filter((row) => row !== null)).toEqual([]);
        expect((await left("acct_stays")).filter((row) => row === null)).toEqual([]);
        expect((await reads.audit({ accountId: "acct_gone" }, { limit: 10 })).rows).toHaveLength(1);
        expect(await reads.tasks({ accountId: "acct_gone", livemode: false })).toHaveLength(1);
        expect(await reads.endpoints({ accountId: "acct_platform", livemode: false }, { limit: 10 })).toMatchObject({
          rows: { length: 2 },
        });
      });
      // What was under way ends: for what is gone it is refused, and the check of an endpoint that is gone changes
      // nothing.
      const gone = new Set(ids.acct_gone);
      const { refused } = await on.settleAll(claims.slice(1), { state: "succeeded" });
      expect(refused.toSorted()).toEqual(
        claims
          .slice(1)
          .flatMap(({ deliveryId }) => (gone.has(deliveryId) ? [deliveryId] : []))
          .toSorted(),
      );
      const [own] = claims.filter(({ endpoint }) => endpoint.id === ids.acct_gone?.[4]);
      if (own === undefined) throw new Error("nothing was owed to the endpoint");
      const { checked } = await on.store.settle([], [{ endpointId: own.endpoint.id, warningMs: 1, failingMs: 1 }]);
      expect(checked).toMatchObject([{ endpointId: own.endpoint.id, troubled: false, changes: [], turn: null }]);
      await on.store.purge();
    });

    test("is looked for among the requests and answers of others, some in each step, once for all that go with it", async () => {
      const limit = 2;
      const others = Array.from({ length: 60 }, (_, n) => n);
      const gone = ["acct_gone1", "acct_gone2", "acct_gone3"];
      const owners = new Map([7, 31, 59].map((n, nth) => [n, gone[nth] as string]));
      owners.set(40, "acct_stays");
      await on.write(async (tx) => {
        for (const id of [...gone, "acct_stays"]) await fill(tx, id, "acct_platform");
        for (const n of others)
          await tx.insertIdempotentAnswer({
            ...answer("acct_platform//test", `k${n}`, owners.get(n) ?? null),
            created: START + n,
          });
      });
      await on.store.requests.insert(
        others.map((n) => numberedRequest(n, { callerId: "acct_platform", accountId: owners.get(n) ?? "acct_platform" })),
      );
      const steps = (await eraseAll(gone, limit)).others;
      // On PostgreSQL ten rows are looked at for each that may go, on SQLite one. At last it is forgotten who was
      // looked for.
      expect(steps.length).toBeGreaterThan(6);
      expect(steps.length).toBeLessThan((2 * others.length + 16) / limit + 4);
      await on.store.read(async (reads) => {
        for (const n of others) {
          const kept = [await reads.request(`req_${n}`), await reads.idempotentAnswer("acct_platform//test", `k${n}`, 0)];
          expect(kept.map((row) => row !== null)).toEqual(Array(2).fill(!gone.includes(owners.get(n) ?? "")));
        }
      });
      expect(await eraseAll(gone, limit)).toEqual({ own: [], others: [] });
    });

    test("keeps nothing that is written late: by it or for it, or that shows it", async () => {
      await on.write(async (tx) => {
        for (const id of ["acct_gone", "acct_stays"]) await fill(tx, id, "acct_platform");
      });
      await eraseAll(["acct_gone"], 1_000);
      await on.store.requests.insert([
        numberedRequest(1, { callerId: "acct_gone", accountId: "acct_gone" }),
        numberedRequest(2, { callerId: "acct_platform", accountId: "acct_gone" }),
        numberedRequest(3, { callerId: "acct_platform", accountId: "acct_stays" }),
        numberedRequest(4, { callerId: "acct_platform", accountId: "acct_platform" }),
      ]);
      const late = [
        answer("acct_gone/acct_gone/test", "late"),
        answer("acct_platform/acct_gone/live/operator", "late"),
        answer("acct_platform/acct_platform/test", "about", "acct_gone"),
        answer("acct_platform/acct_stays/test", "late"),
        answer("acct_platform/acct_platform/test", "late", "acct_stays"),
      ];
      for (const row of late) await on.write((tx) => tx.insertIdempotentAnswer(row));
      await on.store.read(async (reads) => {
        const requests = [1, 2, 3, 4].map(async (n) => (await reads.request(`req_${n}`)) !== null);
        expect(await Promise.all(requests)).toEqual([false, false, true, true]);
        const answers = late.map(async ({ scope, key }) => (await reads.idempotentAnswer(scope, key, 0)) !== null);
        expect(await Promise.all(answers)).toEqual([false, false, false, true, true]);
      });
    });

    test("is known to be gone as long as a request or an answer from before that is kept", async () => {
      await on.write((tx) => tx.insertAccount(on.make.account({ id: "acct_gone" })));
      await eraseAll(["acct_gone"], 10);
      const isKnown = async (n: number) => {
        await on.store.requests.insert([numberedRequest(n, { callerId: "acct_gone", accountId: "acct_gone" })]);
        return (await on.store.read((reads) => reads.request(`req_${n}`))) === null;
      };
      const pruned = (answersBefore: number, requestsBefore: number) =>
        on.store.prune({ now: START, eventsBefore: 0, answersBefore, requestsBefore, limit: 10 });
      expect([await pruned(START + 1, START), await pruned(START, START + 1), await isKnown(1)]).toEqual([0, 0, true]);
      expect([await pruned(START + 1, START + 1), await isKnown(2)]).toEqual([1, false]);
    });

    test("is found by the platform that created it, once it was deleted", async () => {
      const made = (createdBy: string, deleted: boolean) => on.make.account({ deleted, data: { createdBy } });
      const rows = [made("acct_p", true), made("acct_p", false), made("acct_q", true), on.make.account({ deleted: true })];
      await on.write(async (tx) => {
        for (const row of rows) await tx.insertAccount(row);
      });
      expect(await on.store.read((reads) => reads.deletedAccounts("acct_p", 10))).toEqual([rows[0]?.id]);
      const all = rows.map(({ id, data }) => ({ id, createdBy: (data.createdBy as string | undefined) ?? null }));
      all.sort((one, other) => (one.id < other.id ? -1 : 1));
      expect(await on.store.read((reads) => reads.creators("", 10))).toEqual(all);
      expect(await on.store.read((reads) => reads.creators(all[0]?.id ?? "", 2))).toEqual(all.slice(1, 3));
    });
  });
}
