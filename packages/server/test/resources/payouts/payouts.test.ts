import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../src/limits.ts";
import { client, ownKeys, platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";
import { start } from "../../server-of-its-own.ts";
import { BANK_NUMBERS, fund, topUp } from "../money/payable-account.ts";
import { payoutStory } from "./payout-story.ts";

const DAY = 24 * 3_600;

describe("a payout", () => {
  test("shows what the documentation shows", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    const payout = await story.stripe.payouts.create(
      { amount: 1_100, currency: "USD", description: "Rent", metadata: { order: "1" }, statement_descriptor: "ROCKET RIDES" },
      story.as,
    );
    expect(payout).toEqual({
      id: expect.stringMatching(/^po_\w{24}$/),
      object: "payout",
      amount: 1_100,
      application_fee: null,
      application_fee_amount: null,
      arrival_date: story.monday + 2 * DAY,
      automatic: false,
      balance_transaction: expect.stringMatching(/^txn_\w{24}$/),
      created: Math.floor(story.server.clock.now() / 1_000),
      currency: "usd",
      description: "Rent",
      destination: story.bankId,
      failure_balance_transaction: null,
      failure_code: null,
      failure_message: null,
      livemode: false,
      metadata: { order: "1" },
      method: "standard",
      original_payout: null,
      payout_method: null,
      reconciliation_status: "not_applicable",
      reversed_by: null,
      source_type: "card",
      statement_descriptor: "ROCKET RIDES",
      status: "pending",
      trace_id: { status: "pending", value: null },
      type: "bank_account",
    });
  });

  test("shows its destination and transactions in full when asked, and the transaction shows it", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    const { id } = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    const payout = await story.stripe.payouts.retrieve(id, { expand: ["destination", "balance_transaction.source"] }, story.as);
    expect(payout).toMatchObject({
      destination: { id: story.bankId, object: "bank_account" },
      balance_transaction: { object: "balance_transaction", type: "payout", source: { id, object: "payout" } },
    });
  });

  test("is found by what it was made with", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 50_000);
    const other = await story.stripe.accounts.createExternalAccount(story.id, { external_account: "btok_us_verified" });
    const first = await story.stripe.payouts.create({ amount: 1_000, currency: "usd" }, story.as);
    await story.until(3);
    const second = await story.stripe.payouts.create({ amount: 1_000, currency: "usd", destination: other.id }, story.as);
    const third = await story.stripe.payouts.create({ amount: 1_000, currency: "usd" }, story.as);
    await story.stripe.payouts.cancel(third.id, {}, story.as);
    const found = async (params: Stripe.PayoutListParams) => (await story.stripe.payouts.list(params, story.as)).data.map(({ id }) => id);
    expect(await found({})).toEqual([third.id, second.id, first.id]);
    expect(await found({ destination: story.bankId })).toEqual([third.id, first.id]);
    expect(await found({ status: "paid" })).toEqual([first.id]);
    expect(await found({ status: "canceled" })).toEqual([third.id]);
    expect(await found({ arrival_date: first.arrival_date })).toEqual([first.id]);
    expect(await found({ arrival_date: { gt: first.arrival_date } })).toEqual([third.id, second.id]);
    expect(await found({ created: { lt: second.created } })).toEqual([first.id]);
    expect(await found({ limit: 1, starting_after: third.id })).toEqual([second.id]);
    expect(await found({ ending_before: second.id })).toEqual([third.id]);
    expect(await refusal(found({ status: "lost" }))).toMatchObject({ status: 400, param: "status" });
  });

  test("of a debit card is paid at once, within half an hour", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    const card = await story.stripe.accounts.createExternalAccount(story.id, { external_account: "tok_visa_debit_us_transferSuccess" });
    const payout = await story.stripe.payouts.create({ amount: 1_000, currency: "usd", method: "instant", destination: card.id }, story.as);
    expect(payout).toMatchObject({ type: "card", method: "instant", arrival_date: payout.created + 1_800 });
    await story.server.clock.advance({ seconds: 1_799 });
    expect((await story.stripe.payouts.retrieve(payout.id, {}, story.as)).status).toBe("in_transit");
    await story.server.clock.advance({ seconds: 2 });
    expect((await story.stripe.payouts.retrieve(payout.id, {}, story.as)).status).toBe("paid");
  });

  test("of a platform in live mode is told to its own endpoint alone, without an account", async () => {
    const story = await payoutStory();
    await story.live.topups.create({ amount: 5_000, currency: "usd", description: "Funds" });
    await story.until(14);
    // Funds of a platform are paid out by its schedule: daily.
    const told = (await story.told()).filter(({ type }) => type.startsWith("payout."));
    expect(told.map(({ type }) => type)).toEqual(["payout.created", "payout.updated", "payout.reconciliation_completed", "payout.paid"]);
    for (const { at, account, livemode } of told)
      expect({ at, account, livemode }).toEqual({ at: "/live/own", account: undefined, livemode: true });
    const [payout] = (await story.live.payouts.list()).data;
    expect(payout).toMatchObject({ livemode: true, automatic: true, amount: 5_000, status: "paid" });
    expect((await refusal(story.stripe.payouts.retrieve(payout?.id ?? ""))).message).toContain("exists in live mode");
  });
});

describe("a refusal changes nothing, and names what is wrong", () => {
  test.each<[string, Partial<Stripe.PayoutCreateParams>, object]>([
    ["more than there is", { amount: 1_000_000 }, { status: 400, code: "balance_insufficient", param: "amount" }],
    ["nothing", { amount: 0 }, { status: 400, param: "amount" }],
    ["less than nothing", { amount: -5 }, { status: 400, param: "amount" }],
    ["from funds it does not have", { source_type: "bank_account" }, { status: 400, code: "balance_insufficient" }],
    ["from funds nobody has", { source_type: "pocket" }, { status: 400, param: "source_type" }],
    ["a currency without a bank account", { currency: "eur" }, { status: 400, param: "destination" }],
    ["to a bank account that is not there", { destination: "ba_unknown" }, { status: 400, code: "resource_missing", param: "destination" }],
    ["to a financial account", { payout_method: "fa_1" }, { status: 400, code: "resource_missing", param: "payout_method" }],
    ["by a method there is not", { method: "pigeon" }, { status: 400, param: "method" }],
    ["with too long a descriptor", { statement_descriptor: "12345678901234567890123" }, { status: 400, param: "statement_descriptor" }],
  ])("%s", async (_, change, expected) => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    await story.told();
    const before = await story.stripe.balance.retrieve({}, story.as);
    expect(await refusal(story.stripe.payouts.create({ amount: 100, currency: "usd", ...change }, story.as))).toMatchObject(expected);
    expect((await story.stripe.balance.retrieve({}, story.as)).available).toEqual(before.available);
    expect((await story.stripe.payouts.list({}, story.as)).data).toEqual([]);
    expect(await story.told()).toEqual([]);
  });

  test("a currency that is not the destination's", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    expect(await refusal(story.stripe.payouts.create({ amount: 100, currency: "eur", destination: story.bankId }, story.as))).toMatchObject(
      { status: 400, param: "currency" },
    );
  });

  test("instant payouts to a card that takes none", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    const card = await story.stripe.accounts.createExternalAccount(story.id, {
      external_account: "tok_visa_debit_us_instantPayoutUnsupported",
    });
    const asked = { amount: 100, currency: "usd", method: "instant", destination: card.id } as const;
    expect(await refusal(story.stripe.payouts.create(asked, story.as))).toMatchObject({ status: 400, code: "instant_payouts_unsupported" });
  });

  test("instant payouts to a bank account above instantPayoutUsdCents; one of that amount is made", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 2 * DEFAULT_LIMITS.instantPayoutUsdCents);
    const asked = { currency: "usd", method: "instant", destination: story.bankId } as const;
    const most = DEFAULT_LIMITS.instantPayoutUsdCents;
    expect(await refusal(story.stripe.payouts.create({ ...asked, amount: most + 1 }, story.as))).toMatchObject({
      status: 400,
      code: "instant_payouts_limit_exceeded",
      param: "amount",
    });
    expect((await story.stripe.payouts.list({}, story.as)).data).toEqual([]);
    expect(await story.stripe.payouts.create({ ...asked, amount: most }, story.as)).toMatchObject({ method: "instant", amount: most });
  });

  test("an account whose payouts are disabled", async () => {
    const server = await start();
    const stripe = client(server, server.keys.test.secret);
    const { id } = await stripe.accounts.create({ type: "custom", country: "US" });
    await stripe.accounts.createExternalAccount(id, { external_account: "btok_us_verified" });
    const asked = stripe.payouts.create({ amount: 100, currency: "usd" }, { stripeAccount: id });
    expect(await refusal(asked)).toMatchObject({ status: 400, code: "payouts_not_allowed", param: undefined });
  });

  test("a Standard account's payouts, on its behalf; its own keys are not refused for that", async () => {
    const server = await start();
    const stripe = client(server, server.keys.test.secret);
    const { id } = await stripe.accounts.create({ type: "standard" });
    const asked = { amount: 100, currency: "usd" };
    expect(await refusal(stripe.payouts.create(asked, { stripeAccount: id }))).toMatchObject({
      status: 400,
      code: "not_allowed_on_standard_account",
    });
    const own = client(server, (await ownKeys(stripe, id)).test.secret);
    expect((await refusal(own.payouts.create(asked))).code).not.toBe("not_allowed_on_standard_account");
  });

  test("a bank account of another account, or of the other mode, is not there", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    const other = await story.stripe.accounts.create({ type: "custom", country: "US" });
    const foreign = await story.stripe.accounts.createExternalAccount(other.id, { external_account: "btok_us_verified" });
    const asked = { amount: 100, currency: "usd", destination: foreign.id };
    expect(await refusal(story.stripe.payouts.create(asked, story.as))).toMatchObject({ status: 400, param: "destination" });
  });
});

describe("canceling", () => {
  test("gives the amount back, and says so", async () => {
    const story = await payoutStory();
    const funds = await fund(story.stripe, story, 5_000);
    const { id } = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    await story.told();
    const canceled = await story.stripe.payouts.cancel(id, { expand: ["failure_balance_transaction"] }, story.as);
    expect(canceled).toMatchObject({
      status: "canceled",
      failure_code: null,
      failure_balance_transaction: { type: "payout_cancel", amount: 1_100, source: id },
    });
    expect((await story.stripe.balance.retrieve({}, story.as)).available[0]?.amount).toBe(funds);
    expect(await story.heard()).toEqual(["payout.canceled", "balance.available"]);
    await story.until(7);
    expect((await story.stripe.payouts.retrieve(id, {}, story.as)).status).toBe("canceled");
  });

  test("is refused once it is submitted, and for what the schedule made", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    const { id } = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    await story.until(0, 12);
    expect((await refusal(story.stripe.payouts.cancel(id, {}, story.as))).message).toContain("in_transit");
    await story.stripe.accounts.update(story.id, { settings: { payouts: { schedule: { interval: "daily" } } } });
    await story.until(1);
    const [automatic] = (await story.stripe.payouts.list({ limit: 1 }, story.as)).data;
    expect(automatic).toMatchObject({ automatic: true, status: "pending" });
    expect((await refusal(story.stripe.payouts.cancel(automatic?.id ?? "", {}, story.as))).message).toContain("schedule");
  });
});

describe("reversing", () => {
  test("makes a payout of the opposite amount, which brings the money back", async () => {
    const story = await payoutStory();
    const funds = await fund(story.stripe, story, 5_000);
    const { id } = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    await story.until(2);
    await story.told();
    const reversal = await story.stripe.payouts.reverse(id, { metadata: { why: "mistake" }, expand: ["original_payout"] }, story.as);
    expect(reversal).toMatchObject({
      amount: -1_100,
      status: "pending",
      metadata: { why: "mistake" },
      original_payout: { id, reversed_by: reversal.id },
    });
    expect(await story.heard()).toEqual(["payout.created", "payout.updated (reversed_by)"]);
    await story.until(7);
    expect((await story.heard()).filter((type) => type.startsWith("payout."))).toEqual(["payout.updated (status)", "payout.paid"]);
    const balance = await story.stripe.balance.retrieve({}, story.as);
    expect(balance.available[0]?.amount).toBe(funds);
    expect((await refusal(story.stripe.payouts.reverse(id, {}, story.as))).message).toContain("already");
  });

  test("is canceled when the payout fails while it is pending", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    const { id } = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    await story.stripe.rawRequest("POST", `/v1/test_helpers/payouts/${id}/pay`, {}, story.as);
    await story.stripe.payouts.reverse(id, {}, story.as);
    await story.told();
    await story.stripe.rawRequest("POST", `/v1/test_helpers/payouts/${id}/fail`, {}, story.as);
    expect((await story.told()).map(({ type }) => type)).toEqual([
      "payout.failed",
      "account.external_account.updated",
      "account.updated",
      "payout.canceled",
      "balance.available",
    ]);
  });

  test("is for connected accounts alone", async () => {
    const story = await payoutStory();
    await topUp(story.server, story.stripe, { amount: 5_000 });
    const { id } = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" });
    await story.stripe.rawRequest("POST", `/v1/test_helpers/payouts/${id}/pay`);
    expect((await refusal(story.stripe.payouts.reverse(id))).message).toContain("connected accounts");
  });
});

describe("test helpers", () => {
  test("leave no step out", async () => {
    const story = await payoutStory({ number: BANK_NUMBERS.noAccount });
    await fund(story.stripe, story, 5_000);
    const { id } = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    await story.told();
    // Whatever the number says.
    await story.stripe.rawRequest("POST", `/v1/test_helpers/payouts/${id}/pay`, {}, story.as);
    expect(await story.heard()).toEqual(["payout.updated (status)", "payout.paid"]);
    await story.stripe.rawRequest("POST", `/v1/test_helpers/payouts/${id}/fail`, { failure_code: "declined" }, story.as);
    expect((await story.heard())[0]).toBe("payout.failed");
    for (const what of ["pay", "fail"])
      expect((await refusal(story.stripe.rawRequest("POST", `/v1/test_helpers/payouts/${id}/${what}`, {}, story.as))).message).toContain(
        "failed",
      );
  });

  test("know the codes there are", async () => {
    const { stripe } = await payoutStory();
    const asked = stripe.rawRequest("POST", "/v1/test_helpers/payouts/po_1/fail", { failure_code: "bad_luck" });
    expect(await refusal(asked)).toMatchObject({ status: 400, param: "failure_code" });
  });
});

test("another platform sees nothing of it", async () => {
  const story = await payoutStory();
  await fund(story.stripe, story, 5_000);
  const { id } = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
  const other = await platformOfItsOwn(story.server);
  const asked: Promise<unknown>[] = [
    other.test.payouts.retrieve(id),
    other.test.payouts.cancel(id),
    other.test.payouts.reverse(id),
    other.test.rawRequest("POST", `/v1/test_helpers/payouts/${id}/fail`),
    story.stripe.payouts.retrieve(id),
  ];
  for (const refused of await refusals(asked)) expect(refused).toMatchObject({ status: 404, code: "resource_missing" });
  expect(await refusal(other.test.payouts.retrieve(id, {}, story.as))).toMatchObject({ status: 403, code: "account_invalid" });
});
