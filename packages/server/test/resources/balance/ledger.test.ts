import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allFunds, fundsOf, instantlyAvailable, pendingOf, readBalance } from "../../../src/resources/balance/balance-state.ts";
import {
  BALANCE_TRANSACTION,
  type LedgerEntry,
  readTransaction,
  renderBalanceTransaction,
} from "../../../src/resources/balance/balance-transaction.ts";
import { BALANCE_TASK, postToLedger } from "../../../src/resources/balance/ledger.ts";
import { releaseFunds } from "../../../src/resources/balance/release-funds.ts";
import { DAY_MS, midnightAfter, nextMidnight } from "../../../src/resources/connected-account/state/utc-day.ts";
import { assignToPayout, batchesOfPayout, transactionsOfBatches } from "../../../src/resources/payouts/payout-batches.ts";
import { START } from "../../store/store-fixture.ts";
import { entry, type LedgerFixture, ledgerFixture } from "./ledger-fixture.ts";

let ledger: LedgerFixture;
beforeEach(async () => {
  ledger = await ledgerFixture();
});
afterEach(() => ledger.close());

const post = (...entries: LedgerEntry[]) => ledger.change((context) => postToLedger(context, ledger.account, entries));
const release = () => ledger.change((context) => releaseFunds(context, ledger.account));
const balance = () => ledger.store.read((reads) => readBalance(reads, ledger.account.id, false, ledger.now));
const tasks = () => ledger.store.read((reads) => reads.tasks({ accountId: ledger.account.id, livemode: false }));

describe("posting", () => {
  test("adds the net of an entry to what is available, or to what will be", async () => {
    const fee = { amount: 59, application: null, currency: "usd", description: "Stripe processing fees", type: "stripe_fee" };
    await post(entry({ fee: 59, feeDetails: [fee] }), entry({ amount: 500, availableOn: START + 2 * DAY_MS }));
    const usd = fundsOf(await balance(), "usd", "card");
    expect(usd.available).toBe(941);
    expect(usd.pending).toEqual([[START + 2 * DAY_MS, 500]]);
    expect(instantlyAvailable(await balance(), "usd")).toBe(1_441);
    expect(await tasks()).toMatchObject([{ kind: BALANCE_TASK, subject: ledger.account.id, dueAt: START + DAY_MS }]);
  });

  test("keeps currencies, kinds of source and modes apart", async () => {
    await post(entry(), entry({ currency: "eur", amount: 7 }), entry({ sourceType: "bank_account", amount: 11 }));
    const after = await balance();
    expect([fundsOf(after, "usd", "card"), fundsOf(after, "eur", "card"), fundsOf(after, "usd", "bank_account")]).toMatchObject([
      { available: 1_000 },
      { available: 7 },
      { available: 11 },
    ]);
    expect((await ledger.store.read((reads) => readBalance(reads, ledger.account.id, true, ledger.now))).funds).toEqual({});
  });

  test("plans nothing once there is nothing left", async () => {
    await post(entry());
    await post(entry({ amount: -1_000, type: "payout" }));
    expect(await tasks()).toEqual([]);
  });

  test("throws for what no caller may post, and changes nothing", async () => {
    for (const wrong of [{ amount: 0.5 }, { fee: 1 }, { availableOn: START + 1 }, { amount: Number.MAX_SAFE_INTEGER + 1 }])
      await expect(post(entry(), entry(wrong))).rejects.toThrow();
    expect((await balance()).funds).toEqual({});
  });
});

describe("releasing", () => {
  test("tells of what is available at once, and of what has become so, once each", async () => {
    await post(entry(), entry({ amount: 500, availableOn: START + DAY_MS }));
    await release();
    await release();
    expect(ledger.recorded.map(({ type, object }) => [type, object.available])).toEqual([
      ["balance.available", [{ amount: 1_000, currency: "usd", source_types: { card: 1_000 } }]],
    ]);
    ledger.now = START + DAY_MS;
    await release();
    await release();
    expect(ledger.recorded.map(({ object }) => [object.available, object.pending])[1]).toEqual([
      [{ amount: 1_500, currency: "usd", source_types: { card: 1_500 } }],
      [{ amount: 0, currency: "usd", source_types: { card: 0 } }],
    ]);
    expect(ledger.recorded).toHaveLength(2);
  });

  test("says nothing of funds that became fewer", async () => {
    await post(entry({ amount: -5 }), entry({ amount: -10, availableOn: START + DAY_MS }));
    ledger.now = START + DAY_MS;
    await release();
    expect(ledger.recorded).toEqual([]);
    expect(fundsOf(await balance(), "usd", "card").available).toBe(-15);
  });
});

test("an automatic payout holds what was available and its own transaction, and nothing that came later", async () => {
  await post(entry({ source: "a", availableOn: START + DAY_MS }), entry({ source: "later", availableOn: START + 2 * DAY_MS }));
  ledger.now = START + DAY_MS + 5;
  await post(entry({ source: "b", amount: 20 }), entry({ currency: "eur", source: "other" }));
  await post(entry({ source: "po_1", type: "payout", amount: -1_020 }));
  await ledger.change((context) => assignToPayout(context, ledger.account, { payoutId: "po_1", currency: "usd", sourceType: "card" }));
  await post(entry({ source: "c" }));
  const sources = (limit: number, cursor: object = {}) =>
    ledger.store.read(async (reads) => {
      const batches = (await batchesOfPayout(reads, "po_1")) ?? [];
      const { rows, hasMore } = await transactionsOfBatches(reads, { accountId: ledger.account.id, livemode: false }, batches, {
        limit,
        ...cursor,
      });
      return { rows, of: rows.map((row) => readTransaction(row).source), hasMore };
    });
  expect(await sources(10)).toMatchObject({ of: ["po_1", "b", "a"], hasMore: false });
  const first = await sources(2);
  expect(first).toMatchObject({ of: ["po_1", "b"], hasMore: true });
  expect(await sources(2, { startingAfter: first.rows[1]?.id })).toMatchObject({ of: ["a"], hasMore: false });
  const last = (await sources(10)).rows[2]?.id;
  expect(await sources(1, { endingBefore: last })).toMatchObject({ of: ["b"], hasMore: true });
  expect(await ledger.store.read((reads) => batchesOfPayout(reads, "po_2"))).toBeNull();
});

test("whatever is posted and however time passes, a balance is the sum of its transactions, and payouts share them out", async () => {
  const posted = fc.record({
    amount: fc.integer({ min: -1_000, max: 1_000 }),
    days: fc.nat(4),
    currency: fc.constantFrom("usd", "eur"),
    sourceType: fc.constantFrom("card" as const, "bank_account" as const),
  });
  const step = fc.oneof(
    { weight: 4, arbitrary: posted },
    { weight: 2, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 60 }) }) },
    { weight: 1, arbitrary: fc.constant({ payout: true } as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const own = await ledgerFixture();
      try {
        const payouts: string[] = [];
        for (const one of steps) {
          if ("wait" in one) own.now += one.wait * 3_600_000;
          else if ("payout" in one) await payOut(own, payouts);
          else
            await own.change((context) =>
              postToLedger(context, own.account, [entry({ ...one, availableOn: midnightAfter(own.now, one.days) })]),
            );
          await own.change((context) => releaseFunds(context, own.account));
          await checkSums(own);
        }
        await checkPayouts(own, payouts);
      } finally {
        await own.close();
      }
    }),
    { numRuns: 60 },
  );
});

/** Pays out everything of one currency and kind that is available, as a schedule does. */
async function payOut(own: LedgerFixture, payouts: string[]): Promise<void> {
  const payoutId = `po_${payouts.length}`;
  await own.change(async (context) => {
    const { available } = fundsOf(await readBalance(context.tx, own.account.id, false, own.now), "usd", "card");
    if (available <= 0) return;
    await postToLedger(context, own.account, [entry({ type: "payout", source: payoutId, amount: -available, availableOn: own.now })]);
    await assignToPayout(context, own.account, { payoutId, currency: "usd", sourceType: "card" });
    payouts.push(payoutId);
  });
}

async function checkSums(own: LedgerFixture): Promise<void> {
  const { state, rows, planned } = await own.store.read(async (reads) => ({
    state: await readBalance(reads, own.account.id, false, own.now),
    rows: (await reads.objects({ object: BALANCE_TRANSACTION, accountId: own.account.id, livemode: false }, { limit: 100 })).rows,
    planned: await reads.tasks({ accountId: own.account.id, livemode: false }),
  }));
  const all = rows.map((row) => renderBalanceTransaction(row, own.now));
  for (const currency of ["usd", "eur"]) {
    const sum = (status: string) =>
      all.filter((one) => one.currency === currency && one.status === status).reduce((total, { net }) => total + Number(net), 0);
    const funds = allFunds(state).filter((one) => one.currency === currency);
    expect(funds.reduce((total, { funds: { available } }) => total + available, 0)).toBe(sum("available"));
    expect(funds.reduce((total, { funds }) => total + pendingOf(funds), 0)).toBe(sum("pending"));
  }
  const anything = allFunds(state).some(({ funds }) => funds.available !== 0 || funds.pending.length > 0);
  expect(planned.map(({ dueAt }) => dueAt)).toEqual(anything ? [nextMidnight(own.now)] : []);
}

async function checkPayouts(own: LedgerFixture, payouts: readonly string[]): Promise<void> {
  const seen = new Set<string>();
  for (const payoutId of payouts) {
    const { rows } = await own.store.read(async (reads) =>
      transactionsOfBatches(reads, { accountId: own.account.id, livemode: false }, (await batchesOfPayout(reads, payoutId)) ?? [], {
        limit: 100,
      }),
    );
    expect(rows.reduce((total, row) => total + readTransaction(row).amount, 0)).toBe(0);
    for (const { id } of rows) {
      expect(seen.has(id)).toBe(false);
      seen.add(id);
    }
  }
}
