import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../../src/index.ts";
import { platformOfItsOwn, refusal } from "../../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const asked = { amount: 2_000, currency: "usd" } as const;
const told = async (stripe: Stripe) => (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).reverse();

describe("a card", () => {
  test("is saved by a payment that says so, and pays again while its holder is away", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const first = await stripe.paymentIntents.create({
      ...asked,
      customer,
      payment_method: "pm_card_visa",
      setup_future_usage: "off_session",
      confirm: true,
    });
    const method = first.payment_method as string;
    expect(await stripe.paymentMethods.retrieve(method)).toMatchObject({ customer });
    expect(await told(stripe)).toEqual([
      "customer.created",
      "payment_intent.created",
      "charge.succeeded",
      "payment_method.attached",
      "payment_intent.succeeded",
    ]);
    for (let i = 0; i < 2; i++)
      expect(
        await stripe.paymentIntents.create({
          ...asked,
          customer,
          payment_method: method,
          off_session: true,
          confirm: true,
          expand: ["payment_method", "customer", "latest_charge"],
        }),
      ).toMatchObject({
        status: "succeeded",
        payment_method: { id: method, customer },
        customer: { id: customer },
        latest_charge: { payment_method: method, payment_method_details: { card: { last4: "4242" } } },
      });
    expect((await stripe.customers.listPaymentMethods(customer)).data).toHaveLength(1);
  });

  test("is saved, or only held, by an option of cards, whatever the payment says itself", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const pay = (card: Stripe.PaymentIntentCreateParams.PaymentMethodOptions.Card, more: object = {}) =>
      stripe.paymentIntents.create({
        ...asked,
        ...more,
        customer,
        payment_method: "pm_card_visa",
        payment_method_options: { card },
        confirm: true,
      });
    const kept = async () => (await stripe.customers.listPaymentMethods(customer)).data.length;
    await pay({ setup_future_usage: "none" }, { setup_future_usage: "off_session" });
    expect(await kept()).toBe(0);
    const saved = await pay({ setup_future_usage: "off_session", request_three_d_secure: "any" });
    expect(saved.payment_method_options?.card).toEqual({
      installments: null,
      mandate_options: null,
      network: null,
      request_three_d_secure: "any",
      setup_future_usage: "off_session",
    });
    expect(await kept()).toBe(1);
    expect(await pay({ capture_method: "manual" })).toMatchObject({ status: "requires_capture" });
    const waiting = await stripe.paymentIntents.create({ ...asked, customer, payment_method: "pm_card_visa" });
    await stripe.paymentIntents.confirm(waiting.id, { payment_method_options: { card: { setup_future_usage: "on_session" } } });
    expect(await kept()).toBe(2);
  });

  test("has options that are unset by empty text, one or all", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const card = { setup_future_usage: "off_session", request_three_d_secure: "any" } as const;
    const { id } = await stripe.paymentIntents.create({ ...asked, payment_method_options: { card } });
    const after = async (told: Stripe.PaymentIntentUpdateParams.PaymentMethodOptions["card"]) =>
      (await stripe.paymentIntents.update(id, { payment_method_options: { card: told ?? "" } })).payment_method_options?.card;
    const none = { installments: null, mandate_options: null, network: null, request_three_d_secure: "automatic" };
    expect(await after({ setup_future_usage: "" })).toEqual({ ...none, request_three_d_secure: "any" });
    expect(await after("")).toEqual(none);
  });

  test("is not saved by a payment that says so no longer", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const intent = await stripe.paymentIntents.create({
      ...asked,
      customer,
      payment_method: "pm_card_visa",
      setup_future_usage: "off_session",
    });
    expect(await stripe.paymentIntents.update(intent.id, { setup_future_usage: "" })).toMatchObject({ setup_future_usage: null });
    await stripe.paymentIntents.confirm(intent.id);
    expect((await stripe.customers.listPaymentMethods(customer)).data).toEqual([]);
  });

  test("that is not saved pays once, and is used up by a decline as well", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const { id } = await stripe.paymentMethods.create({ type: "card", card: { token: "tok_visa" } });
    await stripe.paymentIntents.create({ ...asked, customer, payment_method: id, confirm: true });
    expect(await stripe.paymentMethods.retrieve(id)).toMatchObject({ customer: null });
    expect(await refusal(stripe.paymentIntents.create({ ...asked, payment_method: id }))).toMatchObject({
      status: 400,
      param: "payment_method",
      message: expect.stringMatching(/^The provided PaymentMethod was previously used/),
    });
    const { id: declined } = await stripe.paymentMethods.create({ type: "card", card: { token: "tok_chargeDeclined" } });
    const intent = await stripe.paymentIntents.create({ ...asked, payment_method: declined });
    await expect(stripe.paymentIntents.confirm(intent.id)).rejects.toMatchObject({ statusCode: 402, payment_method: { id: declined } });
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: "requires_payment_method",
      last_payment_error: { payment_method: { id: declined } },
    });
    expect(await refusal(stripe.paymentIntents.confirm(intent.id, { payment_method: declined }))).toMatchObject({ status: 400 });
    expect(await stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_visa" })).toMatchObject({ status: "succeeded" });
  });

  test("that was detached, or given to another's payment, does not pay for the intent that has it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const { id: other } = await stripe.customers.create();
    const { id } = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    const intent = await stripe.paymentIntents.create({ ...asked, customer, payment_method: id });
    expect(await refusal(stripe.paymentIntents.update(intent.id, { customer: other }))).toMatchObject({
      status: 400,
      param: "payment_method",
    });
    await stripe.paymentMethods.update(id, { card: { exp_month: 5, exp_year: 2041 } });
    const second = await stripe.paymentIntents.create({ ...asked, customer, payment_method: id });
    await stripe.paymentMethods.update(id, { card: { exp_month: 6 } });
    const paid = await stripe.paymentIntents.confirm(second.id, { expand: ["latest_charge"] });
    expect((paid.latest_charge as Stripe.Charge).payment_method_details?.card).toMatchObject({ exp_month: 6, exp_year: 2041 });
    await stripe.paymentMethods.detach(id);
    expect(await refusal(stripe.paymentIntents.confirm(intent.id))).toMatchObject({
      status: 400,
      message: expect.stringMatching(/detached from a Customer\. It may not be used again/),
    });
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: "requires_confirmation" });
  });

  test("that needs its holder waits for them, and is declined while they are away unless they agreed before", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const { id: needs } = await stripe.paymentMethods.attach("pm_card_authenticationRequired", { customer });
    const pay = (payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams>) =>
      stripe.paymentIntents.create({ ...asked, customer, payment_method, confirm: true, ...more });
    expect(await pay(needs, {})).toMatchObject({ status: "requires_action", payment_method: needs });
    for (const more of [{ off_session: true }, { error_on_requires_action: true }])
      await expect(pay(needs, more)).rejects.toMatchObject({
        type: "StripeCardError",
        statusCode: 402,
        code: "authentication_required",
        decline_code: "authentication_required",
        payment_intent: { status: "requires_payment_method", last_payment_error: { code: "authentication_required" } },
      });
    expect(await stripe.paymentMethods.retrieve(needs)).toMatchObject({ customer });
    const { id: agreed } = await stripe.paymentMethods.attach("pm_card_authenticationRequiredSetupForOffSession", { customer });
    expect(await pay(agreed, { off_session: true })).toMatchObject({ status: "succeeded" });
    expect(await pay(agreed, {})).toMatchObject({ status: "requires_action" });
  });
});
