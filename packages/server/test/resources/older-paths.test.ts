import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { platformOfItsOwn, refusal } from "../platform-of-its-own.ts";
import { payableAccount } from "./money/payable-account.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

/** A call at a path that no method of the official package has. */
const raw = async <Answer>(stripe: Stripe, method: string, path: string, params?: object, options: Stripe.RequestOptions = {}) =>
  (await stripe.rawRequest(method, path, params, options)) as unknown as Answer;

test("people and bank accounts are reached at the paths of older code", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id } = await stripe.accounts.create({ type: "custom", business_type: "company", country: "US" });
  const jenny = await raw<Stripe.Person>(stripe, "POST", `/v1/accounts/${id}/people`, { first_name: "Jenny" });
  const people = `/v1/accounts/${id}/people/${jenny.id}`;
  expect(await raw(stripe, "POST", people, { last_name: "Rosen" })).toMatchObject({ first_name: "Jenny", last_name: "Rosen" });
  expect(await stripe.accounts.retrievePerson(id, jenny.id)).toMatchObject({ last_name: "Rosen" });
  expect(await raw(stripe, "GET", `/v1/accounts/${id}/people`)).toMatchObject({ data: [{ id: jenny.id }] });
  expect(await raw(stripe, "DELETE", people)).toMatchObject({ id: jenny.id, deleted: true });

  const told = { country: "US", currency: "usd", routing_number: "110000000", account_number: "000123456789" };
  const made = await raw<Stripe.BankAccount>(stripe, "POST", `/v1/accounts/${id}/bank_accounts`, { bank_account: told });
  expect(made).toMatchObject({ object: "bank_account", last4: "6789", default_for_currency: true });
  const other = await raw<Stripe.BankAccount>(stripe, "POST", `/v1/accounts/${id}/external_accounts`, { bank_account: "btok_us" });
  const paths = [made.id, other.id].map((bank) => `/v1/accounts/${id}/bank_accounts/${bank}`) as [string, string];
  expect(await raw(stripe, "POST", paths[1], { default_for_currency: true })).toMatchObject({ default_for_currency: true });
  expect(await raw(stripe, "GET", paths[0])).toMatchObject({ id: made.id, default_for_currency: false });
  expect(await raw(stripe, "DELETE", paths[0])).toMatchObject({ id: made.id, deleted: true });

  const neither = raw(stripe, "POST", `/v1/accounts/${id}/bank_accounts`);
  expect(await refusal(neither)).toMatchObject({ code: "parameter_missing", param: "external_account" });
  const both = raw(stripe, "POST", `/v1/accounts/${id}/external_accounts`, { bank_account: "btok_us", external_account: "btok_us" });
  expect(await refusal(both)).toMatchObject({ param: "bank_account" });
  const list = raw(stripe, "GET", `/v1/accounts/${id}/bank_accounts`);
  expect(await refusal(list)).toMatchObject({ status: 404 });
});

test("the history of a balance, and a fee's refund that answers with the fee", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { as } = await payableAccount(server, { stripe });
  const pay = { amount: 2_000, currency: "usd", source: "tok_visa", application_fee_amount: 200 };
  const charge = await stripe.charges.create(pay, as);
  const history = await raw<Stripe.ApiList<Stripe.BalanceTransaction>>(stripe, "GET", "/v1/balance/history?type=charge", undefined, as);
  expect(history).toMatchObject({ url: "/v1/balance_transactions", data: [{ id: charge.balance_transaction }] });
  const one = await raw(stripe, "GET", `/v1/balance/history/${charge.balance_transaction}`, undefined, as);
  expect(one).toMatchObject({ object: "balance_transaction", source: charge.id });

  const path = `/v1/application_fees/${charge.application_fee}/refund`;
  expect(await raw(stripe, "POST", path, { amount: 50 })).toMatchObject({
    id: charge.application_fee,
    object: "application_fee",
    amount_refunded: 50,
    refunds: { data: [{ amount: 50 }] },
  });
  expect(await raw(stripe, "POST", path)).toMatchObject({ amount_refunded: 200, refunded: true });
});

test("domains for Apple Pay, each account's its own", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id } = await stripe.accounts.create({ type: "standard" });
  const as = { stripeAccount: id };
  const domain = await stripe.applePayDomains.create({ domain_name: "Pay.Example.com" }, as);
  expect(domain).toMatchObject({ object: "apple_pay_domain", domain_name: "pay.example.com", livemode: false });
  expect((await stripe.applePayDomains.create({ domain_name: "pay.example.com" }, as)).id).toBe(domain.id);
  expect((await stripe.applePayDomains.list({ domain_name: "pay.example.com" }, as)).data).toMatchObject([{ id: domain.id }]);
  expect((await stripe.applePayDomains.list()).data).toEqual([]);
  expect(await refusal(stripe.applePayDomains.create({ domain_name: "localhost" }, as))).toMatchObject({ param: "domain_name" });
  expect(await stripe.applePayDomains.del(domain.id, {}, as)).toMatchObject({ id: domain.id, deleted: true });
  expect(await refusal(stripe.applePayDomains.retrieve(domain.id, {}, as))).toMatchObject({ code: "resource_missing" });
});
