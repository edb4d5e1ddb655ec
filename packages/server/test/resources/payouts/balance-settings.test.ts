import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { officialTypeErrors } from "../../official-types.ts";
import { platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

test("are what the account's own settings say, and each way of changing them is told in both", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id } = await stripe.accounts.create({ type: "custom", country: "US" });
  const as = { stripeAccount: id };
  const told = async () => (await stripe.events.list({ limit: 2 }, as)).data.map(({ type }) => type).reverse();
  const { lastResponse: _, ...fresh } = await stripe.balanceSettings.retrieve({}, as);
  expect(fresh).toEqual({
    object: "balance_settings",
    payments: {
      debit_negative_balances: false,
      payouts: {
        automatic_transfer_rules_by_currency: {},
        minimum_balance_by_currency: null,
        schedule: { interval: "daily" },
        statement_descriptor: null,
        status: "disabled",
      },
      settlement_timing: { delay_days: 2, start_of_day: null },
    },
  });
  const changed = await stripe.balanceSettings.update(
    {
      payments: {
        debit_negative_balances: true,
        payouts: { schedule: { interval: "weekly", weekly_payout_days: ["monday", "thursday"] }, statement_descriptor: "RIDES" },
        settlement_timing: { delay_days_override: 7 },
      },
    },
    as,
  );
  expect(changed.payments).toMatchObject({
    payouts: { schedule: { interval: "weekly", weekly_payout_days: ["monday", "thursday"] } },
    settlement_timing: { delay_days: 7, delay_days_override: 7 },
  });
  expect(await told()).toEqual(["account.updated", "balance_settings.updated"]);
  expect((await stripe.accounts.retrieve(id)).settings?.payouts).toMatchObject({
    debit_negative_balances: true,
    schedule: { interval: "weekly", weekly_payout_days: ["monday", "thursday"], delay_days: 7 },
    statement_descriptor: "RIDES",
  });
  await stripe.accounts.update(id, {
    settings: { payouts: { schedule: { interval: "monthly", monthly_anchor: 5, delay_days: "minimum" } } },
  });
  const [, event] = (await stripe.events.list({ limit: 2 }, as)).data.reverse();
  expect(event).toMatchObject({
    type: "balance_settings.updated",
    data: {
      object: {
        payments: { payouts: { schedule: { interval: "monthly", monthly_payout_days: [5] } }, settlement_timing: { delay_days: 2 } },
      },
      previous_attributes: { payments: { settlement_timing: { delay_days: 7, delay_days_override: 7 } } },
    },
  });
  expect(await officialTypeErrors([{ type: "BalanceSettings", value: event?.data.object }])).toEqual([]);
  const events = (await stripe.events.list({}, as)).data.length;
  await stripe.balanceSettings.update({ payments: { settlement_timing: { delay_days_override: "" } } }, as);
  expect((await stripe.events.list({}, as)).data).toHaveLength(events);
});

test("are for whoever controls the account, and refuse what cannot be", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const custom = { stripeAccount: (await stripe.accounts.create({ type: "custom", country: "US" })).id };
  const standard = { stripeAccount: (await stripe.accounts.create({ type: "standard", country: "US" })).id };
  const days = (delay_days_override: number) => ({ payments: { settlement_timing: { delay_days_override } } });
  for (const delay of [1, 32])
    expect(await refusal(stripe.balanceSettings.update(days(delay), custom))).toMatchObject({
      status: 400,
      param: "payments[settlement_timing][delay_days_override]",
    });
  const weekend = { payments: { payouts: { schedule: { interval: "weekly", weekly_payout_days: ["saturday"] } } } };
  expect(await refusal(stripe.balanceSettings.update(weekend as never, custom))).toMatchObject({
    status: 400,
    param: "payments[payouts][schedule][weekly_payout_days][0]",
  });
  expect(await refusal(stripe.balanceSettings.update(days(9), standard))).toMatchObject({ status: 403 });
  expect((await stripe.balanceSettings.retrieve({}, custom)).payments.settlement_timing).toEqual({ delay_days: 2, start_of_day: null });
  expect((await stripe.balanceSettings.retrieve()).payments.payouts?.status).toBe("enabled");
});

test("hold funds no shorter than the platform holds its own, whichever call says so", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id } = await stripe.accounts.create({ type: "custom", country: "US" });
  const held = (delay_days: number | "minimum") => ({ settings: { payouts: { schedule: { delay_days } } } });
  await stripe.balanceSettings.update({ payments: { settlement_timing: { delay_days_override: 10 } } });
  const asked: [Promise<unknown>, string][] = [
    [stripe.accounts.update(id, held(9)), "settings[payouts][schedule][delay_days]"],
    [stripe.accounts.create({ type: "custom", country: "US", ...held(9) }), "settings[payouts][schedule][delay_days]"],
    [
      stripe.balanceSettings.update({ payments: { settlement_timing: { delay_days_override: 9 } } }, { stripeAccount: id }),
      "payments[settlement_timing][delay_days_override]",
    ],
  ];
  expect(await refusals(asked.map(([call]) => call))).toMatchObject(
    asked.map(([, param]) => ({ status: 400, param, message: expect.stringContaining("between 10 and 31") })),
  );
  expect((await stripe.accounts.update(id, held(10))).settings?.payouts?.schedule.delay_days).toBe(10);
  expect((await stripe.accounts.update(id, held("minimum"))).settings?.payouts?.schedule.delay_days).toBe(2);
});
