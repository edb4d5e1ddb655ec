import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { officialTypeErrors } from "../../official-types.ts";
import { type Platform, platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { payableAccount } from "../money/payable-account.ts";
import { checkoutBrowser } from "./checkout-browser.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const types = async ({ test: stripe }: Platform, options: Stripe.RequestOptions = {}): Promise<string[]> =>
  (await stripe.events.list({ limit: 100 }, options)).data.map(({ type }) => type).reverse();

const URLS = { success_url: "https://example.com/done?session={CHECKOUT_SESSION_ID}", cancel_url: "https://example.com/cart" };
const RIDE: Stripe.Checkout.SessionCreateParams.LineItem = {
  price_data: { currency: "usd", unit_amount: 2_000, product_data: { name: "Ride" } },
  quantity: 2,
};
const PAYMENT: Stripe.Checkout.SessionCreateParams = { mode: "payment", line_items: [RIDE], ...URLS };
const CARD = {
  card_number: "4242 4242 4242 4242",
  card_expiry: "04 / 40",
  card_cvc: "123",
  name: "Jenny Rosen",
  email: "jenny@example.com",
};
const DECLINED = { ...CARD, card_number: "4000000000000002" };

describe("a session in payment mode", () => {
  test("is opened, shown with its line items, and paid on its page", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const opened = await stripe.checkout.sessions.create({ ...PAYMENT, client_reference_id: "cart-7", metadata: { cart: "7" } });
    expect(opened).toMatchObject({
      status: "open",
      payment_status: "unpaid",
      payment_intent: null,
      amount_subtotal: 4_000,
      amount_total: 4_000,
    });
    expect(opened.id).toMatch(/^cs_test_\w{58}$/);
    const { data: items } = await stripe.checkout.sessions.listLineItems(opened.id);
    expect(items).toMatchObject([
      { object: "item", description: "Ride", quantity: 2, amount_total: 4_000, price: { unit_amount: 2_000, active: false } },
    ]);
    const page = await checkoutBrowser(opened.url as string);
    expect(page.text).toContain("Ride × 2");
    expect(page.text).toContain("$40.00");
    expect(await page.send({ action: "pay", ...CARD })).toMatchObject({
      status: 303,
      location: `https://example.com/done?session=${opened.id}`,
    });
    const paid = await stripe.checkout.sessions.retrieve(opened.id, { expand: ["payment_intent", "line_items.data.price.product"] });
    expect(paid).toMatchObject({
      status: "complete",
      payment_status: "paid",
      url: null,
      customer: null,
      customer_details: { email: "jenny@example.com", name: "Jenny Rosen" },
      line_items: { data: [{ price: { product: { object: "product", name: "Ride", active: false } } }] },
      payment_intent: { object: "payment_intent", status: "succeeded", amount: 4_000, receipt_email: "jenny@example.com" },
    });
    expect((await types(platform)).slice(2)).toEqual([
      "payment_intent.created",
      "charge.succeeded",
      "payment_intent.succeeded",
      "checkout.session.completed",
    ]);
    await server.clock.advance({ seconds: 25 * 3_600 });
    expect((await stripe.checkout.sessions.retrieve(opened.id)).status).toBe("complete");
  });

  test("takes another card after one was declined, for the same payment intent", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const { id, url } = await stripe.checkout.sessions.create(PAYMENT);
    const page = await checkoutBrowser(url as string);
    const declined = await page.send({ action: "pay", ...DECLINED });
    expect(declined.status).toBe(422);
    expect(declined.text).toContain("Your card was declined.");
    // What was typed stays, but for the card's number and code.
    expect(declined.text).toContain("jenny@example.com");
    expect(declined.text).not.toContain("4000000000000002");
    const tried = await stripe.checkout.sessions.retrieve(id);
    expect(tried).toMatchObject({ status: "open", payment_status: "unpaid", payment_intent: expect.stringMatching(/^pi_/) });
    expect((await page.send({ action: "pay", ...CARD, card_number: "4000002500003155" })).text).toContain(
      "asks its holder to authenticate",
    );
    expect((await page.send({ action: "pay", ...CARD })).status).toBe(303);
    const paid = await stripe.checkout.sessions.retrieve(id);
    expect(paid).toMatchObject({ status: "complete", payment_intent: tried.payment_intent });
    expect((await types(platform)).filter((type) => type.startsWith("checkout") || type.startsWith("charge"))).toEqual([
      "charge.failed",
      "charge.succeeded",
      "checkout.session.completed",
    ]);
    // A customer who sends the form twice has paid once.
    expect(await page.send({ action: "pay", ...CARD })).toMatchObject({ status: 303, location: `https://example.com/done?session=${id}` });
    expect((await stripe.charges.list()).data).toHaveLength(2);
    expect((await fetch(url as string)).status).toBe(410);
  });

  test("is a destination charge with a fee, or a direct charge, as it was opened", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const connected = await payableAccount(server, { stripe });
    const destination = await stripe.checkout.sessions.create({
      ...PAYMENT,
      payment_intent_data: {
        application_fee_amount: 300,
        on_behalf_of: connected.id,
        transfer_data: { destination: connected.id },
        metadata: { order: "9" },
      },
    });
    await (await checkoutBrowser(destination.url as string)).send({ action: "pay", ...CARD });
    const [intent] = (await stripe.paymentIntents.list({ expand: ["data.latest_charge"] })).data;
    expect(intent).toMatchObject({ application_fee_amount: 300, on_behalf_of: connected.id, metadata: { order: "9" } });
    expect(intent?.latest_charge as Stripe.Charge).toMatchObject({ transfer_data: { destination: connected.id } });
    const [fee] = (await stripe.applicationFees.list()).data;
    expect(fee).toMatchObject({ account: connected.id, amount: 300 });

    const direct = await stripe.checkout.sessions.create(
      { ...PAYMENT, payment_intent_data: { application_fee_amount: 200 } },
      connected.as,
    );
    await (await checkoutBrowser(direct.url as string)).send({ action: "pay", ...CARD });
    expect(await types(platform, connected.as)).toEqual(expect.arrayContaining(["checkout.session.completed", "payment_intent.succeeded"]));
    expect((await stripe.applicationFees.list()).data).toMatchObject([{ account: connected.id, amount: 200 }, { amount: 300 }]);
    expect(await refusal(stripe.checkout.sessions.retrieve(direct.id))).toMatchObject({ code: "resource_missing" });
  });

  test("cannot be paid any more once the platform has lost the account", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const connected = await payableAccount(server, { stripe });
    const { url } = await stripe.checkout.sessions.create(PAYMENT, connected.as);
    const page = await checkoutBrowser(url as string);
    await stripe.accounts.del(connected.id);
    expect(await page.send({ action: "pay", ...CARD })).toMatchObject({ status: 410 });
  });

  test("expires by call and by time, and says so once", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const called = await stripe.checkout.sessions.create(PAYMENT);
    const timed = await stripe.checkout.sessions.create({ ...PAYMENT, expires_at: Math.floor(server.clock.now() / 1_000) + 31 * 60 });
    expect(await stripe.checkout.sessions.expire(called.id)).toMatchObject({ status: "expired", url: null });
    expect(await refusal(stripe.checkout.sessions.expire(called.id))).toMatchObject({ status: 400 });
    await server.clock.advance({ seconds: 32 * 60 });
    expect((await stripe.checkout.sessions.list({ status: "expired" })).data.map(({ id }) => id)).toEqual([timed.id, called.id]);
    expect((await types(platform)).filter((type) => type.startsWith("checkout"))).toEqual([
      "checkout.session.expired",
      "checkout.session.expired",
    ]);
    expect(await (await fetch(timed.url as string)).text()).toContain("This page has expired");
  });

  test("takes coupons and codes off, adds taxes, and counts what was redeemed", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const { id: coupon } = await stripe.coupons.create({ percent_off: 25, max_redemptions: 1 });
    const code = await stripe.promotionCodes.create({ promotion: { type: "coupon", coupon }, code: "FALL25", max_redemptions: 1 });
    const { id: vat } = await stripe.taxRates.create({ display_name: "VAT", inclusive: false, percentage: 10 });
    const opened = await stripe.checkout.sessions.create({
      ...PAYMENT,
      line_items: [{ ...RIDE, tax_rates: [vat] }],
      allow_promotion_codes: true,
    });
    expect(opened).toMatchObject({ amount_subtotal: 4_000, amount_total: 4_400, total_details: { amount_tax: 400, amount_discount: 0 } });
    const page = await checkoutBrowser(opened.url as string);
    const wrong = await page.send({ action: "apply", promotion_code: "NONE" });
    expect(wrong).toMatchObject({ status: 422, text: expect.stringContaining("cannot be redeemed") });
    expect((await page.send({ action: "apply", promotion_code: "fall25" })).text).toContain("$33.00");
    expect((await page.send({ action: "pay", ...CARD })).status).toBe(303);
    expect(await stripe.checkout.sessions.retrieve(opened.id)).toMatchObject({
      amount_total: 3_300,
      discounts: [{ promotion_code: code.id }],
      total_details: { amount_discount: 1_000, amount_tax: 300 },
    });
    const { data } = await stripe.checkout.sessions.list({ expand: ["data.discounts.promotion_code", "data.discounts.coupon"] });
    expect(data[0]?.discounts).toMatchObject([{ coupon: null, promotion_code: { id: code.id, code: "FALL25" } }]);
    expect(await stripe.coupons.retrieve(coupon)).toMatchObject({ times_redeemed: 1, valid: false });
    expect(await stripe.promotionCodes.retrieve(code.id)).toMatchObject({ times_redeemed: 1, active: false });
    expect((await stripe.promotionCodes.list({ active: false })).data.map(({ id }) => id)).toEqual([code.id]);
    expect(await types(platform)).toEqual(expect.arrayContaining(["coupon.updated", "promotion_code.updated"]));
    expect(await refusal(stripe.checkout.sessions.create({ ...PAYMENT, discounts: [{ coupon }] }))).toMatchObject({
      param: "discounts[0][coupon]",
    });
  });

  test("that costs nothing is completed without a card", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: coupon } = await stripe.coupons.create({ percent_off: 100 });
    const { id, url, payment_status } = await stripe.checkout.sessions.create({ ...PAYMENT, discounts: [{ coupon }] });
    expect(payment_status).toBe("no_payment_required");
    const page = await checkoutBrowser(url as string);
    expect(page.text).not.toContain("card_number");
    expect((await page.send({ action: "pay", email: "jenny@example.com" })).status).toBe(303);
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: "complete", payment_intent: null });
  });

  test("makes a customer where it always should, and holds funds where it should", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const { id, url } = await stripe.checkout.sessions.create({
      ...PAYMENT,
      customer_creation: "always",
      payment_intent_data: { capture_method: "manual" },
    });
    await (await checkoutBrowser(url as string)).send({ action: "pay", ...CARD });
    const done = await stripe.checkout.sessions.retrieve(id, { expand: ["payment_intent"] });
    expect(done).toMatchObject({ status: "complete", payment_status: "unpaid", customer: expect.stringMatching(/^cus_/) });
    expect(done.payment_intent).toMatchObject({ status: "requires_capture", customer: done.customer });
    expect(await stripe.customers.retrieve(done.customer as string)).toMatchObject({ email: "jenny@example.com", name: "Jenny Rosen" });
    expect((await stripe.checkout.sessions.list({ customer_details: { email: "jenny@example.com" } })).data.map((one) => one.id)).toEqual([
      id,
    ]);
  });
});

describe("the page", () => {
  test("takes forms from itself alone", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id, url } = await stripe.checkout.sessions.create(PAYMENT);
    const page = await checkoutBrowser(url as string);
    expect((await page.send({ action: "pay", ...CARD, form_token: "x" })).status).toBe(403);
    const other = await stripe.checkout.sessions.create(PAYMENT);
    const foreign = await checkoutBrowser(other.url as string);
    expect((await page.send({ action: "pay", ...CARD, form_token: foreign.token })).status).toBe(403);
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: "open", payment_intent: null });
    expect((await fetch(`${server.url}/checkout/cs_test_unknown`)).status).toBe(404);
  });

  test("says what is wrong with each field, and goes back without paying", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { url } = await stripe.checkout.sessions.create({
      ...PAYMENT,
      phone_number_collection: { enabled: true },
      billing_address_collection: "required",
    });
    const page = await checkoutBrowser(url as string);
    const { status, text } = await page.send({ action: "pay", card_number: "1", card_expiry: "13/40", card_cvc: "x", email: "x" });
    expect(status).toBe(422);
    for (const field of ["email", "phone", "card_number", "card_expiry", "card_cvc", "name", "address_line1", "address_city"])
      expect(text).toContain(`href="#${field}"`);
    expect((await page.send({ action: "pay", ...CARD, card_expiry: "01/20" })).text).toContain("Your card has expired.");
    expect(await page.send({ action: "cancel" })).toMatchObject({ status: 303, location: "https://example.com/cart" });
  });
});

describe("bad input changes nothing and names the parameter", () => {
  const item = (more: object) => ({ ...PAYMENT, line_items: [more] });
  const told = { currency: "usd", product_data: { name: "Ride" } };
  test.each<[object, { code?: string; param: string; status?: number }]>([
    [
      { ...PAYMENT, mode: undefined },
      { code: "parameter_missing", param: "mode" },
    ],
    [{ ...PAYMENT, mode: "subscription" }, { param: "mode" }],
    [
      { ...PAYMENT, success_url: undefined },
      { code: "parameter_missing", param: "success_url" },
    ],
    [
      { ...PAYMENT, success_url: "example.com" },
      { code: "url_invalid", param: "success_url" },
    ],
    [
      { ...PAYMENT, cancel_url: "javascript:alert(1)" },
      { code: "url_invalid", param: "cancel_url" },
    ],
    [
      { ...PAYMENT, line_items: undefined },
      { code: "parameter_missing", param: "line_items" },
    ],
    [item({ quantity: 1 }), { code: "parameter_missing", param: "line_items[0][price]" }],
    [item({ price: "price_none", quantity: 1 }), { code: "resource_missing", param: "line_items[0][price]", status: 400 }],
    [item({ price_data: told, quantity: 1 }), { code: "parameter_missing", param: "line_items[0][price_data][unit_amount]" }],
    [
      item({ price_data: { ...told, unit_amount: 100, product: "prod_none", product_data: undefined }, quantity: 1 }),
      { param: "line_items[0][price_data][product]", status: 400 },
    ],
    [item({ price_data: { ...told, unit_amount: 100 } }), { code: "parameter_missing", param: "line_items[0][quantity]" }],
    [item({ price_data: { ...told, unit_amount: 100 }, quantity: 0 }), { param: "line_items[0][quantity]" }],
    [item({ price_data: { ...told, unit_amount: 10 }, quantity: 1 }), { code: "amount_too_small", param: "line_items[amount]" }],
    [item({ ...RIDE, tax_rates: ["txr_none"] }), { code: "resource_missing", param: "line_items[0][tax_rates][0]", status: 400 }],
    [
      { ...PAYMENT, line_items: [RIDE, { price_data: { ...told, currency: "eur", unit_amount: 100 }, quantity: 1 }] },
      { param: "line_items[1]" },
    ],
    [
      { ...PAYMENT, customer: "cus_none" },
      { code: "resource_missing", param: "customer", status: 400 },
    ],
    [
      { ...PAYMENT, customer_email: "x" },
      { code: "email_invalid", param: "customer_email" },
    ],
    [{ ...PAYMENT, expires_at: 1 }, { param: "expires_at" }],
    [
      { ...PAYMENT, discounts: [{ coupon: "none" }] },
      { code: "resource_missing", param: "discounts[0][coupon]", status: 400 },
    ],
    [{ ...PAYMENT, payment_method_types: ["sepa_debit"] }, { param: "payment_method_types[0]" }],
    [{ ...PAYMENT, automatic_tax: { enabled: true } }, { param: "automatic_tax[enabled]" }],
    [{ ...PAYMENT, shipping_address_collection: { allowed_countries: ["US"] } }, { param: "shipping_address_collection" }],
    [{ ...PAYMENT, payment_intent_data: { application_fee_amount: 1 } }, { param: "payment_intent_data[application_fee_amount]" }],
    [
      { ...PAYMENT, payment_intent_data: { transfer_data: { destination: "acct_none" } } },
      { code: "resource_missing", param: "payment_intent_data[transfer_data][destination]", status: 400 },
    ],
    [{ ...PAYMENT, setup_intent_data: { description: "x" } }, { param: "setup_intent_data" }],
  ])("%o", async (params, { status = 400, ...expected }) => {
    const platform = await platformOfItsOwn(server);
    const refused = await refusal(platform.test.checkout.sessions.create(params as Stripe.Checkout.SessionCreateParams));
    expect(refused).toMatchObject({ status, type: "StripeInvalidRequestError", ...expected });
    expect(await types(platform)).toEqual([]);
    expect((await platform.test.products.list()).data).toEqual([]);
    expect((await platform.test.checkout.sessions.list()).data).toEqual([]);
  });

  test("but not what is only turned off, nor other payment methods beside cards", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const enabled = { enabled: false };
    const asked = {
      ...PAYMENT,
      adaptive_pricing: enabled,
      automatic_tax: enabled,
      invoice_creation: enabled,
      managed_payments: enabled,
      payment_method_types: ["card", "link"],
      tax_id_collection: enabled,
    };
    expect(await stripe.checkout.sessions.create(asked)).toMatchObject({
      adaptive_pricing: enabled,
      automatic_tax: enabled,
      invoice_creation: { enabled: false, invoice_data: { metadata: {} } },
      payment_method_types: ["card", "link"],
      tax_id_collection: { enabled: false, required: "never" },
    });
  });

  test("a recurring price, an inactive one and one that the customer would choose", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: product } = await stripe.products.create({ name: "Ride" });
    const base = { currency: "usd", product };
    const prices = [
      await stripe.prices.create({ ...base, unit_amount: 100, recurring: { interval: "month" } }),
      await stripe.prices.create({ ...base, unit_amount: 100, active: false }),
      await stripe.prices.create({ ...base, custom_unit_amount: { enabled: true } }),
    ];
    for (const { id } of prices)
      expect(await refusal(stripe.checkout.sessions.create({ ...PAYMENT, line_items: [{ price: id, quantity: 1 }] }))).toMatchObject({
        status: 400,
        param: "line_items[0][price]",
      });
  });
});

test("answers and events have the official types", { timeout: 120_000 }, async () => {
  const platform = await platformOfItsOwn(server);
  const { test: stripe } = platform;
  const raw = async (path: string) =>
    (await (await fetch(server.url + path, { headers: { authorization: `Bearer ${platform.keys.test.secret}` } })).json()) as {
      data: { type: string }[];
    };
  const { id, url } = await stripe.checkout.sessions.create(PAYMENT);
  const expiring = await stripe.checkout.sessions.create(PAYMENT);
  await stripe.checkout.sessions.expire(expiring.id);
  const open = await raw(`/v1/checkout/sessions/${expiring.id}`);
  await (await checkoutBrowser(url as string)).send({ action: "pay", ...CARD });
  const events = (await raw("/v1/events")).data;
  expect(
    await officialTypeErrors([
      { type: "Checkout.Session", value: open },
      { type: "Checkout.Session", value: await raw(`/v1/checkout/sessions/${id}?expand[]=line_items`) },
      { type: "LineItem", value: (await raw(`/v1/checkout/sessions/${id}/line_items`)).data[0] },
      { type: "CheckoutSessionCompletedEvent", value: events.find(({ type }) => type === "checkout.session.completed") },
      { type: "CheckoutSessionExpiredEvent", value: events.find(({ type }) => type === "checkout.session.expired") },
    ]),
  ).toEqual([]);
});
