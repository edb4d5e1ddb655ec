import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../../src/index.ts";
import { DEFAULT_LIMITS } from "../../../../src/limits.ts";
import { platformOfItsOwn, refusal } from "../../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const asked = { amount: 2_000, currency: "usd" } as const;
const told = async (stripe: Stripe) => (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).reverse();

describe("a payment intent", () => {
  test("waits for a payment method, then for confirmation, then succeeds", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const made = await stripe.paymentIntents.create(asked);
    expect(made).toMatchObject({
      status: "requires_payment_method",
      payment_method: null,
      client_secret: expect.stringContaining(`${made.id}_secret_`),
    });
    expect(await refusal(stripe.paymentIntents.confirm(made.id))).toMatchObject({ code: "parameter_missing", param: "payment_method" });
    const updated = await stripe.paymentIntents.update(made.id, {
      amount: 3_000,
      payment_method: "pm_card_mastercard",
      description: "Two",
    });
    expect(updated).toMatchObject({ status: "requires_confirmation", amount: 3_000 });
    const done = await stripe.paymentIntents.confirm(made.id, { expand: ["latest_charge.balance_transaction"] });
    expect(done).toMatchObject({ status: "succeeded", amount_received: 3_000, payment_method: updated.payment_method });
    const charge = done.latest_charge as Stripe.Charge;
    expect(charge).toMatchObject({ description: "Two", payment_method_details: { card: { brand: "mastercard", last4: "4444" } } });
    expect(charge.balance_transaction).toMatchObject({
      amount: 3_000,
      fee: 117,
      net: 2_883,
      status: "pending",
      reporting_category: "charge",
    });
    const refused: [Promise<unknown>, RegExp][] = [
      [stripe.paymentIntents.confirm(made.id), /^You cannot confirm this PaymentIntent because it has already succeeded/],
      [
        stripe.paymentIntents.cancel(made.id),
        /^You cannot cancel this PaymentIntent because it has a status of succeeded\. Only .* canceled: /,
      ],
      [stripe.paymentIntents.capture(made.id), /could not be captured because it has already been captured/],
      [
        stripe.paymentIntents.update(made.id, { amount: 1 }),
        /^This PaymentIntent's amount could not be updated because it has a status of/,
      ],
    ];
    for (const [call, message] of refused)
      await expect(call).rejects.toMatchObject({
        statusCode: 400,
        code: "payment_intent_unexpected_state",
        message: expect.stringMatching(message),
        payment_intent: { id: made.id, object: "payment_intent", status: "succeeded" },
      });
    expect(await refusal(stripe.paymentIntents.retrieve("pi_none"))).toMatchObject({
      status: 404,
      code: "resource_missing",
      param: "intent",
      message: "No such payment_intent: 'pi_none'",
    });
    expect(await refusal(stripe.paymentIntents.update(made.id, { amount: 1_000 }))).toMatchObject({
      code: "payment_intent_unexpected_state",
    });
    expect(await stripe.paymentIntents.update(made.id, { metadata: { a: "b" } })).toMatchObject({ metadata: { a: "b" } });
    expect(await told(stripe)).toEqual(["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]);
  });

  test.each([
    ["pm_card_chargeDeclined", "card_declined", "generic_decline"],
    ["pm_card_visa_chargeDeclined", "card_declined", "generic_decline"],
    ["pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"],
    ["pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"],
    ["pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"],
    ["pm_card_cvcCheckFail", "incorrect_cvc", "incorrect_cvc"],
    ["pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"],
  ])("with %s is declined, which is kept and told", async (payment_method, code, decline_code) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const call = stripe.paymentIntents.create({ ...asked, payment_method, confirm: true }, { idempotencyKey: "once" });
    await expect(call).rejects.toMatchObject({ type: "StripeCardError", statusCode: 402, code, decline_code });
    const [intent] = (await stripe.paymentIntents.list()).data as [Stripe.PaymentIntent];
    expect(intent).toMatchObject({ status: "requires_payment_method", last_payment_error: { type: "card_error", code } });
    const [charge] = (await stripe.charges.list({ payment_intent: intent.id })).data as [Stripe.Charge];
    expect(charge).toMatchObject({
      id: intent.latest_charge,
      status: "failed",
      paid: false,
      failure_code: code,
      balance_transaction: null,
    });
    expect(await told(stripe)).toEqual(["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]);
    const again = stripe.paymentIntents.create({ ...asked, payment_method, confirm: true }, { idempotencyKey: "once" });
    await expect(again).rejects.toMatchObject({ code, payment_intent: { id: intent.id } });
    expect(await told(stripe)).toHaveLength(3);
    expect(await stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_visa" })).toMatchObject({
      status: "succeeded",
      last_payment_error: null,
    });
  });

  test("may wait for its holder, and be canceled then", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const waiting = await stripe.paymentIntents.create({ ...asked, payment_method: "pm_card_authenticationRequired", confirm: true });
    expect(waiting).toMatchObject({ status: "requires_action", next_action: { type: "use_stripe_sdk" } });
    expect(await stripe.paymentIntents.cancel(waiting.id, { cancellation_reason: "abandoned" })).toMatchObject({
      status: "canceled",
      cancellation_reason: "abandoned",
      next_action: null,
    });
    expect(await told(stripe)).toEqual(["payment_intent.created", "payment_intent.requires_action", "payment_intent.canceled"]);
  });

  test("is held first and taken later, whole, in part or not at all", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const hold = () => stripe.paymentIntents.create({ ...asked, payment_method: "pm_card_visa", confirm: true, capture_method: "manual" });
    const first = await hold();
    expect(first).toMatchObject({ status: "requires_capture", amount_capturable: 2_000, amount_received: 0 });
    expect((await stripe.balanceTransactions.list()).data).toEqual([]);
    expect(await refusal(stripe.paymentIntents.capture(first.id, { amount_to_capture: 2_001 }))).toMatchObject({
      param: "amount_to_capture",
    });
    expect(await stripe.paymentIntents.capture(first.id, { amount_to_capture: 1_500 })).toMatchObject({
      status: "succeeded",
      amount_received: 1_500,
      amount_capturable: 0,
    });
    expect(await stripe.charges.retrieve(first.latest_charge as string)).toMatchObject({
      captured: true,
      amount_captured: 1_500,
      amount_refunded: 500,
    });
    expect(await told(stripe)).toEqual([
      "payment_intent.created",
      "charge.succeeded",
      "payment_intent.amount_capturable_updated",
      "charge.captured",
      "payment_intent.succeeded",
    ]);
    const second = await hold();
    await stripe.paymentIntents.cancel(second.id);
    expect((await told(stripe)).slice(8)).toEqual(["charge.refunded", "payment_intent.canceled"]);
    expect((await stripe.balanceTransactions.list()).data.map(({ amount }) => amount)).toEqual([1_500]);
  });

  test("is refused for amounts, currencies and payment methods that are none, and nothing is made", async () => {
    const { test: stripe, live } = await platformOfItsOwn(server);
    const refused = async (params: object, from = stripe) => {
      const { status, code, param } = await refusal(
        from.paymentIntents.create({ ...asked, ...params } as Stripe.PaymentIntentCreateParams),
      );
      return [status, code, param];
    };
    expect(await refused({ amount: 49 })).toEqual([400, "amount_too_small", "amount"]);
    expect(await refused({ amount: 0 })).toEqual([400, "parameter_invalid_integer", "amount"]);
    const worded = async (more: object) => (await refusal(stripe.paymentIntents.create({ ...asked, ...more }))).message;
    expect(await worded({ amount: 49 })).toBe("Amount must be at least $0.50 usd");
    expect(await worded({ amount: 100_000_000 })).toBe("Amount must be no more than $999,999.99");
    expect(await worded({ amount: 49, currency: "jpy" })).toBe("Amount must be at least ¥50 jpy");
    expect(await worded({ currency: "xyz" })).toMatch(/^Invalid currency: xyz\. .*\busd\b/);
    expect(await refused({ amount: 100_000_000 })).toEqual([400, "amount_too_large", "amount"]);
    expect(await refused({ amount: 10.5 })).toEqual([400, "parameter_invalid_integer", "amount"]);
    expect(await refused({ currency: "dollars" })).toEqual([400, undefined, "currency"]);
    expect(await refused({ amount: 49, currency: "jpy" })).toEqual([400, "amount_too_small", "amount"]);
    expect(await refused({ payment_method: "pm_card_unknown" })).toEqual([400, "resource_missing", "payment_method"]);
    expect(await refused({ customer: "cus_1" })).toEqual([400, "resource_missing", "customer"]);
    expect(await refused({ confirm: true })).toEqual([400, "parameter_missing", "payment_method"]);
    expect(await refused({ payment_method: "pm_card_visa" }, live)).toEqual([400, "resource_missing", "payment_method"]);
    const card = (number: string) => ({
      payment_method_data: { type: "card", card: { number, exp_month: 12, exp_year: 2040, cvc: "123" } },
    });
    expect(await refused(card("4242424242424241"))).toEqual([402, "incorrect_number", "payment_method_data[card][number]"]);
    expect(await refused(card("4242424242424242"), live)).toEqual([402, "card_declined", "payment_method_data[card][number]"]);
    expect(await refused(card("4000000000001000"))).toEqual([402, "card_declined", "payment_method_data[card][number]"]);
    expect((await stripe.paymentIntents.list()).data).toEqual([]);
    expect(await told(stripe)).toEqual([]);
  });

  test("takes a card by its number, which is kept nowhere", async () => {
    const { test: stripe, live } = await platformOfItsOwn(server);
    const by = (number: string) =>
      ({
        ...asked,
        confirm: true,
        payment_method_data: { type: "card", card: { number, exp_month: 1, exp_year: 2041 } },
      }) as unknown as Stripe.PaymentIntentCreateParams;
    const intent = await stripe.paymentIntents.create({ ...by("4000 0000 0000 0077"), expand: ["latest_charge"] });
    expect((intent.latest_charge as Stripe.Charge).payment_method_details?.card).toMatchObject({
      last4: "0077",
      exp_month: 1,
      exp_year: 2041,
    });
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(2_000);
    expect(await live.paymentIntents.create(by("4000000000001000"))).toMatchObject({ status: "succeeded", livemode: true });
    const everything = JSON.stringify([await stripe.events.list({ limit: 100 }), await stripe.charges.list()]);
    expect(everything).not.toMatch(/4000 ?0000 ?0000 ?0077/);
  });

  test("has no smaller unit in a currency without one", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    await stripe.paymentIntents.create({ amount: 5_000, currency: "JPY", payment_method: "pm_card_visa", confirm: true });
    expect((await stripe.balanceTransactions.list({ currency: "jpy" })).data).toMatchObject([{ amount: 5_000, fee: 145, currency: "jpy" }]);
  });
});

describe("a charge", () => {
  test("by itself is made of a token, held, taken and changed", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const held = await stripe.charges.create({ ...asked, source: "tok_visa", capture: false });
    expect(held).toMatchObject({ captured: false, payment_intent: null });
    expect(await stripe.charges.capture(held.id)).toMatchObject({ captured: true, amount_captured: 2_000 });
    expect(await refusal(stripe.charges.capture(held.id))).toMatchObject({ code: "charge_already_captured" });
    await stripe.charges.update(held.id, { description: "A charge" });
    await expect(stripe.charges.create({ ...asked, source: "tok_chargeDeclined" })).rejects.toMatchObject({
      statusCode: 402,
      decline_code: "generic_decline",
    });
    expect(await refusal(stripe.charges.create({ ...asked, source: "tok_nothing" }))).toMatchObject({ status: 400, param: "source" });
    expect(await told(stripe)).toEqual(["charge.succeeded", "charge.captured", "charge.updated", "charge.failed"]);
  });
});

describe("a top-up", () => {
  test("is pending in test mode until its time has come, then it has succeeded or failed as its source says", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const made = await stripe.topups.create({ ...asked, source: "btok_us_verified", description: "May" });
    expect(made).toMatchObject({ status: "pending", balance_transaction: null, source: { object: "source", type: "ach_debit" } });
    expect(made.expected_availability_date).toBe(made.created + DEFAULT_LIMITS.testTopupArrivalMs / 1_000);
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(0);
    const later = () => server.clock.advance({ seconds: DEFAULT_LIMITS.testTopupArrivalMs / 1_000 });
    await later();
    expect(await stripe.topups.retrieve(made.id)).toMatchObject({
      status: "succeeded",
      balance_transaction: expect.stringMatching(/^txn_/),
    });
    expect((await told(stripe)).slice(0, 3)).toEqual(["topup.created", "topup.succeeded", "balance.available"]);
    const failing = [
      ["btok_us_verified_noAccount", "no_account"],
      ["btok_us_verified_accountClosed", "account_closed"],
      ["btok_us_verified_insufficientFunds", "insufficient_funds"],
      ["btok_us_verified_debitNotAuthorized", "debit_not_authorized"],
      ["btok_us_verified_invalidCurrency", "invalid_currency"],
    ] as const;
    const failed = new Map<string, string>();
    for (const [source, code] of failing) failed.set((await stripe.topups.create({ ...asked, source })).id, code);
    await later();
    for (const [id, failure_code] of failed)
      expect(await stripe.topups.retrieve(id)).toMatchObject({ status: "failed", failure_code, balance_transaction: null });
    expect((await stripe.topups.list({ status: "failed" })).data).toHaveLength(5);
    expect((await told(stripe)).filter((type) => type === "topup.failed")).toHaveLength(5);
    expect(await refusal(stripe.topups.create({ ...asked, source: "constructor" }))).toMatchObject({ status: 400, param: "source" });
    expect(await refusal(stripe.topups.cancel(made.id))).toMatchObject({ status: 400 });
    expect(await stripe.topups.update(made.id, { metadata: { a: "b" }, description: "June" })).toMatchObject({
      description: "June",
      metadata: { a: "b" },
    });
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(2_000);
  });

  test("can be canceled in test mode while it is pending, and then nothing comes of it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.topups.create(asked);
    expect(await stripe.topups.cancel(id)).toMatchObject({ status: "canceled" });
    await server.clock.advance({ seconds: DEFAULT_LIMITS.testTopupArrivalMs / 1_000 });
    expect(await stripe.topups.retrieve(id)).toMatchObject({ status: "canceled", balance_transaction: null });
    expect(await told(stripe)).toEqual(["topup.created", "topup.canceled"]);
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(0);
  });

  test("takes days in live mode, in which it can be canceled", async () => {
    const { live } = await platformOfItsOwn(server);
    const [first, second] = [await live.topups.create(asked), await live.topups.create(asked)];
    expect(first.status).toBe("pending");
    expect(await live.topups.cancel(first.id)).toMatchObject({ status: "canceled" });
    await server.clock.advance({ seconds: 4 * 24 * 3_600 });
    expect(await live.topups.retrieve(second.id)).toMatchObject({ status: "succeeded" });
    expect(await live.topups.retrieve(first.id)).toMatchObject({ status: "canceled" });
    // Not the balance: where the days hold a holiday, it has been paid out by now.
    const { data } = await live.balanceTransactions.list({ type: "topup" });
    expect(data.map(({ amount, status }) => [amount, status])).toEqual([[2_000, "available"]]);
    const events = (await told(live)).filter((type) => !type.startsWith("payout."));
    expect(events).toEqual(["topup.created", "topup.created", "topup.canceled", "topup.succeeded", "balance.available"]);
  });
});
