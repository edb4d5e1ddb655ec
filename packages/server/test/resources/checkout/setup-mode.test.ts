import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { checkoutBrowser } from "./checkout-browser.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const SETUP: Stripe.Checkout.SessionCreateParams = { mode: "setup", currency: "usd", success_url: "https://example.com/done" };
const CARD = { card_number: "4242424242424242", card_expiry: "04 / 40", card_cvc: "123", name: "Jenny Rosen" };

test("a card is saved for a customer on the page, and pays without them afterwards", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const customer = await stripe.customers.create({ email: "jenny@example.com" });
  const opened = await stripe.checkout.sessions.create({
    ...SETUP,
    customer: customer.id,
    setup_intent_data: { metadata: { order: "9" } },
  });
  expect(opened).toMatchObject({ payment_status: "no_payment_required", amount_total: null, setup_intent: null, total_details: null });
  const page = await checkoutBrowser(opened.url as string);
  expect(page.text).toContain("Save card");
  expect(page.text).not.toContain('id="email"');
  const declined = await page.send({ action: "pay", ...CARD, card_number: "4000000000000002" });
  expect(declined).toMatchObject({ status: 422, text: expect.stringContaining("Your card was declined.") });
  expect((await page.send({ action: "pay", ...CARD })).status).toBe(303);
  const done = await stripe.checkout.sessions.retrieve(opened.id, { expand: ["setup_intent"] });
  expect(done).toMatchObject({
    status: "complete",
    payment_intent: null,
    customer: customer.id,
    setup_intent: { status: "succeeded", customer: customer.id, metadata: { order: "9" } },
  });
  const method = (done.setup_intent as Stripe.SetupIntent).payment_method as string;
  expect(await stripe.paymentMethods.retrieve(method)).toMatchObject({ customer: customer.id, billing_details: { name: "Jenny Rosen" } });
  expect(
    await stripe.paymentIntents.create({
      amount: 1_000,
      currency: "usd",
      customer: customer.id,
      payment_method: method,
      off_session: true,
      confirm: true,
    }),
  ).toMatchObject({ status: "succeeded" });
  const types = (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).reverse();
  expect(types.filter((type) => /^(setup_intent|checkout)/.test(type))).toEqual([
    "setup_intent.created",
    "setup_intent.setup_failed",
    "setup_intent.succeeded",
    "checkout.session.completed",
  ]);
});

test("what belongs to payments is refused", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const create = (more: object) => refusal(stripe.checkout.sessions.create({ ...SETUP, ...more }));
  expect(await create({ currency: undefined })).toMatchObject({ status: 400, code: "parameter_missing", param: "currency" });
  expect(await create({ line_items: [{ price: "price_1", quantity: 1 }] })).toMatchObject({ status: 400, param: "line_items" });
  expect(await create({ payment_intent_data: { description: "x" } })).toMatchObject({ status: 400, param: "payment_intent_data" });
  expect(await create({ discounts: [{ coupon: "x" }] })).toMatchObject({ status: 400, param: "discounts" });
  expect((await stripe.checkout.sessions.list()).data).toEqual([]);
});
