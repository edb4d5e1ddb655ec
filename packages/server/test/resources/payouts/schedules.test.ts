import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { fund } from "../money/payable-account.ts";
import { type PayoutStory, payoutStory } from "./payout-story.ts";

/** The days on which an account was paid out by its schedule, the first first. */
async function paidOn({ stripe, as }: PayoutStory): Promise<string[]> {
  const { data } = await stripe.payouts.list({ limit: 100 }, as);
  return data
    .filter(({ automatic }) => automatic)
    .map(({ created }) => new Date(created * 1_000).toISOString())
    .reverse();
}

/** Days after the Monday of the story, as times. */
const daysAfter = ({ monday }: PayoutStory, ...days: number[]) =>
  days.map((day) => new Date((monday + day * 24 * 3_600) * 1_000).toISOString());

/** Brings funds in at noon of so many days in a row. */
async function fundDaily(story: PayoutStory, days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    await story.until(day, 12);
    await fund(story.stripe, story, 1_000);
  }
}

describe("a schedule, run by the clock", () => {
  test("daily pays at the start of each business day, all there is", async () => {
    const story = await payoutStory({ schedule: { interval: "daily" } });
    await fundDaily(story, 9);
    await story.until(10);
    expect(await paidOn(story)).toEqual(daysAfter(story, 1, 2, 3, 4, 7, 8, 9));
    const balance = await story.stripe.balance.retrieve({}, story.as);
    expect(balance.available[0]?.amount).toBe(0);
  });

  test("leaves the account's minimum balance", async () => {
    const story = await payoutStory({ schedule: { interval: "daily" } });
    const { stripe, as } = story;
    const minimum = async (least: NonNullable<Stripe.BalanceSettingsUpdateParams.Payments.Payouts["minimum_balance_by_currency"]>) => {
      const { payments } = await stripe.balanceSettings.update({ payments: { payouts: { minimum_balance_by_currency: least } } }, as);
      return payments.payouts?.minimum_balance_by_currency;
    };
    expect(await minimum({ usd: 2_500, cad: 8_000 })).toEqual({ usd: 2_500, cad: 8_000 });
    const [told] = (await stripe.events.list({ type: "balance_settings.updated" }, as)).data;
    expect(told?.data.previous_attributes).toMatchObject({ payments: { payouts: { minimum_balance_by_currency: null } } });
    await fundDaily(story, 5);
    await story.until(8);
    const { data } = await stripe.payouts.list({}, as);
    expect(data.map(({ amount }) => amount)).toEqual([1_000, 1_000, 500]);
    expect((await stripe.balance.retrieve({}, as)).available[0]?.amount).toBe(2_500);

    expect(await minimum({ cad: "" })).toEqual({ usd: 2_500 });
    expect(await minimum("")).toBeNull();
    await story.until(9);
    expect((await stripe.balance.retrieve({}, as)).available[0]?.amount).toBe(0);
  });

  test("weekly pays on its day, and monthly on the last day of a month that is too short", async () => {
    const weekly = await payoutStory({ schedule: { interval: "weekly", weekly_anchor: "thursday" } });
    await fundDaily(weekly, 11);
    await weekly.until(14);
    expect(await paidOn(weekly)).toEqual(daysAfter(weekly, 3, 10));

    const monthly = await payoutStory({ schedule: { interval: "monthly", monthly_anchor: 31 } });
    for (let month = 0; month < 5; month++) {
      await fund(monthly.stripe, monthly, 1_000);
      await monthly.until(32 * (month + 1));
    }
    const days = await paidOn(monthly);
    expect(days.length).toBeGreaterThanOrEqual(4);
    for (const day of days) {
      const next = new Date(Date.parse(day) + 24 * 3_600_000);
      expect([day.slice(10), next.getUTCDate()]).toEqual(["T00:00:00.000Z", 1]);
    }
  });

  test("manual pays nothing; a change of the schedule holds from the next midnight", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 1_000);
    await story.until(3, 12);
    expect(await paidOn(story)).toEqual([]);
    const change = (schedule: Stripe.AccountUpdateParams.Settings.Payouts.Schedule) =>
      story.stripe.accounts.update(story.id, { settings: { payouts: { schedule } } });
    await change({ interval: "monthly", monthly_anchor: 1 });
    await change({ interval: "daily" });
    await story.until(5);
    expect(await paidOn(story)).toEqual(daysAfter(story, 4));
    await change({ interval: "manual" });
    await fund(story.stripe, story, 1_000);
    await story.until(20);
    expect(await paidOn(story)).toHaveLength(1);
  });

  test("pays what ordinary charges bring when their delay is over", async () => {
    const story = await payoutStory({ schedule: { interval: "daily" } });
    await story.stripe.paymentIntents.create({ amount: 5_000, currency: "usd", confirm: true, payment_method: "pm_card_visa" }, story.as);
    await story.until(1, 12);
    expect(await paidOn(story)).toEqual([]);
    await story.until(4);
    expect(await paidOn(story)).toEqual(daysAfter(story, 2));
  });
});

describe("an automatic payout", () => {
  test("tells of itself without a request, and its transactions can be listed once it is in transit", async () => {
    const story = await payoutStory({ schedule: { interval: "daily" } });
    const funds = (await fund(story.stripe, story, 2_000)) + (await fund(story.stripe, story, 3_000));
    await story.told();
    await story.until(4);
    const told = await story.told();
    expect(told.map(({ type, request }) => [type, request])).toEqual([
      ["payout.created", null],
      ["payout.updated", null],
      ["payout.reconciliation_completed", null],
      ["payout.paid", null],
    ]);
    expect(told.map(({ object }) => object.reconciliation_status)).toEqual(["in_progress", "in_progress", "completed", "completed"]);
    expect(told[1]?.previous).toEqual({ status: "pending" });
    expect(told[2]?.previous).toBeUndefined();
    const [payout] = (await story.stripe.payouts.list({}, story.as)).data;
    expect(payout).toMatchObject({ automatic: true, amount: funds, description: "STRIPE PAYOUT", status: "paid", metadata: {} });
    const { data } = await story.stripe.balanceTransactions.list({ payout: payout?.id ?? "" }, story.as);
    expect(data.map(({ type }) => type)).toEqual(["payout", "charge", "charge"]);
    expect(data.reduce((sum, { net }) => sum + net, 0)).toBe(0);
  });

  test("a balance below zero is debited from the bank account where that is allowed", async () => {
    const story = await payoutStory({ schedule: { interval: "daily" }, more: {} });
    await story.stripe.accounts.update(story.id, { settings: { payouts: { debit_negative_balances: true } } });
    const intent = await story.stripe.paymentIntents.create(
      { amount: 5_000, currency: "usd", confirm: true, payment_method: "pm_card_bypassPending" },
      story.as,
    );
    await story.until(1, 12);
    await story.stripe.refunds.create({ payment_intent: intent.id }, story.as);
    const owed = (await story.stripe.balance.retrieve({}, story.as)).available[0]?.amount ?? 0;
    expect(owed).toBeLessThan(0);
    await story.told();
    await story.until(2);
    const [debit] = (await story.stripe.payouts.list({ limit: 1 }, story.as)).data;
    expect(debit).toMatchObject({ amount: owed, automatic: true, reconciliation_status: "not_applicable" });
    await story.until(10);
    expect((await story.stripe.balance.retrieve({}, story.as)).available[0]?.amount).toBe(0);
    expect((await story.stripe.payouts.list({}, story.as)).data).toHaveLength(2);
  });

  test("a balance below zero is left alone otherwise", async () => {
    const story = await payoutStory({ schedule: { interval: "daily" } });
    const intent = await story.stripe.paymentIntents.create(
      { amount: 5_000, currency: "usd", confirm: true, payment_method: "pm_card_bypassPending" },
      story.as,
    );
    await story.until(1, 12);
    await story.stripe.refunds.create({ payment_intent: intent.id }, story.as);
    await story.until(10);
    expect((await story.stripe.payouts.list({}, story.as)).data).toHaveLength(1);
  });
});
