import { describe, expect, test } from "vitest";
import type { Page, PageOf, Reads, Transaction } from "../../../src/store/contract/transaction.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { OpenedStore, OWNER } from "./opened-store.ts";

/** More rows than a read looks at in one go, by some thousands. */
const MANY = 4_500;
/** Rows that are written together. */
const AT_ONCE = 500;
/** One in so many fits. */
const RARE = 2_100;

/** Reads that look at many rows: pages are whole, and nobody waits for them. */
export function longReadConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);
  const fits = (n: number): boolean => n % RARE === 0;
  const numbers = Array.from({ length: MANY }, (_, n) => n);
  const named = (prefix: string, n: number): string => `${prefix}_${String(n).padStart(6, "0")}`;
  const rare = (prefix: string): string[] =>
    numbers
      .filter(fits)
      .reverse()
      .map((n) => named(prefix, n));

  const customers = (name: string, page: Page) => (reads: Reads) => reads.objects({ ...OWNER, object: "customer", where: { name } }, page);

  async function makeCustomers(): Promise<void> {
    await on.write(async (tx) => {
      for (const n of numbers) await tx.insertObject(on.make.object({ id: named("cus", n), data: { name: fits(n) ? "Zoë" : "Jenny" } }));
    });
  }

  async function connect(tx: Transaction, n: number): Promise<void> {
    const id = named("acct", n);
    await tx.insertAccount(on.make.account({ id, created: fits(n) ? START : START + 1 }));
    await tx.insertConnection({
      ...{ platformId: OWNER.accountId, accountId: id, livemode: false },
      ...{ created: START, controller: true, scope: "read_write" },
    });
  }

  /** Checks every page of a list, from the newest to the oldest and back. */
  async function expectPages(expected: readonly string[], list: (page: Page) => Promise<PageOf<{ id: string }>>): Promise<void> {
    const older: string[] = [];
    const newer: string[] = expected.slice(-1);
    for (const [found, next] of [
      [older, () => (older.length === 0 ? {} : { startingAfter: older.at(-1) as string })],
      [newer, () => ({ endingBefore: newer.at(-1) as string })],
    ] as const)
      for (let more = true; more; ) {
        const { rows, hasMore } = await list({ limit: 1, ...next() });
        found.push(...rows.map(({ id }) => id));
        more = hasMore;
      }
    expect([older, newer.reverse()]).toEqual([expected, expected]);
    expect(await list({ limit: 10 })).toMatchObject({ rows: expected.map((id) => ({ id })), hasMore: false });
  }

  describe("a search of many rows", () => {
    test("finds objects, in either direction", async () => {
      await makeCustomers();
      await expectPages(rare("cus"), (page) => on.store.read(customers("Zoë", page)));
      await on.write((tx) => expectPages(rare("cus"), (page) => customers("Zoë", page)(tx)));
    });

    test("finds requests, events and accounts, in either direction", async () => {
      await on.store.requests.insert(
        numbers.map((n) => ({
          ...{
            id: named("req", n),
            at: START,
            machineAt: null,
            callerId: OWNER.accountId,
            livemode: false,
            accountId: fits(n) ? "acct_a" : "acct_b",
          },
          ...{ keyHint: null, method: "GET", route: "/v1/account", path: "/v1/account", status: 200, durationMs: 1 },
          ...{ idempotencyKey: null, replayOf: null, error: null, query: null, params: null, answer: null },
        })),
      );
      const events = numbers.map((n) => on.make.event({ id: named("evt", n), type: fits(n) ? "payout.failed" : "payout.paid" }));
      for (let from = 0; from < MANY; from += AT_ONCE) {
        await on.write(async (tx) => {
          await tx.insertEvents(events.slice(from, from + AT_ONCE), []);
          for (const n of numbers.slice(from, from + AT_ONCE)) await connect(tx, n);
        });
      }
      await expectPages(rare("req"), (page) =>
        on.store.read((reads) => reads.requests({ callerId: OWNER.accountId, livemode: false, accountId: "acct_a" }, page)),
      );
      await expectPages(rare("evt"), (page) => on.store.read((reads) => reads.events({ ...OWNER, exceptTypes: ["payout.paid"] }, page)));
      await expectPages(rare("acct"), (page) =>
        on.store.read((reads) => reads.connectedAccounts({ platformId: OWNER.accountId, livemode: false, created: { lte: START } }, page)),
      );
    });

    test("reads its account, and what else its work needs, in either way", async () => {
      await makeCustomers();
      const account = on.make.account({ id: OWNER.accountId });
      await on.write((tx) => tx.insertAccount(account));
      const seen = await on.store.read(async (reads) => {
        const before = await reads.account(OWNER.accountId);
        const { rows } = await customers("Zoë", { limit: 10 })(reads);
        return [before?.id, rows.length, (await reads.account(OWNER.accountId))?.id, (await reads.object(named("cus", 1)))?.id];
      });
      expect(seen).toEqual([account.id, rare("cus").length, account.id, named("cus", 1)]);
    });
  });
}
