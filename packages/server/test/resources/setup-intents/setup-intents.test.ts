import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const told = async (stripe: Stripe, as?: Stripe.RequestOptions) =>
  (await stripe.events.list({ limit: 100 }, as)).data.map(({ type }) => type).reverse();

describe("a setup intent", () => {
  test("waits for a payment method, then for confirmation, and saves it for its customer", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const made = await stripe.setupIntents.create({ description: "One", metadata: { a: "b" } });
    expect(made).toMatchObject({
      object: "setup_intent",
      status: "requires_payment_method",
      usage: "off_session",
      client_secret: expect.stringContaining(`${made.id}_secret_`),
      metadata: { a: "b" },
    });
    expect(await refusal(stripe.setupIntents.confirm(made.id))).toMatchObject({
      status: 400,
      code: "setup_intent_unexpected_state",
      message: expect.stringMatching(/missing a payment method/),
    });
    const updated = await stripe.setupIntents.update(made.id, { customer, payment_method: "pm_card_visa", description: "Two" });
    expect(updated).toMatchObject({ status: "requires_confirmation", customer, description: "Two" });
    const method = updated.payment_method as string;
    expect(await stripe.paymentMethods.retrieve(method)).toMatchObject({ customer: null });
    const done = await stripe.setupIntents.confirm(made.id, { expand: ["payment_method", "latest_attempt", "customer"] });
    expect(done).toMatchObject({
      status: "succeeded",
      payment_method: { id: method, customer },
      customer: { id: customer },
      latest_attempt: { object: "setup_attempt", status: "succeeded", setup_intent: made.id, payment_method: method },
    });
    expect(await told(stripe)).toEqual(["customer.created", "setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]);
    expect(
      await stripe.paymentIntents.create({
        amount: 2_000,
        currency: "usd",
        customer,
        payment_method: method,
        off_session: true,
        confirm: true,
      }),
    ).toMatchObject({ status: "succeeded" });
    for (const call of [() => stripe.setupIntents.confirm(made.id), () => stripe.setupIntents.update(made.id, { description: "x" })])
      await expect(call()).rejects.toMatchObject({
        statusCode: 400,
        code: "setup_intent_unexpected_state",
        message: expect.stringMatching(/because it has already succeeded\.$/),
        setup_intent: { id: made.id, status: "succeeded" },
      });
    await expect(stripe.setupIntents.cancel(made.id)).rejects.toMatchObject({
      code: "setup_intent_unexpected_state",
      message: expect.stringMatching(/^You cannot cancel this SetupIntent because it has a status of succeeded\. Only/),
    });
    expect((await stripe.setupIntents.list({ customer })).data.map(({ id }) => id)).toEqual([made.id]);
    expect((await stripe.setupIntents.list({ payment_method: method })).data).toHaveLength(1);
    expect((await stripe.setupAttempts.list({ setup_intent: made.id })).data).toHaveLength(1);
  });

  test("without a customer is used up by its success, and one that is attached is set up again", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const alone = await stripe.setupIntents.create({ payment_method: "pm_card_visa", usage: "on_session", confirm: true });
    expect(alone).toMatchObject({ status: "succeeded", usage: "on_session", customer: null });
    expect(await refusal(stripe.setupIntents.create({ payment_method: alone.payment_method as string }))).toMatchObject({
      status: 400,
      param: "payment_method",
      message: expect.stringMatching(/^The provided PaymentMethod was previously used/),
    });
    const { id } = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    expect(await stripe.setupIntents.create({ customer, payment_method: id, confirm: true })).toMatchObject({ status: "succeeded" });
    expect(await refusal(stripe.setupIntents.create({ payment_method: id }))).toMatchObject({
      param: "payment_method",
      message: expect.stringMatching(/on the SetupIntent\.$/),
    });
    expect((await told(stripe)).filter((type) => type === "payment_method.attached")).toHaveLength(1);
  });

  test.each([
    ["pm_card_chargeDeclined", "card_declined", "generic_decline"],
    ["pm_card_chargeDeclinedExpiredCard", "expired_card", undefined],
  ])("with %s fails, which is kept and told, and can be tried again", async (payment_method, code, decline_code) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    await expect(stripe.setupIntents.create({ customer, payment_method, confirm: true })).rejects.toMatchObject({
      type: "StripeCardError",
      statusCode: 402,
      code,
      ...(decline_code === undefined ? {} : { decline_code }),
      setup_intent: { status: "requires_payment_method" },
    });
    const [intent] = (await stripe.setupIntents.list()).data as [Stripe.SetupIntent];
    expect(intent).toMatchObject({
      status: "requires_payment_method",
      payment_method: null,
      last_setup_error: { type: "card_error", code, payment_method: { object: "payment_method" } },
    });
    const [attempt] = (await stripe.setupAttempts.list({ setup_intent: intent.id })).data;
    expect(attempt).toMatchObject({ id: intent.latest_attempt, status: "failed", setup_error: { code } });
    expect((await stripe.customers.listPaymentMethods(customer)).data).toEqual([]);
    expect(await told(stripe)).toEqual(["customer.created", "setup_intent.created", "setup_intent.setup_failed"]);
    expect(await stripe.setupIntents.confirm(intent.id, { payment_method: "pm_card_visa" })).toMatchObject({
      status: "succeeded",
      last_setup_error: null,
    });
  });

  test("may wait for the card's holder, and be canceled then", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const waiting = await stripe.setupIntents.create({ payment_method: "pm_card_authenticationRequired", confirm: true });
    expect(waiting).toMatchObject({ status: "requires_action", next_action: { type: "use_stripe_sdk" } });
    expect(await stripe.setupIntents.cancel(waiting.id, { cancellation_reason: "abandoned" })).toMatchObject({
      status: "canceled",
      cancellation_reason: "abandoned",
      next_action: null,
    });
    for (const call of [() => stripe.setupIntents.cancel(waiting.id), () => stripe.setupIntents.confirm(waiting.id)])
      expect(await refusal(call())).toMatchObject({
        code: "setup_intent_unexpected_state",
        message: expect.stringMatching(/has been canceled\.$/),
      });
    expect(await told(stripe)).toEqual(["setup_intent.created", "setup_intent.requires_action", "setup_intent.canceled"]);
  });

  test("is made for a connected account, on it or on the platform", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: account } = await stripe.accounts.create({ type: "standard" });
    const as = { stripeAccount: account };
    const here = await stripe.setupIntents.create({ on_behalf_of: account, expand: ["on_behalf_of"] });
    expect(here).toMatchObject({ on_behalf_of: { id: account }, application: null });
    const { id: customer } = await stripe.customers.create({}, as);
    const there = await stripe.setupIntents.create({ customer, payment_method: "pm_card_visa", confirm: true }, as);
    expect(there).toMatchObject({ status: "succeeded", application: expect.stringMatching(/^ca_/) });
    expect((await stripe.customers.listPaymentMethods(customer, {}, as)).data).toHaveLength(1);
    expect(await told(stripe)).toEqual(["setup_intent.created"]);
    const [event] = (await stripe.events.list({ type: "setup_intent.succeeded" }, as)).data;
    expect(event).toMatchObject({ account, data: { object: { id: there.id } } });
  });

  test("is refused where it is wrong, and nothing is made", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const refused: [Stripe.SetupIntentCreateParams, object][] = [
      [{ customer: "cus_none" }, { status: 400, code: "resource_missing", param: "customer" }],
      [{ payment_method: "pm_none" }, { status: 400, code: "resource_missing", param: "payment_method" }],
      [{ on_behalf_of: "acct_none" }, { status: 400, param: "on_behalf_of" }],
      [{ confirm: true }, { status: 400, code: "setup_intent_unexpected_state" }],
      [{ usage: "never" as never }, { status: 400, param: "usage" }],
      [{ payment_method_types: ["boleto"] } as never, { status: 400, param: "payment_method_types[0]" }],
      [
        { payment_method: "pm_card_visa", payment_method_data: { type: "card" } as never },
        { status: 400, code: "parameters_exclusive", param: "payment_method" },
      ],
      [
        { payment_method_data: { type: "card", card: { number: "4242424242424241" } } as never },
        { status: 402, code: "incorrect_number", param: "payment_method_data[card][number]" },
      ],
    ];
    for (const [params, error] of refused) expect(await refusal(stripe.setupIntents.create({ customer, ...params }))).toMatchObject(error);
    expect((await stripe.setupIntents.list()).data).toEqual([]);
    expect((await stripe.paymentMethods.list()).data).toEqual([]);
    expect(await told(stripe)).toEqual(["customer.created"]);
    expect(await refusal(stripe.setupIntents.retrieve("seti_none"))).toMatchObject({
      status: 404,
      param: "intent",
      message: "No such setupintent: 'seti_none'",
    });
    expect(await refusal(stripe.setupAttempts.list({ setup_intent: "seti_none" }))).toMatchObject({ status: 400, param: "setup_intent" });
  });
});
