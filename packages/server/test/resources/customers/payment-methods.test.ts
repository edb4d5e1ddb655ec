import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const asked = { amount: 2_000, currency: "usd" } as const;
const told = async (stripe: Stripe, as?: Stripe.RequestOptions) =>
  (await stripe.events.list({ limit: 100 }, as)).data.map(({ type }) => type).reverse();
const card = (number: string, more: Partial<Stripe.PaymentMethodCreateParams.Card> = {}): Stripe.PaymentMethodCreateParams => ({
  type: "card",
  card: { number, exp_month: 12, exp_year: 2040, cvc: "123", ...more },
});

describe("a payment method", () => {
  test("is made of a number, which is kept nowhere, or of a token", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const made = await stripe.paymentMethods.create({
      ...card("5555 5555 5555 4444"),
      billing_details: { name: "Jenny", address: { line1: "1 Main St", postal_code: "94110" } },
      metadata: { a: "b" },
    });
    expect(made).toMatchObject({
      object: "payment_method",
      type: "card",
      customer: null,
      billing_details: { name: "Jenny", email: null, address: { line1: "1 Main St", postal_code: "94110", city: null } },
      card: {
        brand: "mastercard",
        last4: "4444",
        exp_month: 12,
        exp_year: 2040,
        checks: { address_line1_check: "pass", address_postal_code_check: "pass", cvc_check: "unchecked" },
      },
      metadata: { a: "b" },
    });
    const named = await stripe.paymentMethods.create({ type: "card", card: { token: "tok_mastercard" } });
    expect(named.card?.fingerprint).toBe(made.card?.fingerprint);
    expect(named.card?.fingerprint).not.toBe((await stripe.paymentMethods.create(card("4242424242424242"))).card?.fingerprint);
    const { id: token } = await stripe.tokens.create({
      card: { number: "4000000000000002", exp_month: "12", exp_year: "2040", cvc: "123", name: "Jenny", address_line1: "1 Main St" },
    });
    const ofToken = await stripe.paymentMethods.create({ type: "card", card: { token } });
    expect(ofToken).toMatchObject({ card: { last4: "0002" }, billing_details: { name: "Jenny", address: { line1: "1 Main St" } } });
    expect(await refusal(stripe.paymentMethods.create({ type: "card", card: { token } }))).toMatchObject({
      status: 400,
      code: "token_already_used",
      param: "card[token]",
    });
    expect(JSON.stringify(await stripe.paymentMethods.list())).not.toMatch(/5555 ?5555/);
    expect(await told(stripe)).toEqual([]);
  });

  test("belongs to a customer once it is attached, and to nobody after it is detached", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const { id } = await stripe.paymentMethods.create(card("4242424242424242"));
    expect(await refusal(stripe.paymentMethods.update(id, { metadata: { a: "b" } }))).toMatchObject({
      status: 400,
      message: expect.stringMatching(/^You must save this PaymentMethod to a customer/),
    });
    expect(await stripe.paymentMethods.attach(id, { customer })).toMatchObject({ id, customer, card: { checks: { cvc_check: "pass" } } });
    expect(await refusal(stripe.paymentMethods.attach(id, { customer }))).toMatchObject({
      status: 400,
      message: "The payment method you provided has already been attached to a customer.",
    });
    expect(await stripe.paymentMethods.update(id, { metadata: { a: "b" }, card: { exp_month: 3 } })).toMatchObject({
      metadata: { a: "b" },
      card: { exp_month: 3, exp_year: 2040 },
    });
    expect(await refusal(stripe.paymentMethods.update(id, { card: { exp_year: 2020 } }))).toMatchObject({
      status: 402,
      code: "invalid_expiry_year",
      param: "card[exp_year]",
    });
    expect((await stripe.customers.listPaymentMethods(customer)).data.map((method) => method.id)).toEqual([id]);
    expect((await stripe.paymentMethods.list({ customer, type: "card" })).data).toHaveLength(1);
    expect((await stripe.paymentMethods.list({ customer, type: "link" })).data).toEqual([]);
    expect(await stripe.customers.retrievePaymentMethod(customer, id, { expand: ["customer"] })).toMatchObject({
      id,
      customer: { id: customer, object: "customer" },
    });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
    expect(await stripe.paymentMethods.detach(id)).toMatchObject({ id, customer: null });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ invoice_settings: { default_payment_method: null } });
    expect(await refusal(stripe.customers.retrievePaymentMethod(customer, id))).toMatchObject({
      status: 404,
      code: "resource_missing",
      param: "payment_method",
    });
    expect(await refusal(stripe.paymentMethods.detach(id))).toMatchObject({ message: expect.stringMatching(/detachment is impossible/) });
    expect(await refusal(stripe.paymentMethods.attach(id, { customer }))).toMatchObject({
      status: 400,
      message: expect.stringMatching(/^This PaymentMethod was previously used without .* may not be used again\.$/),
    });
    expect(await refusal(stripe.paymentIntents.create({ ...asked, payment_method: id }))).toMatchObject({
      status: 400,
      message: expect.stringMatching(/^The provided PaymentMethod was previously used/),
    });
    expect(await told(stripe)).toEqual([
      "customer.created",
      "payment_method.attached",
      "payment_method.updated",
      "customer.updated",
      "payment_method.detached",
      "customer.updated",
    ]);
    const [detached] = (await stripe.events.list({ type: "payment_method.detached" })).data;
    expect(detached?.data).toMatchObject({ object: { id, customer: null }, previous_attributes: { customer } });
  });

  test("of the documentation is copied each time it is named", async () => {
    const { test: stripe, live } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const first = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    const second = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    expect(first.id).toMatch(/^pm_\w{24}$/);
    expect(second.id).not.toBe(first.id);
    expect((await stripe.customers.listPaymentMethods(customer)).data.map(({ id }) => id)).toEqual([second.id, first.id]);
    const { id: alive } = await live.customers.create();
    expect(await refusal(live.paymentMethods.attach("pm_card_visa", { customer: alive }))).toMatchObject({
      status: 404,
      code: "resource_missing",
      message: "No such PaymentMethod: 'pm_card_visa'",
    });
  });

  test("is made anew each time a test card's name is retrieved, and is used by its id", async () => {
    const { test: stripe, live } = await platformOfItsOwn(server);
    const [one, other] = [await stripe.paymentMethods.retrieve("pm_card_jp"), await stripe.paymentMethods.retrieve("pm_card_jp")];
    expect(one).toMatchObject({ id: expect.stringMatching(/^pm_[A-Za-z0-9]{20,}$/), card: { country: "JP" }, customer: null });
    expect(other.id).not.toBe(one.id);
    expect(await stripe.paymentMethods.retrieve(one.id)).toEqual(one);
    expect(await stripe.paymentIntents.create({ ...asked, payment_method: one.id, confirm: true })).toMatchObject({ status: "succeeded" });
    expect(await refusal(live.paymentMethods.retrieve("pm_card_jp"))).toMatchObject({ status: 404, param: "payment_method" });
  });

  test("of a country shows that country, by name and by number", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    expect(await stripe.paymentMethods.attach("pm_card_de", { customer })).toMatchObject({ card: { country: "DE", brand: "visa" } });
    expect(await stripe.paymentMethods.create(card("4000008260000000"))).toMatchObject({ card: { country: "GB" } });
    expect(await stripe.customers.createSource(customer, { source: "tok_fr" })).toMatchObject({ country: "FR" });
  });

  test("whose card is declined is not attached, but for one that is declined later", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    for (const [name, decline_code] of [
      ["pm_card_chargeDeclined", "generic_decline"],
      ["pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"],
    ] as const)
      await expect(stripe.paymentMethods.attach(name, { customer })).rejects.toMatchObject({
        type: "StripeCardError",
        statusCode: 402,
        code: "card_declined",
        decline_code,
      });
    expect((await stripe.paymentMethods.list()).data).toEqual([]);
    const { id } = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer });
    await expect(stripe.paymentIntents.create({ ...asked, customer, payment_method: id, confirm: true })).rejects.toMatchObject({
      statusCode: 402,
      payment_method: { id, customer },
    });
  });

  test("is refused where it is named wrongly, and nothing changes", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const { id: other } = await stripe.customers.create();
    const { id } = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    const refused: [() => Promise<unknown>, object][] = [
      [() => stripe.paymentMethods.create({ type: "card" }), { status: 400, code: "parameter_missing", param: "card[number]" }],
      [() => stripe.paymentMethods.create({}), { status: 400, code: "parameter_missing", param: "type" }],
      [() => stripe.paymentMethods.create({ type: "boleto" }), { status: 400, param: "type" }],
      [() => stripe.paymentMethods.create(card("4242424242424241")), { status: 402, code: "incorrect_number", param: "card[number]" }],
      [
        () => stripe.paymentMethods.create(card("4242424242424242", { exp_year: 2020 })),
        { code: "invalid_expiry_year", param: "card[exp_year]" },
      ],
      [() => stripe.paymentMethods.create({ type: "card", card: { token: "tok_none" } }), { status: 400, param: "card[token]" }],
      [() => stripe.paymentMethods.create({ payment_method: id, customer }), { status: 400, param: "payment_method" }],
      [() => stripe.paymentMethods.attach("pm_card_visa", {} as never), { status: 400, code: "parameter_missing", param: "customer" }],
      [() => stripe.paymentMethods.attach("pm_card_visa", { customer: "cus_none" }), { status: 400, param: "customer" }],
      [() => stripe.paymentMethods.attach("pm_none", { customer }), { status: 404, code: "resource_missing", param: "payment_method" }],
      [() => stripe.paymentMethods.retrieve("pm_none"), { status: 404, message: "No such PaymentMethod: 'pm_none'" }],
      [() => stripe.paymentMethods.list({ customer: "cus_none" }), { status: 400, param: "customer" }],
      [
        () => stripe.customers.update(other, { invoice_settings: { default_payment_method: id } }),
        { status: 400, code: "resource_missing", param: "invoice_settings[default_payment_method]" },
      ],
      [
        () => stripe.paymentIntents.create({ ...asked, payment_method: id }),
        { status: 400, param: "payment_method", message: expect.stringMatching(/belongs to the Customer .* on the PaymentIntent\.$/) },
      ],
      [
        () => stripe.paymentIntents.create({ ...asked, payment_method: id, customer: other }),
        { status: 400, param: "payment_method", message: expect.stringMatching(/does not belong to the Customer you supplied/) },
      ],
    ];
    for (const [call, error] of refused) expect(await refusal(call())).toMatchObject({ type: expect.any(String), ...error });
    expect((await stripe.paymentMethods.list()).data.map((method) => method.id)).toEqual([id]);
    expect(await told(stripe)).toEqual(["customer.created", "customer.created", "payment_method.attached"]);
  });
});

describe("a payment method of the platform's", () => {
  test("is copied to a connected account, to pay there", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: account } = await stripe.accounts.create({ type: "standard" });
    const as = { stripeAccount: account };
    const { id: customer } = await stripe.customers.create();
    const { id } = await stripe.paymentMethods.attach("pm_card_mastercard", { customer });
    const copy = await stripe.paymentMethods.create({ customer, payment_method: id }, as);
    expect(copy).toMatchObject({ customer: null, card: { last4: "4444" } });
    expect(copy.id).not.toBe(id);
    expect(await stripe.paymentIntents.create({ ...asked, payment_method: copy.id, confirm: true }, as)).toMatchObject({
      status: "succeeded",
      payment_method: copy.id,
    });
    expect(await refusal(stripe.paymentIntents.create({ ...asked, payment_method: id, confirm: true }, as))).toMatchObject({ status: 400 });
    const { id: there } = await stripe.customers.create({}, as);
    const second = await stripe.paymentMethods.create({ customer, payment_method: id }, as);
    expect(await stripe.paymentMethods.attach(second.id, { customer: there }, as)).toMatchObject({ customer: there });
    expect(await told(stripe)).toEqual(["customer.created", "payment_method.attached"]);
    expect((await told(stripe, as)).filter((type) => type.startsWith("payment_method."))).toEqual(["payment_method.attached"]);
  });

  test("is not copied by whom it does not belong to, and one without a customer once alone", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { test: stranger } = await platformOfItsOwn(server);
    const { id: account } = await stripe.accounts.create({ type: "standard" });
    const { id: theirs } = await stranger.accounts.create({ type: "standard" });
    const { id: customer } = await stripe.customers.create();
    const { id: attached } = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    const { id: single } = await stripe.paymentMethods.create(card("4242424242424242"));
    const as = { stripeAccount: account };
    for (const params of [{ payment_method: attached, customer }, { payment_method: attached }, { payment_method: single }])
      expect(await refusal(stranger.paymentMethods.create(params, { stripeAccount: theirs }))).toMatchObject({
        status: 400,
        code: "resource_missing",
      });
    expect(await refusal(stripe.paymentMethods.create({ payment_method: attached }, as))).toMatchObject({
      status: 400,
      param: "payment_method",
    });
    await stripe.paymentMethods.create({ payment_method: single }, as);
    expect(await refusal(stripe.paymentMethods.create({ payment_method: single }, as))).toMatchObject({
      message: expect.stringMatching(/^The provided PaymentMethod was previously used .*shared with a connected account/),
    });
  });
});

describe("a customer", () => {
  test("has as many payment methods as the limit allows, sources among them", async () => {
    const small = await startCarabiner({ limits: { paymentMethodsPerCustomer: 2 } });
    try {
      const { test: stripe } = await platformOfItsOwn(small);
      const { id: customer } = await stripe.customers.create({ source: "tok_visa" });
      const { id } = await stripe.paymentMethods.attach("pm_card_visa", { customer });
      for (const call of [
        () => stripe.paymentMethods.attach("pm_card_visa", { customer }),
        () => stripe.customers.createSource(customer, { source: "tok_visa" }),
        () => stripe.setupIntents.create({ customer, payment_method: "pm_card_visa", confirm: true }),
      ])
        expect(await refusal(call())).toMatchObject({ status: 400, code: "customer_max_payment_methods" });
      expect((await stripe.setupIntents.list()).data).toEqual([]);
      await stripe.paymentMethods.detach(id);
      expect(await stripe.paymentMethods.attach("pm_card_visa", { customer })).toMatchObject({ customer });
    } finally {
      await small.close();
    }
  });

  test("is made with a payment method, and with it as the default one of invoices", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.paymentMethods.create(card("4242424242424242"));
    const made = await stripe.customers.create({ payment_method: id, invoice_settings: { default_payment_method: id } });
    expect(made.invoice_settings.default_payment_method).toBe(id);
    expect(await stripe.paymentMethods.retrieve(id)).toMatchObject({ customer: made.id });
    await expect(stripe.customers.create({ payment_method: "pm_card_chargeDeclined" })).rejects.toMatchObject({ statusCode: 402 });
    expect((await stripe.customers.list()).data).toHaveLength(1);
    await stripe.customers.del(made.id);
    expect(await stripe.paymentMethods.retrieve(id)).toMatchObject({ customer: null });
    expect(await told(stripe)).toEqual(["customer.created", "payment_method.attached", "payment_method.detached", "customer.deleted"]);
  });
});
