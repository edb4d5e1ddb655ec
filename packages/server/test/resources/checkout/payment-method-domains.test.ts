import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

test("a domain is registered once, for each account, and its wallets are active while it is enabled", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const account = await stripe.accounts.create({ type: "standard" });
  const made = await stripe.paymentMethodDomains.create({ domain_name: "Shop.Example.com" });
  expect(made).toMatchObject({ domain_name: "shop.example.com", enabled: true, apple_pay: { status: "active" } });
  expect((await stripe.paymentMethodDomains.create({ domain_name: "shop.example.com" })).id).toBe(made.id);
  const theirs = await stripe.paymentMethodDomains.create({ domain_name: "shop.example.com" }, { stripeAccount: account.id });
  expect(theirs.id).not.toBe(made.id);
  expect(await stripe.paymentMethodDomains.update(made.id, { enabled: false })).toMatchObject({
    enabled: false,
    link: { status: "inactive" },
  });
  expect(await stripe.paymentMethodDomains.validate(made.id)).toMatchObject({ id: made.id, google_pay: { status: "inactive" } });
  const second = await stripe.paymentMethodDomains.create({ domain_name: "example.org", enabled: true });
  const ids = async (params: object) => (await stripe.paymentMethodDomains.list(params)).data.map(({ id }) => id);
  expect(await ids({})).toEqual([second.id, made.id]);
  expect(await ids({ enabled: false })).toEqual([made.id]);
  expect(await ids({ domain_name: "example.org" })).toEqual([second.id]);
});

test.each(["", "localhost", "http://example.com", "-a.com", "a b.com", "127.0.0.1"])("%o is not a domain name", async (domain_name) => {
  const { test: stripe } = await platformOfItsOwn(server);
  expect(await refusal(stripe.paymentMethodDomains.create({ domain_name }))).toMatchObject({ status: 400, param: "domain_name" });
  expect((await stripe.paymentMethodDomains.list()).data).toEqual([]);
});
