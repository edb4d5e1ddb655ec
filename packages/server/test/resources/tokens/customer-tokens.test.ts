import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { client, platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

/** A platform with a customer who has saved two cards, and a connected account. */
async function shop() {
  const platform = await platformOfItsOwn(server);
  const stripe = platform.test;
  const customer = await stripe.customers.create({ source: "tok_visa" });
  const second = (await stripe.customers.createSource(customer.id, { source: "tok_mastercard" })) as Stripe.Card;
  const { id } = await stripe.accounts.create({ type: "custom", capabilities: { card_payments: { requested: true } } });
  return {
    platform,
    stripe,
    customer: customer.id,
    first: customer.default_source as string,
    second: second.id,
    as: { stripeAccount: id },
  };
}

test("a platform's customer pays a connected account with a token of a saved card", async () => {
  const { stripe, customer, first, second, as } = await shop();
  const token = await stripe.tokens.create({ customer }, as);
  expect(token).toMatchObject({ type: "card", used: false, card: { object: "card", brand: "Visa", last4: "4242", metadata: {} } });
  expect(token.card?.id).not.toBe(first);
  expect(token.card?.customer).toBeUndefined();
  const charge = await stripe.charges.create({ amount: 2_000, currency: "usd", source: token.id }, as);
  expect(charge).toMatchObject({ paid: true, payment_method_details: { card: { brand: "visa", last4: "4242" } } });
  expect(await stripe.tokens.retrieve(token.id, {}, as)).toMatchObject({ used: true });

  const named = await stripe.tokens.create({ customer, card: second }, as);
  expect(named.card).toMatchObject({ brand: "MasterCard", last4: "4444" });
  const there = await stripe.customers.create({ source: named.id }, as);
  expect(there.default_source).toBe(named.card?.id);
  // The platform's own cards do not change.
  expect((await stripe.customers.listSources(customer)).data.map(({ id }) => id).sort()).toEqual([first, second].sort());
});

test("nobody else gets one, nor one of another's card", async () => {
  const { platform, stripe, customer, second, as } = await shop();
  const other = await shop();
  const without = await stripe.customers.create();
  expect(
    await refusals([
      stripe.tokens.create({ customer }),
      stripe.tokens.create({ customer }, other.as),
      stripe.tokens.create({ customer: other.customer }, as),
      stripe.tokens.create({ customer, card: other.second }, as),
      stripe.tokens.create({ customer: without.id }, as),
      stripe.tokens.create({ card: second }, as),
      stripe.tokens.create({ customer, pii: { id_number: "000000000" } }, as),
    ]),
  ).toMatchObject([
    { status: 400, param: "customer" },
    { status: 403, code: "account_invalid" },
    { status: 400, code: "resource_missing", param: "customer" },
    { status: 404, code: "missing", param: "card" },
    { status: 402, code: "missing" },
    { status: 400, code: "parameter_missing", param: "customer" },
    { status: 400, param: "pii" },
  ]);
  const page = client(server, platform.keys.test.publishable);
  expect(await refusal(page.tokens.create({ customer }, as))).toMatchObject({ status: 403, code: "secret_key_required" });
  const token = await stripe.tokens.create({ customer }, as);
  expect(await refusal(stripe.accounts.createExternalAccount(as.stripeAccount, { external_account: token.id }))).toMatchObject({
    code: "invalid_card_type",
  });
});
