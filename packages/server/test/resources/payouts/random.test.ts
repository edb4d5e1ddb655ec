import { ApiError } from "@carabiner/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { allFunds, pendingOf, readBalance } from "../../../src/resources/balance/balance-state.ts";
import { readTransaction } from "../../../src/resources/balance/balance-transaction.ts";
import { batchesOfPayout } from "../../../src/resources/payouts/payout-batches.ts";
import { PAYOUT_ARROWS, type PayoutStatus } from "../../../src/resources/payouts/payout-state.ts";
import type { JsonObject, ObjectRow } from "../../../src/store/contract/rows.ts";
import { START } from "../../store/store-fixture.ts";
import { BANK, type PayoutsFixture, payoutsFixture } from "./payouts-fixture.ts";

const HOUR = 3_600_000;

type Command =
  | { do: "fund"; amount: number }
  | { do: "pay out"; amount: number; method: "standard" | "instant" }
  | { do: "cancel" | "reverse" | "pay"; pick: number }
  | { do: "fail"; pick: number; at: "now" | "after_paid" }
  | { do: "cure" }
  | { do: "number"; fails: boolean }
  | { do: "wait"; hours: number };

const amount = fc.integer({ min: 1, max: 5_000 });
const pick = fc.nat();
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant("fund" as const), amount }),
  fc.record({ do: fc.constant("pay out" as const), amount, method: fc.constantFrom("standard" as const, "instant" as const) }),
  fc.record({ do: fc.constantFrom("cancel" as const, "reverse" as const, "pay" as const), pick }),
  fc.record({ do: fc.constant("fail" as const), pick, at: fc.constantFrom("now" as const, "after_paid" as const) }),
  fc.record({ do: fc.constant("cure" as const) }),
  fc.record({ do: fc.constant("number" as const), fails: fc.boolean() }),
  fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 72 }) }),
);

/** Does what a command says. What is refused changes nothing, as what is checked afterwards shows. */
async function obey(fixture: PayoutsFixture, asked: Command): Promise<void> {
  const one = (index: number): string => {
    const ids = [...payoutsTold(fixture).keys()];
    return ids[index % Math.max(ids.length, 1)] ?? "po_none";
  };
  try {
    switch (asked.do) {
      case "fund":
        return await fixture.fund(asked.amount);
      case "pay out":
        await fixture.call("/v1/payouts", { amount: asked.amount, currency: "usd", method: asked.method });
        return;
      case "cancel":
      case "reverse":
        await fixture.call(`/v1/payouts/:payout/${asked.do}`, {}, one(asked.pick));
        return;
      case "pay":
        await fixture.call("/v1/test_helpers/payouts/:payout/pay", {}, one(asked.pick));
        return;
      case "fail":
        await fixture.call("/v1/test_helpers/payouts/:payout/fail", { at: asked.at }, one(asked.pick));
        return;
      case "cure":
        return await fixture.changeBank({ status: "new" });
      case "number":
        return await fixture.changeBank({ payoutOutcome: asked.fails ? { failureCode: "no_account", instantOnly: false } : null });
      case "wait":
        return await fixture.advanceTo(fixture.now + asked.hours * HOUR);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** What events told of each payout, in their order. */
function payoutsTold({ recorded }: PayoutsFixture): Map<string, JsonObject[]> {
  const told = new Map<string, JsonObject[]>();
  for (const { type, object } of recorded) {
    if (!type.startsWith("payout.")) continue;
    const id = object.id as string;
    told.set(id, [...(told.get(id) ?? []), object]);
  }
  return told;
}

async function everyTransaction({ store, account }: PayoutsFixture): Promise<ObjectRow[]> {
  const filter = { object: "balance_transaction", accountId: account.id, livemode: false };
  return (await store.read((reads) => reads.objects(filter, { limit: 10_000 }))).rows;
}

/** Checks that what was told, what is kept and what the ledger says agree. */
async function checkAll(fixture: PayoutsFixture): Promise<void> {
  const { store, account, now } = fixture;
  const transactions = (await everyTransaction(fixture)).map((row) => ({ row, ...readTransaction(row) }));
  const sum = (some: readonly { amount: number }[]) => some.reduce((total, each) => total + each.amount, 0);

  for (const [id, told] of payoutsTold(fixture)) {
    const statuses = told.map(({ status }) => status as PayoutStatus);
    expect(statuses[0]).toBe("pending");
    for (const [index, status] of statuses.entries()) {
      const before = statuses[index - 1];
      if (before !== undefined && before !== status) expect(PAYOUT_ARROWS[before]).toContain(status);
    }
    const kept = (await store.read((reads) => reads.object(id)))?.data;
    expect(kept?.status).toBe(statuses.at(-1));
    const own = transactions.filter(({ source }) => source === id);
    const undone = kept?.status === "failed" || kept?.status === "canceled";
    expect(sum(own)).toBe(undone ? 0 : -(kept?.amount as number));
    expect(told.at(-1)?.failure_balance_transaction !== null).toBe(undone);
    expect(told.at(-1)?.failure_code !== null).toBe(kept?.status === "failed");
    const batches = await store.read((reads) => batchesOfPayout(reads, id));
    if (batches !== null) expect(sum(transactions.filter(({ row }) => batches.includes(row.parent ?? "")))).toBe(0);
    else expect(kept?.automatic === true && (kept.amount as number) > 0).toBe(false);
  }

  const balance = await store.read((reads) => readBalance(reads, account.id, false, now));
  const held = allFunds(balance).reduce((total, { funds }) => total + funds.available + pendingOf(funds), 0);
  expect(held).toBe(sum(transactions));
}

test.each([[{ interval: "manual" }], [{ interval: "daily" }]])(
  "payouts with the schedule %j always move along the arrows, and the money adds up",
  async (schedule) => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
        const fixture = await payoutsFixture(schedule);
        try {
          for (const asked of commands) await obey(fixture, asked);
          await fixture.advanceTo(fixture.now + 30 * 24 * HOUR);
          await checkAll(fixture);
          // Whatever happens has happened by then: nothing is left on its way, but what a payout day makes anew.
          for (const [id, told] of payoutsTold(fixture)) {
            const { status, automatic } = told.at(-1) ?? {};
            if (automatic !== true) expect(["paid", "failed", "canceled"], id).toContain(status);
          }
        } finally {
          await fixture.close();
        }
      }),
      { numRuns: 60 },
    );
  },
);

test("nothing is paid out to a bank account that is errored, by schedule or by hand, until it is updated", async () => {
  const fixture = await payoutsFixture({ interval: "daily" });
  try {
    await fixture.changeBank({ payoutOutcome: { failureCode: "no_account", instantOnly: false } });
    await fixture.fund(1_000);
    await fixture.advanceTo(START + 30 * 24 * HOUR);
    expect(payoutsTold(fixture).size).toBe(1);
    expect((await fixture.store.read((reads) => reads.object(BANK)))?.data.status).toBe("errored");
    for (const destination of [{}, { destination: BANK }])
      await expect(fixture.call("/v1/payouts", { amount: 1, currency: "usd", ...destination })).rejects.toMatchObject({
        error: "payouts_not_allowed",
        param: "destination",
      });
    await fixture.changeBank({ status: "new", payoutOutcome: null });
    await fixture.advanceTo(fixture.now + 7 * 24 * HOUR);
    expect([...payoutsTold(fixture).values()].map((told) => told.at(-1)?.status)).toEqual(["failed", "paid"]);
  } finally {
    await fixture.close();
  }
});
