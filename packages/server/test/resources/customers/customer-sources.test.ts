import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const told = async (stripe: Stripe) => (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).reverse();

describe("a customer's sources", () => {
  test("come from tokens: the first is the default one, and the newest takes its place when it is deleted", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const first = (await stripe.customers.createSource(customer, { source: "tok_visa", metadata: { a: "b" } })) as Stripe.Card;
    expect(first).toMatchObject({ object: "card", brand: "Visa", last4: "4242", customer, cvc_check: "pass", metadata: { a: "b" } });
    expect(first.id).toMatch(/^card_\w{24}$/);
    const second = (await stripe.customers.createSource(customer, { source: "tok_amex" })) as Stripe.Card;
    expect(second.brand).toBe("American Express");
    expect(await stripe.customers.retrieve(customer, { expand: ["default_source", "sources.data.customer"] })).toMatchObject({
      default_source: { id: first.id, object: "card" },
      sources: {
        object: "list",
        data: [
          { id: second.id, customer: { id: customer } },
          { id: first.id, customer: { id: customer } },
        ],
      },
    });
    expect((await stripe.customers.listSources(customer)).data.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect((await stripe.customers.listPaymentMethods(customer)).data).toMatchObject([
      { id: second.id, object: "payment_method" },
      { id: first.id, object: "payment_method" },
    ]);
    expect(
      await stripe.customers.updateSource(customer, first.id, { name: "Jenny", address_zip: "94110", exp_month: "3", metadata: { a: "" } }),
    ).toMatchObject({ name: "Jenny", address_zip: "94110", address_zip_check: "pass", exp_month: 3, metadata: {} });
    expect(await stripe.customers.retrieveSource(customer, first.id)).toMatchObject({ name: "Jenny" });
    expect(await stripe.customers.deleteSource(customer, first.id)).toEqual(
      expect.objectContaining({ id: first.id, object: "card", deleted: true }),
    );
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ default_source: second.id });
    await stripe.customers.deleteSource(customer, second.id);
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ default_source: null });
    expect((await stripe.customers.listSources(customer)).data).toEqual([]);
    expect(await told(stripe)).toEqual([
      "customer.created",
      "customer.source.created",
      "customer.updated",
      "customer.source.created",
      "customer.source.updated",
      "customer.source.deleted",
      "customer.updated",
      "customer.source.deleted",
      "customer.updated",
    ]);
  });

  test("are made with a customer, and replaced with the default one", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const token = await stripe.tokens.create({ card: { number: "4242424242424242", exp_month: "12", exp_year: "2040", cvc: "123" } });
    const made = await stripe.customers.create({ source: token.id });
    expect(made.default_source).toBe(token.card?.id);
    expect(await stripe.tokens.retrieve(token.id)).toMatchObject({ used: true });
    const replaced = await stripe.customers.update(made.id, { source: "tok_mastercard" });
    expect(replaced.default_source).not.toBe(made.default_source);
    expect((await stripe.customers.listSources(made.id)).data.map(({ id }) => id)).toEqual([replaced.default_source]);
    const other = await stripe.customers.createSource(made.id, { source: "tok_visa" });
    expect(await stripe.customers.update(made.id, { default_source: other.id })).toMatchObject({ default_source: other.id });
    expect(await told(stripe)).toEqual([
      "customer.created",
      "customer.source.created",
      "customer.source.created",
      "customer.source.deleted",
      "customer.updated",
      "customer.source.created",
      "customer.updated",
    ]);
  });

  test("are refused where they are wrong, and nothing changes", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer } = await stripe.customers.create();
    const { id: other, default_source } = await stripe.customers.create({ source: "tok_visa" });
    const theirs = default_source as string;
    const { id: method } = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    const before = await told(stripe);
    const refused: [() => Promise<unknown>, object][] = [
      [() => stripe.customers.createSource(customer, { source: "tok_none" }), { status: 400, code: "resource_missing", param: "source" }],
      [() => stripe.customers.createSource(customer, { source: "tok_chargeDeclined" }), { status: 402, code: "card_declined" }],
      [
        () => stripe.customers.createSource(customer, { source: method }),
        { status: 400, param: "source", message: expect.stringMatching(/PaymentMethods API/) },
      ],
      [() => stripe.customers.createSource("cus_none", { source: "tok_visa" }), { status: 404 }],
      [
        () => stripe.customers.retrieveSource(customer, theirs),
        { status: 404, code: "resource_missing", message: `No such source: '${theirs}'` },
      ],
      [() => stripe.customers.updateSource(customer, theirs, { name: "x" }), { status: 404 }],
      [() => stripe.customers.deleteSource(customer, theirs), { status: 404 }],
      [() => stripe.customers.deleteSource(customer, method), { status: 404 }],
      [
        () => stripe.customers.updateSource(other, theirs, { exp_year: "2020" }),
        { status: 402, code: "invalid_expiry_year", param: "exp_year" },
      ],
      [() => stripe.customers.update(customer, { default_source: theirs }), { status: 400, param: "default_source" }],
      [() => stripe.customers.update(customer, { default_source: theirs, source: "tok_visa" }), { status: 400, param: "default_source" }],
      [() => stripe.customers.create({ source: "tok_chargeDeclined" }), { status: 402, code: "card_declined" }],
    ];
    for (const [call, error] of refused) expect(await refusal(call())).toMatchObject(error);
    expect(await told(stripe)).toEqual(before);
    expect((await stripe.customers.listSources(customer)).data).toEqual([]);
  });

  test("pay charges: the default one unless another is named", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: customer, default_source } = await stripe.customers.create({ source: "tok_visa" });
    const { id: second } = await stripe.customers.createSource(customer, { source: "tok_mastercard" });
    const asked = { amount: 2_000, currency: "usd", customer } as const;
    expect(await stripe.charges.create({ ...asked, expand: ["customer"] })).toMatchObject({
      status: "succeeded",
      customer: { id: customer, object: "customer" },
      payment_method: default_source,
      source: { id: default_source, object: "card", customer },
    });
    expect(await stripe.charges.create({ ...asked, source: second })).toMatchObject({ source: { id: second, brand: "MasterCard" } });
    expect(await stripe.paymentIntents.create({ ...asked, confirm: true })).toMatchObject({ payment_method: default_source });
    expect(await stripe.paymentIntents.create({ ...asked, payment_method: second, confirm: true })).toMatchObject({
      payment_method: second,
    });
    expect((await stripe.charges.list({ customer })).data).toHaveLength(4);
    const { id: nobody } = await stripe.customers.create();
    expect(await refusal(stripe.charges.create({ ...asked, customer: nobody }))).toMatchObject({
      status: 402,
      code: "missing",
      message: "Cannot charge a customer that has no active card",
    });
    expect(await refusal(stripe.charges.create({ ...asked, source: "tok_visa" }))).toMatchObject({
      status: 404,
      code: "missing",
      param: "source",
      message: `Customer ${customer} does not have a linked source with ID tok_visa.`,
    });
    expect(await refusal(stripe.charges.create({ amount: 2_000, currency: "usd" }))).toMatchObject({
      status: 400,
      code: "parameter_missing",
      param: "source",
    });
  });
});
