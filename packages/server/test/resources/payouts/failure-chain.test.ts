import { describe, expect, test } from "vitest";
import { refusal } from "../../platform-of-its-own.ts";
import { BANK_NUMBERS, fund } from "../money/payable-account.ts";
import { payoutStory, replaceBank } from "./payout-story.ts";

/** What a payout that failed leaves behind it, in the order it happened. */
const CHAIN = [
  "payout.failed",
  "account.external_account.updated (status)",
  "account.updated (external_accounts, payouts_enabled, requirements)",
];

describe("the failure chain, row by row", () => {
  test("1: a payout is made, and says so", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    await story.told();
    const payout = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    expect(await story.told()).toEqual([
      {
        at: "/test/connect",
        type: "payout.created",
        account: story.id,
        livemode: false,
        previous: undefined,
        object: payout,
        request: expect.stringMatching(/^req_/),
      },
    ]);
  });

  test("2: it is submitted to the bank, and its metadata changes", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    const { id } = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    await story.told();
    await story.stripe.payouts.update(id, { metadata: { order: "1" } }, story.as);
    await story.stripe.payouts.update(id, { metadata: { order: "1" } }, story.as);
    await story.until(0, 12);
    expect(await story.told()).toMatchObject([
      { at: "/test/connect", type: "payout.updated", account: story.id, livemode: false, previous: { metadata: { order: null } } },
      {
        at: "/test/connect",
        type: "payout.updated",
        account: story.id,
        livemode: false,
        previous: { status: "pending" },
        object: { id, status: "in_transit", metadata: { order: "1" } },
        request: null,
      },
    ]);
  });

  test("2b: it is reported paid, with what the bank calls it, and a helper had it fail later", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    const { id } = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    await story.until(0, 12);
    await story.stripe.rawRequest(
      "POST",
      `/v1/test_helpers/payouts/${id}/fail`,
      { failure_code: "account_closed", at: "after_paid" },
      story.as,
    );
    await story.told();
    await story.until(2);
    expect(await story.told()).toMatchObject([
      {
        at: "/test/connect",
        type: "payout.paid",
        account: story.id,
        object: { id, status: "paid", failure_code: null, trace_id: { status: "supported", value: expect.stringMatching(/^\w{15}$/) } },
      },
    ]);
    await story.until(2, 23);
    expect(await story.heard()).toEqual([]);
    await story.until(3);
    const told = await story.told();
    expect(told.map(({ type }) => type)).toEqual([
      "payout.failed",
      "account.external_account.updated",
      "account.updated",
      "balance.available",
    ]);
    expect(told[0]?.object).toMatchObject({ id, status: "failed", failure_code: "account_closed", trace_id: { status: "supported" } });
  });

  test("3: the bank returns it: code, message, and the amount in the available balance", async () => {
    const story = await payoutStory({ number: BANK_NUMBERS.noAccount });
    const funds = await fund(story.stripe, story, 5_000);
    const { id } = await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    await story.until(1, 23);
    const before = await story.stripe.balance.retrieve({}, story.as);
    expect(before.available[0]?.amount).toBe(funds - 1_100);
    await story.told();
    await story.until(2);
    const [failed, ...rest] = await story.told();
    expect(failed).toMatchObject({
      at: "/test/connect",
      type: "payout.failed",
      account: story.id,
      livemode: false,
      previous: undefined,
      request: null,
      object: {
        id,
        status: "failed",
        failure_code: "no_account",
        failure_message: "No bank account was found with these details.",
        failure_balance_transaction: expect.stringMatching(/^txn_/),
        trace_id: { status: "unsupported", value: null },
      },
    });
    expect(rest.at(-1)).toMatchObject({ type: "balance.available", object: { available: [{ amount: funds, currency: "usd" }] } });
    const payout = await story.stripe.payouts.retrieve(id, { expand: ["failure_balance_transaction", "balance_transaction"] }, story.as);
    expect(payout).toMatchObject({
      balance_transaction: { type: "payout", amount: -1_100, source: id },
      failure_balance_transaction: { type: "payout_failure", amount: 1_100, source: id, status: "available" },
    });
  });

  test("4 and 5: its bank account is errored, and the account is restricted", async () => {
    const story = await payoutStory({ number: BANK_NUMBERS.accountClosed });
    await fund(story.stripe, story, 5_000);
    await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    await story.until(1);
    await story.told();
    await story.until(2);
    const told = await story.told();
    expect(told.map(({ at, account, livemode, request }) => ({ at, account, livemode, request }))).toEqual(
      told.map(() => ({ at: "/test/connect", account: story.id, livemode: false, request: null })),
    );
    expect(told.map(({ type }) => type)).toEqual([
      "payout.failed",
      "account.external_account.updated",
      "account.updated",
      "balance.available",
    ]);
    expect(told[1]).toMatchObject({ previous: { status: "new" }, object: { id: story.bankId, status: "errored" } });
    expect(told[2]).toMatchObject({
      previous: { payouts_enabled: true, requirements: { currently_due: [], past_due: [] } },
      object: {
        id: story.id,
        payouts_enabled: false,
        requirements: { currently_due: ["external_account"], past_due: ["external_account"] },
        external_accounts: { data: [{ id: story.bankId, status: "errored" }] },
      },
    });
  });

  test("6: nothing more is paid out to it, by hand or by the schedule, and refusals change nothing", async () => {
    const story = await payoutStory({ number: BANK_NUMBERS.noAccount, schedule: { interval: "daily" } });
    await fund(story.stripe, story, 5_000);
    await story.until(4);
    expect((await story.stripe.payouts.list({}, story.as)).data).toMatchObject([{ automatic: true, status: "failed" }]);
    await story.told();
    for (const named of [{}, { destination: story.bankId }])
      expect(await refusal(story.stripe.payouts.create({ amount: 100, currency: "usd", ...named }, story.as))).toMatchObject({
        status: 400,
        type: "StripeInvalidRequestError",
        code: "payouts_not_allowed",
        param: "destination",
      });
    await story.until(21);
    expect(await story.heard()).toEqual([]);
    expect((await story.stripe.payouts.list({}, story.as)).data).toHaveLength(1);
  });

  test("6: another destination can be named, when the errored one is all that is wrong", async () => {
    const story = await payoutStory({ number: BANK_NUMBERS.noAccount });
    await fund(story.stripe, story, 5_000);
    const other = await story.stripe.accounts.createExternalAccount(story.id, { external_account: "btok_us_verified" });
    await story.stripe.payouts.create({ amount: 1_100, currency: "usd" }, story.as);
    await story.until(2);
    const payout = await story.stripe.payouts.create({ amount: 1_100, currency: "usd", destination: other.id }, story.as);
    expect(payout).toMatchObject({ status: "pending", destination: other.id });
  });

  test("7 and 8: an update without parameters is the cure, and the next run of the schedule pays", async () => {
    const story = await payoutStory({ number: BANK_NUMBERS.noAccount, schedule: { interval: "daily" } });
    const funds = await fund(story.stripe, story, 5_000);
    await story.until(3, 12);
    await story.told();
    await story.stripe.accounts.updateExternalAccount(story.id, story.bankId, {});
    const cured = await story.told();
    expect(cured).toMatchObject([
      { type: "account.external_account.updated", account: story.id, previous: { status: "errored" }, object: { status: "new" } },
      {
        type: "account.updated",
        account: story.id,
        previous: { payouts_enabled: false, requirements: { currently_due: ["external_account"] } },
        object: { payouts_enabled: true },
      },
    ]);
    await story.until(4);
    expect(await story.told()).toMatchObject([
      { type: "payout.created", account: story.id, request: null, object: { amount: funds, automatic: true, destination: story.bankId } },
    ]);
    // The number is as it was: it fails again.
    await story.until(8);
    expect(await story.heard()).toEqual(["payout.updated (status)", "payout.reconciliation_completed", ...CHAIN, "balance.available"]);
  });

  test("7 and 8: so is another default, which is paid and arrives", async () => {
    const story = await payoutStory({ number: BANK_NUMBERS.noAccount, schedule: { interval: "daily" } });
    await fund(story.stripe, story, 5_000);
    await story.until(3, 12);
    await story.told();
    const other = await replaceBank(story);
    expect(await story.heard()).toEqual([
      "account.external_account.updated (default_for_currency)",
      "account.external_account.created",
      "account.updated (external_accounts, payouts_enabled, requirements)",
    ]);
    await story.until(8);
    const told = await story.told();
    expect(told.map(({ type }) => type)).toEqual(["payout.created", "payout.updated", "payout.reconciliation_completed", "payout.paid"]);
    expect(told.at(-1)?.object).toMatchObject({ destination: other, status: "paid" });
  });
});

describe("a number that fails instant payouts alone", () => {
  test("takes standard ones", async () => {
    const story = await payoutStory({ number: BANK_NUMBERS.instantFails });
    await fund(story.stripe, story, 5_000);
    const standard = await story.stripe.payouts.create({ amount: 1_000, currency: "usd" }, story.as);
    await story.until(2);
    expect((await story.stripe.payouts.retrieve(standard.id, {}, story.as)).status).toBe("paid");
    const instant = await story.stripe.payouts.create({ amount: 1_000, currency: "usd", method: "instant" }, story.as);
    await story.until(2, 1);
    expect((await story.stripe.payouts.retrieve(instant.id, {}, story.as)).status).toBe("failed");
  });
});

describe("a debit card that does not take payouts", () => {
  test("fails with its own code, and is errored", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 5_000);
    const card = await story.stripe.accounts.createExternalAccount(story.id, { external_account: "tok_visa_debit_us_transferFail" });
    const { id } = await story.stripe.payouts.create({ amount: 1_000, currency: "usd", method: "instant", destination: card.id }, story.as);
    await story.told();
    await story.server.clock.advance({ seconds: 3_600 });
    expect(await story.told()).toMatchObject([
      { type: "payout.updated", object: { id, type: "card" } },
      { type: "payout.failed", object: { failure_code: "could_not_process" } },
      { type: "account.external_account.updated", previous: { status: "new" }, object: { id: card.id, object: "card", status: "errored" } },
      { type: "account.updated" },
      { type: "balance.available" },
    ]);
  });
});
