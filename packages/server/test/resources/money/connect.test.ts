import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { type Platform, platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";
import { topUp } from "./payable-account.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

interface Connected extends Platform {
  stripe: Stripe;
  /** A connected account that may charge and be sent money, and the option that acts for it. */
  connected: string;
  as: { stripeAccount: string };
}

async function connected(params: Stripe.AccountCreateParams = { type: "custom" }): Promise<Connected> {
  const platform = await platformOfItsOwn(server);
  const { id } = await platform.test.accounts.create({
    ...params,
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
  });
  return { ...platform, stripe: platform.test, connected: id, as: { stripeAccount: id } };
}

const paid = { amount: 10_000, currency: "usd", payment_method: "pm_card_visa", confirm: true } as const;

/** The events of an account about money, oldest first. */
async function told(stripe: Stripe, as?: Stripe.RequestOptions): Promise<string[]> {
  const { data } = await stripe.events.list({ limit: 100 }, as);
  return data
    .map(({ type }) => type)
    .filter((type) => !/^(account|capability|person)\./.test(type))
    .reverse();
}

/** What an account has of a currency, available and pending. */
async function has(stripe: Stripe, as?: Stripe.RequestOptions, currency = "usd"): Promise<[number, number]> {
  const { available, pending } = await stripe.balance.retrieve({}, as);
  const of = (rows: { currency: string; amount: number }[]) => rows.find((row) => row.currency === currency)?.amount ?? 0;
  return [of(available), of(pending)];
}

/** The types, amounts and fees of an account's balance transactions, oldest first. */
const moved = async (stripe: Stripe, as?: Stripe.RequestOptions) =>
  (await stripe.balanceTransactions.list({ limit: 100 }, as)).data.map(({ type, amount, fee }) => [type, amount, fee]).reverse();

describe("a direct charge", () => {
  test("is the connected account's, and its application fee the platform's", async () => {
    const { stripe, as, connected: account, applications } = await connected();
    const application = applications.test;
    const intent = await stripe.paymentIntents.create({ ...paid, application_fee_amount: 1_000, expand: ["latest_charge"] }, as);
    expect(intent).toMatchObject({ status: "succeeded", amount_received: 10_000, application, application_fee_amount: 1_000 });
    const charge = intent.latest_charge as Stripe.Charge;
    expect(charge).toMatchObject({ paid: true, captured: true, application, payment_intent: intent.id });
    expect(await told(stripe, as)).toEqual(["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]);
    expect(await told(stripe)).toEqual(["application_fee.created"]);
    // 2.9 % and 30 of 10,000 are 320, which the account pays.
    expect(await moved(stripe, as)).toEqual([["charge", 10_000, 1_320]]);
    expect(await moved(stripe)).toEqual([["application_fee", 1_000, 0]]);
    expect(await has(stripe, as)).toEqual([0, 8_680]);
    expect(await has(stripe)).toEqual([0, 1_000]);
    const [fee] = (await stripe.applicationFees.list({ charge: charge.id })).data;
    expect(fee).toMatchObject({
      id: charge.application_fee,
      account,
      amount: 1_000,
      application,
      charge: charge.id,
      originating_transaction: null,
    });
    await server.clock.advance({ seconds: 3 * 24 * 3_600 });
    expect(await has(stripe, as)).toEqual([8_680, 0]);
    expect(await told(stripe, as)).toContain("balance.available");
    expect(await told(stripe)).toContain("balance.available");
  });

  test("costs the platform Stripe's fee where it said that it pays fees", async () => {
    const { stripe, as } = await connected({
      controller: { fees: { payer: "application" }, losses: { payments: "application" }, stripe_dashboard: { type: "express" } },
    });
    await stripe.paymentIntents.create(paid, as);
    expect(await moved(stripe, as)).toEqual([["charge", 10_000, 0]]);
    expect(await moved(stripe)).toEqual([["stripe_fee", -320, 0]]);
  });

  test("is refused without the capability, or while nobody could take its application fee", async () => {
    const { test: stripe, live } = await platformOfItsOwn(server);
    const { id: idle } = await accountWithout(stripe);
    expect(await refusal(stripe.paymentIntents.create(paid, { stripeAccount: idle }))).toMatchObject({
      status: 400,
      message: expect.stringContaining("card_payments"),
    });
    expect(await refusal(stripe.paymentIntents.create({ ...paid, application_fee_amount: 1 }))).toMatchObject({
      param: "application_fee_amount",
    });
    const asked = await live.accounts.create({ type: "custom", capabilities: { card_payments: { requested: true } } });
    const intent = { amount: 10_000, currency: "usd" };
    expect((await refusal(live.paymentIntents.create(intent, { stripeAccount: asked.id }))).message).toContain("to be active");
    expect(await told(stripe)).toEqual([]);
    expect((await stripe.paymentIntents.list()).data).toEqual([]);
  });
});

const accountWithout = (stripe: Stripe) => stripe.accounts.create({ type: "custom" });

describe("a destination charge", () => {
  test("is the platform's, which sends it on and takes its fee of that", async () => {
    const { stripe, as, connected: account, applications } = await connected();
    const application = applications.test;
    const intent = await stripe.paymentIntents.create({
      ...paid,
      application_fee_amount: 1_000,
      transfer_data: { destination: account },
      on_behalf_of: account,
      expand: ["latest_charge.transfer.destination_payment"],
    });
    const charge = intent.latest_charge as Stripe.Charge;
    const transfer = charge.transfer as Stripe.Transfer;
    const payment = transfer.destination_payment as Stripe.Charge;
    expect(transfer).toMatchObject({
      amount: 10_000,
      destination: account,
      source_transaction: charge.id,
      transfer_group: `group_${intent.id}`,
    });
    expect(payment).toMatchObject({
      id: expect.stringMatching(/^py_/),
      amount: 10_000,
      application,
      application_fee_amount: 1_000,
      source_transfer: transfer.id,
    });
    expect(await told(stripe)).toEqual([
      "payment_intent.created",
      "charge.succeeded",
      "transfer.created",
      "application_fee.created",
      "payment_intent.succeeded",
    ]);
    expect(await told(stripe, as)).toEqual([]);
    expect(await moved(stripe)).toEqual([
      ["charge", 10_000, 320],
      ["transfer", -10_000, 0],
      ["application_fee", 1_000, 0],
    ]);
    expect(await moved(stripe, as)).toEqual([["payment", 10_000, 1_000]]);
    const fee = await stripe.applicationFees.retrieve(charge.application_fee as string);
    expect(fee).toMatchObject({ account, charge: payment.id, originating_transaction: charge.id });
  });

  test("sends on only what it is told to, and takes no fee besides", async () => {
    const { stripe, as, connected: account } = await connected();
    await stripe.paymentIntents.create({ ...paid, transfer_data: { destination: account, amount: 7_000 } });
    expect(await moved(stripe, as)).toEqual([["payment", 7_000, 0]]);
    const both = { ...paid, transfer_data: { destination: account, amount: 7_000 }, application_fee_amount: 1 };
    expect(await refusal(stripe.paymentIntents.create(both))).toMatchObject({
      code: "parameters_exclusive",
      param: "application_fee_amount",
    });
    expect(await refusal(stripe.paymentIntents.create({ ...paid, transfer_data: { destination: account, amount: 10_001 } }))).toMatchObject(
      {
        param: "transfer_data[amount]",
      },
    );
  });

  test("refunded with its transfer and fee leaves Stripe's fee alone to be paid", async () => {
    const { stripe, as, connected: account } = await connected();
    const { latest_charge } = await stripe.paymentIntents.create({
      ...paid,
      application_fee_amount: 1_000,
      transfer_data: { destination: account },
    });
    const charge = latest_charge as string;
    await stripe.refunds.create({ charge, amount: 4_000, reverse_transfer: true, refund_application_fee: true });
    expect((await moved(stripe, as)).at(-1)).toEqual(["payment_refund", -4_000, -400]);
    await stripe.refunds.create({ charge, reverse_transfer: true, refund_application_fee: true });
    expect(await has(stripe, as)).toEqual([0, 0]);
    expect(await has(stripe)).toEqual([0, -320]);
    expect((await told(stripe)).slice(5)).toEqual(
      [1, 2].flatMap(() => ["refund.created", "charge.refunded", "transfer.reversed", "application_fee.refunded"]),
    );
  });
});

describe("a transfer", () => {
  test("moves what is available, as a payment to the account, and can be reversed", async () => {
    const { stripe, as, connected: account } = await connected();
    await topUp(server, stripe, { amount: 5_000 });
    const made = await stripe.transfers.create({ amount: 3_000, currency: "usd", destination: account, metadata: { order: "1" } });
    expect([await has(stripe), await has(stripe, as)]).toEqual([
      [2_000, 0],
      [3_000, 0],
    ]);
    await stripe.transfers.update(made.id, { metadata: { order: "2" } });
    await stripe.transfers.update(made.id, { metadata: { order: "2" } });
    const reversal = await stripe.transfers.createReversal(made.id, { amount: 1_000 });
    const after = await stripe.transfers.retrieve(made.id);
    expect(after).toMatchObject({ amount_reversed: 1_000, reversed: false, reversals: { data: [reversal], has_more: false } });
    expect(await stripe.transfers.retrieveReversal(made.id, reversal.id)).toMatchObject({ id: reversal.id, amount: 1_000 });
    expect(await refusal(stripe.transfers.createReversal(made.id, { amount: 2_001 }))).toMatchObject({ status: 400, param: "amount" });
    await stripe.transfers.createReversal(made.id);
    expect(await refusal(stripe.transfers.createReversal(made.id))).toMatchObject({ code: "transfer_already_reversed" });
    expect((await stripe.transfers.listReversals(made.id, { limit: 1 })).has_more).toBe(true);
    expect([await has(stripe), await has(stripe, as)]).toEqual([
      [5_000, 0],
      [0, 0],
    ]);
    expect(await told(stripe)).toEqual([
      "topup.created",
      "topup.succeeded",
      "balance.available",
      "transfer.created",
      "transfer.updated",
      "transfer.reversed",
      "balance.available",
      "transfer.reversed",
      "balance.available",
    ]);
    expect(await told(stripe, as)).toEqual(["balance.available"]);
    const [updated] = (await stripe.events.list({ type: "transfer.updated" })).data;
    expect(updated?.data.previous_attributes).toEqual({ metadata: { order: "1" } });
  });

  test("of a charge is available with it, and takes no more than it", async () => {
    const { stripe, as, connected: account } = await connected();
    const { latest_charge } = await stripe.paymentIntents.create(paid);
    const source = { currency: "usd", destination: account, source_transaction: latest_charge as string };
    const transfer = await stripe.transfers.create({ ...source, amount: 6_000 });
    expect(transfer).toMatchObject({ source_transaction: latest_charge, transfer_group: `group_${latest_charge}` });
    expect(await has(stripe, as)).toEqual([0, 6_000]);
    expect(await refusal(stripe.transfers.create({ ...source, amount: 4_001 }))).toMatchObject({
      status: 400,
      param: "source_transaction",
    });
    expect(await refusal(stripe.transfers.create({ ...source, amount: 1, currency: "eur" }))).toMatchObject({
      param: "source_transaction",
    });
  });

  test("is refused without funds, without the capability, and to whom it cannot go; and nothing is changed", async () => {
    const { stripe, account: own, connected: account } = await connected();
    const other = await connected();
    const { id: idle } = await accountWithout(stripe);
    await topUp(server, stripe, { amount: 100 });
    const before = await told(stripe);
    const to = (destination: string, amount = 100) => stripe.transfers.create({ amount, currency: "usd", destination });
    expect(await refusal(to(account, 101))).toMatchObject({ status: 400, code: "balance_insufficient" });
    expect(await refusal(to(idle))).toMatchObject({ status: 400, code: "insufficient_capabilities_for_transfer" });
    for (const destination of [other.connected, "acct_nobody"])
      expect(await refusal(to(destination))).toMatchObject({ status: 400, code: "resource_missing", param: "destination" });
    expect(await refusal(to(own))).toMatchObject({ status: 400, param: "destination" });
    expect(await refusal(stripe.transfers.create({ amount: 100, currency: "xyz", destination: account }))).toMatchObject({
      param: "currency",
    });
    expect(await refusal(to(account, 0))).toMatchObject({ code: "parameter_invalid_integer", param: "amount" });
    expect(await told(stripe)).toEqual(before);
    expect(await has(stripe)).toEqual([100, 0]);
  });

  test("in live mode needs the capability to be active", async () => {
    const { live } = await platformOfItsOwn(server);
    const { id } = await live.accounts.create({ type: "custom", capabilities: { transfers: { requested: true } } });
    await live.topups.create({ amount: 100, currency: "usd" });
    await server.clock.advance({ seconds: 4 * 24 * 3_600 });
    expect(await refusal(live.transfers.create({ amount: 1, currency: "usd", destination: id }))).toMatchObject({
      code: "insufficient_capabilities_for_transfer",
    });
  });

  test("is not reversed out of an account that has spent it and bears its own losses", async () => {
    const { stripe, connected: account, as } = await connected({ type: "standard" });
    await topUp(server, stripe, { amount: 100 });
    const { id } = await stripe.transfers.create({ amount: 100, currency: "usd", destination: account });
    const further = await stripe.accounts.create({ type: "standard" });
    expect(await refusal(stripe.transfers.create({ amount: 60, currency: "usd", destination: further.id }, as))).toMatchObject({
      status: 400,
    });
    const charge = await stripe.charges.create({ amount: 100, currency: "usd", source: "tok_bypassPending" }, as);
    await stripe.refunds.create({ charge: charge.id }, as);
    expect(await has(stripe, as)).toEqual([100, 0]);
    await stripe.transfers.createReversal(id);
    expect(await has(stripe, as)).toEqual([0, 0]);
  });
});

test("an application fee is returned to the account that paid it", async () => {
  const { stripe, as } = await connected();
  await stripe.paymentIntents.create({ ...paid, application_fee_amount: 1_000 }, as);
  const [fee] = (await stripe.applicationFees.list()).data as [Stripe.ApplicationFee];
  const refund = await stripe.applicationFees.createRefund(fee.id, { amount: 300 });
  expect(refund).toMatchObject({ object: "fee_refund", amount: 300, fee: fee.id });
  expect((await moved(stripe, as)).at(-1)).toEqual(["adjustment", 300, 0]);
  expect((await moved(stripe)).at(-1)).toEqual(["application_fee_refund", -300, 0]);
  await stripe.applicationFees.updateRefund(fee.id, refund.id, { metadata: { a: "b" } });
  expect(await stripe.applicationFees.retrieveRefund(fee.id, refund.id)).toMatchObject({ metadata: { a: "b" } });
  expect(await refusal(stripe.applicationFees.createRefund(fee.id, { amount: 701 }))).toMatchObject({ status: 400, param: "amount" });
  await stripe.applicationFees.createRefund(fee.id);
  expect(await refusal(stripe.applicationFees.createRefund(fee.id))).toMatchObject({ status: 400 });
  expect((await stripe.applicationFees.listRefunds(fee.id)).data.map(({ amount }) => amount)).toEqual([700, 300]);
  expect(await stripe.applicationFees.retrieve(fee.id)).toMatchObject({ amount_refunded: 1_000, refunded: true });
  expect(await told(stripe)).toEqual([
    "application_fee.created",
    "application_fee.refunded",
    "application_fee.refund.updated",
    "application_fee.refunded",
  ]);
});

test("objects of one platform, account or mode are invisible to all others", async () => {
  const { stripe, live, as, connected: account } = await connected();
  const other = await connected();
  const intent = await stripe.paymentIntents.create({ ...paid, application_fee_amount: 100 }, as);
  await topUp(server, stripe, { amount: 100 });
  const transfer = await stripe.transfers.create({ amount: 100, currency: "usd", destination: account });
  const [transaction] = (await stripe.balanceTransactions.list({}, as)).data as [Stripe.BalanceTransaction];
  const [fee] = (await stripe.applicationFees.list()).data as [Stripe.ApplicationFee];
  for (const [from, options] of [
    [other.stripe, undefined],
    [other.stripe, other.as],
    [live, undefined],
    [stripe, as],
  ] as const) {
    const asked = [from.transfers.retrieve(transfer.id, {}, options), from.applicationFees.retrieve(fee.id, {}, options)];
    for (const refused of await refusals(asked)) expect(refused).toMatchObject({ status: 404, code: "resource_missing" });
  }
  for (const from of [stripe, other.stripe])
    for (const refused of await refusals([
      from.paymentIntents.retrieve(intent.id),
      from.charges.retrieve(intent.latest_charge as string),
      from.balanceTransactions.retrieve(transaction.id),
    ]))
      expect(refused).toMatchObject({ status: 404, code: "resource_missing" });
  for (const from of [stripe, other.stripe])
    expect(await refusal(from.refunds.create({ payment_intent: intent.id }))).toMatchObject({ status: 400, code: "resource_missing" });
  expect((await live.balance.retrieve()).available).toEqual([{ amount: 0, currency: "usd", source_types: { card: 0 } }]);
  expect(await refusal(other.stripe.balance.retrieve({}, as))).toMatchObject({ status: 403, code: "account_invalid" });
});
