import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { platformOfItsOwn, refusal } from "../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner({ limits: { searchedRows: 10 } });
});
afterAll(() => server.close());

test("customers are found by what they are called, deleted ones and those of others not at all", async () => {
  const { test: stripe, live } = await platformOfItsOwn(server);
  const jenny = await stripe.customers.create({ name: "Jenny Rosen", email: "jenny@example.com", metadata: { plan: "gold" } });
  const gone = await stripe.customers.create({ name: "Jenny Gone" });
  await stripe.customers.del(gone.id);
  await (await platformOfItsOwn(server)).test.customers.create({ name: "Jenny Other" });
  const found = await stripe.customers.search({ query: 'name~"jenny" AND metadata["plan"]:"gold"', expand: ["data.default_source"] });
  expect(found).toMatchObject({ object: "search_result", has_more: false, next_page: null, url: "/v1/customers/search" });
  expect(found.data.map(({ id }) => id)).toEqual([jenny.id]);
  expect((await stripe.customers.search({ query: 'name~"jenny"' })).data).toHaveLength(1);
  expect((await live.customers.search({ query: 'name~"jenny"' })).data).toEqual([]);
});

test("charges and payment intents are found by amount, state and card, on an account that is acted for too", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const pay = (amount: number, payment_method: string) =>
    stripe.paymentIntents.create({ amount, currency: "usd", confirm: true, payment_method });
  await pay(1_000, "pm_card_visa");
  await pay(2_000, "pm_card_mastercard");
  await pay(3_000, "pm_card_chargeDeclined").catch(() => undefined);
  const charges = async (query: string) => (await stripe.charges.search({ query })).data.map(({ amount }) => amount);
  expect(await charges("amount>1000")).toEqual([3_000, 2_000]);
  expect(await charges('amount>1000 AND -status:"failed"')).toEqual([2_000]);
  expect(await charges('payment_method_details.card.brand:"mastercard" OR payment_method_details.card.last4:"4242"')).toEqual([
    2_000, 1_000,
  ]);
  const intents = await stripe.paymentIntents.search({ query: 'status:"succeeded" AND amount<=1000' });
  expect(intents.data.map(({ amount }) => amount)).toEqual([1_000]);
  const account = await stripe.accounts.create({ type: "standard" });
  expect((await stripe.charges.search({ query: "amount>0" }, { stripeAccount: account.id })).data).toEqual([]);
});

test("products and prices are found", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const ride = await stripe.products.create({ name: "Long ride", metadata: { km: "30" } });
  await stripe.products.create({ name: "Walk" });
  const price = await stripe.prices.create({ product: ride.id, currency: "eur", unit_amount: 100, lookup_key: "long" });
  expect((await stripe.products.search({ query: 'name~"ride" AND active:"true"' })).data.map(({ id }) => id)).toEqual([ride.id]);
  expect((await stripe.prices.search({ query: `product:"${ride.id}" AND currency:"eur"` })).data.map(({ id }) => id)).toEqual([price.id]);
});

test("pages join up, also where a search looks at no more rows than it may", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const ids: string[] = [];
  for (let at = 0; at < 25; at++) ids.unshift((await stripe.customers.create({ name: at % 8 === 0 ? "Eighth" : "Other" })).id);
  const seen: string[] = [];
  const sizes: number[] = [];
  let page: string | undefined;
  do {
    const found: Stripe.ApiSearchResult<Stripe.Customer> = await stripe.customers.search({
      query: 'name:"Eighth"',
      limit: 3,
      ...(page === undefined ? {} : { page }),
    });
    seen.push(...found.data.map(({ id }) => id));
    sizes.push(found.data.length);
    page = found.next_page ?? undefined;
  } while (page !== undefined);
  expect(seen).toEqual(ids.filter((_, at) => (24 - at) % 8 === 0));
  expect(sizes).toEqual([2, 1, 1]);
  const all: string[] = [];
  for await (const { id } of stripe.customers.search({ query: 'name~"the"', limit: 4 })) all.push(id);
  expect(all).toHaveLength(21);
});

test("what cannot be read is refused by its name", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  expect(await refusal(stripe.customers.search({ query: "jenny" }))).toMatchObject({ status: 400, param: "query" });
  expect(await refusal(stripe.customers.search({ query: 'status:"x"' }))).toMatchObject({
    param: "query",
    message: "Field `status` is an unsupported search field for resource `customers`.",
  });
  expect(await refusal(stripe.customers.search({ query: 'name:"x"', page: "%%%" }))).toMatchObject({ status: 400, param: "page" });
  expect(await refusal(stripe.customers.search({ query: 'name:"x"', limit: 101 }))).toMatchObject({ param: "limit" });
});
