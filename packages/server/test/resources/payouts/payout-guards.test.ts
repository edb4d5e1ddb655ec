import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../src/limits.ts";
import { fundsOf, pendingOf, readBalance } from "../../../src/resources/balance/balance-state.ts";
import { readExternalAccount } from "../../../src/resources/connected-account/state/external-account-state.ts";
import { makePayout } from "../../../src/resources/payouts/make-payout.ts";
import { readPayout } from "../../../src/resources/payouts/payout-state.ts";
import { PAYOUT_TASK } from "../../../src/resources/payouts/payout-step.ts";
import { cleanUp } from "../../clean-up.ts";
import { START } from "../../store/store-fixture.ts";
import { BANK, type PayoutsFixture, payoutsFixture } from "./payouts-fixture.ts";

/** The fixtures begin on a Monday. */
const DAY = 24 * 3_600_000;

async function begin(...options: Parameters<typeof payoutsFixture>): Promise<PayoutsFixture> {
  const fixture = await payoutsFixture(...options);
  cleanUp.push(() => fixture.close());
  return fixture;
}

/** The payouts there are, the newest first: what each paid out, of which kind of funds, and when it was made. */
async function paid({ store, account }: PayoutsFixture) {
  const { rows } = await store.read((reads) => reads.objects({ object: "payout", accountId: account.id, livemode: false }, { limit: 100 }));
  return rows.map(readPayout).map(({ row, state: { amount, sourceType } }) => ({ amount, sourceType, day: (row.created - START) / DAY }));
}

const THURSDAYS = { interval: "weekly", weekly_anchor: "thursday" };

test.each([
  ["the payout", START + DAY],
  ["the funds, before the payout,", START - 1],
])("when %s fell due while no server ran, it is made when one runs again, although that is no payout day", async (_, ranUntil) => {
  const fixture = await begin(THURSDAYS);
  await fixture.fund(1_000);
  await fixture.advanceTo(ranUntil);
  fixture.now = START + 5 * DAY;
  await fixture.advanceTo(fixture.now);
  expect(await paid(fixture)).toEqual([{ amount: 1_000, sourceType: "card", day: 5 }]);
});

test("an account that was deleted is paid nothing by its schedule", async () => {
  const fixture = await begin(THURSDAYS);
  await fixture.fund(1_000);
  await fixture.store.transaction((tx) => tx.updateAccount({ ...fixture.account, deleted: true }));
  await fixture.advanceTo(START + 5 * DAY);
  expect(await paid(fixture)).toEqual([]);
});

test("the least that stays of a currency stays once, whatever kinds of funds there are", async () => {
  const fixture = await begin(THURSDAYS, { payouts: { minimum_balance_by_currency: { usd: 2_500 } } });
  await fixture.fund(1_000, "card");
  await fixture.fund(4_000, "bank_account");
  await fixture.advanceTo(START + 5 * DAY);
  expect(await paid(fixture)).toEqual([{ amount: 2_500, sourceType: "bank_account", day: 3 }]);
  const balance = await fixture.change(({ tx, now }) => readBalance(tx, fixture.account.id, false, now));
  const left = (["card", "bank_account"] as const).map((sourceType) => fundsOf(balance, "usd", sourceType).available);
  expect(left).toEqual([1_000, 1_500]);
});

/** A payout that has arrived. */
async function arrived(fixture: PayoutsFixture): Promise<string> {
  await fixture.fund(1_000);
  const { id } = await fixture.call("/v1/payouts", { amount: 1_000, currency: "usd" });
  await fixture.call("/v1/test_helpers/payouts/:payout/pay", {}, String(id));
  return String(id);
}

test("a payout is not reversed while its bank account takes none", async () => {
  const fixture = await begin({ interval: "manual" });
  const id = await arrived(fixture);
  await fixture.changeBank({ status: "errored" });
  await expect(fixture.call("/v1/payouts/:payout/reverse", {}, id)).rejects.toMatchObject({ error: "payouts_not_allowed" });
  await fixture.changeBank({ status: "new" });
  expect(await fixture.call("/v1/payouts/:payout/reverse", {}, id)).toMatchObject({ amount: -1_000, original_payout: id });
});

test("a platform reverses no payout of a Standard account, which does it itself", async () => {
  const fixture = await begin({ interval: "manual" }, { type: "standard" });
  const id = await arrived(fixture);
  const byPlatform = fixture.call("/v1/payouts/:payout/reverse", {}, id, "platform");
  await expect(byPlatform).rejects.toMatchObject({ error: "not_allowed_on_standard_account" });
  expect(await fixture.call("/v1/payouts/:payout/reverse", {}, id)).toMatchObject({ amount: -1_000, original_payout: id });
});

test("an instant payout to a bank account in dollars is refused above instantPayoutUsdCents, and made at it", async () => {
  const fixture = await begin({ interval: "manual" });
  const most = DEFAULT_LIMITS.instantPayoutUsdCents;
  await fixture.fund(2 * most + 1);
  const pay = (amount: number) => fixture.call("/v1/payouts", { amount, currency: "usd", method: "instant" });
  await expect(pay(most + 1)).rejects.toMatchObject({ error: "instant_payouts_limit_exceeded" });
  expect(await pay(most)).toMatchObject({ amount: most, method: "instant" });
});

test.each([
  ["failed", "/v1/test_helpers/payouts/:payout/fail"],
  ["canceled", "/v1/payouts/:payout/cancel"],
])("nothing more is planned for a payout that is %s", async (status, path) => {
  const fixture = await begin({ interval: "manual" });
  await fixture.fund(1_000);
  const { id } = await fixture.call("/v1/payouts", { amount: 1_000, currency: "usd" });
  const planned = () => fixture.store.read((reads) => reads.tasksOfKind(PAYOUT_TASK, 10));
  expect(await planned()).toHaveLength(1);
  expect(await fixture.call(path, {}, String(id))).toMatchObject({ status });
  expect(await planned()).toEqual([]);
});

test("what a reversal would have brought is taken back from what is to come, not from what is there", async () => {
  const fixture = await begin({ interval: "manual" });
  const id = await arrived(fixture);
  const funds = async () => {
    const balance = await fixture.change(({ tx, now }) => readBalance(tx, fixture.account.id, false, now));
    const card = fundsOf(balance, "usd", "card");
    return { available: card.available, pending: pendingOf(card) };
  };
  const reversal = await fixture.call("/v1/payouts/:payout/reverse", {}, id);
  expect(await funds()).toEqual({ available: 0, pending: 1_000 });
  await fixture.call("/v1/payouts/:payout/cancel", {}, String(reversal.id));
  expect(await funds()).toEqual({ available: 0, pending: 0 });
});

test.each([
  [false, { failureCode: "no_account", afterPaid: false }],
  [true, null],
])("a test number decides how a payout ends in test mode alone (live: %s)", async (livemode, ending) => {
  const fixture = await begin({ interval: "manual" });
  await fixture.changeBank({ payoutOutcome: { failureCode: "no_account", instantOnly: false } });
  const made = await fixture.change(async (context) => {
    const row = await context.tx.object(BANK);
    if (row === null) throw new Error("There is no bank account.");
    return makePayout({ ...context, livemode }, fixture.account, {
      amount: 1_000,
      automatic: false,
      currency: "usd",
      description: null,
      destination: readExternalAccount(row),
      metadata: {},
      method: "standard",
      originalPayout: null,
      sourceType: "card",
      statementDescriptor: null,
    });
  });
  expect(made.state.ending).toEqual(ending);
});
