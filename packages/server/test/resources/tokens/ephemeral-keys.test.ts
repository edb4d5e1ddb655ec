import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { client, type Platform, platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { OPERATIONS } from "../one-of-each.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const apiVersion = Stripe.API_VERSION;

async function keyFor({ test: stripe }: Pick<Platform, "test">, customer: string, options: Stripe.RequestOptions = {}) {
  const key = await stripe.ephemeralKeys.create({ customer }, { apiVersion, ...options });
  return { ...key, device: client(server, key.secret as string) };
}

test("a key reads and changes its customer, and is over after an hour", async () => {
  const platform = await platformOfItsOwn(server);
  const { id } = await platform.test.customers.create({ name: "Jenny" });
  const key = await keyFor(platform, id);
  expect(key).toMatchObject({ object: "ephemeral_key", livemode: false, associated_objects: [{ type: "customer", id }] });
  expect(key.secret).toMatch(/^ek_test_\w{32}$/);
  expect(key.expires - key.created).toBe(3_600);
  expect(await key.device.customers.retrieve(id)).toMatchObject({ id, name: "Jenny" });
  expect(await key.device.customers.update(id, { name: "Jenny Rosen" })).toMatchObject({ name: "Jenny Rosen" });
  await server.clock.advance({ seconds: 3_600 });
  expect(await refusal(key.device.customers.retrieve(id))).toMatchObject({ status: 401 });
});

test("a key that was made for a connected account's customer acts for that account alone", async () => {
  const platform = await platformOfItsOwn(server);
  const account = await platform.test.accounts.create({ type: "custom" });
  const as = { stripeAccount: account.id };
  const { id } = await platform.test.customers.create({ name: "Theirs" }, as);
  const key = await keyFor(platform, id, as);
  expect(await key.device.customers.retrieve(id)).toMatchObject({ name: "Theirs" });
  expect(await key.device.customers.retrieve(id, {}, as)).toMatchObject({ name: "Theirs" });
  expect(await refusal(key.device.customers.retrieve(id, {}, { stripeAccount: platform.account }))).toMatchObject({ status: 403 });
  await platform.test.accounts.del(account.id);
  expect(await refusal(key.device.customers.retrieve(id))).toMatchObject({ status: 403 });
});

test("a key that was deleted opens nothing", async () => {
  const platform = await platformOfItsOwn(server);
  const { id } = await platform.test.customers.create({});
  const key = await keyFor(platform, id);
  expect(await platform.test.ephemeralKeys.del(key.id)).toMatchObject({ id: key.id, object: "ephemeral_key" });
  expect(await refusal(key.device.customers.retrieve(id))).toMatchObject({ status: 401 });
  expect(await refusal(platform.test.ephemeralKeys.del(key.id))).toMatchObject({ code: "resource_missing" });
});

test("no other call is open to it, and no other customer", async () => {
  const platform = await platformOfItsOwn(server);
  const { id } = await platform.test.customers.create({});
  const other = await platform.test.customers.create({ name: "Other" });
  const { secret } = await keyFor(platform, id);
  const opened: string[] = [];
  for (const { method, path } of OPERATIONS) {
    const named = path.replace(":customer", other.id).replace(/:\w+/g, "x_1");
    const answer = await fetch(server.url + named, { method, headers: { authorization: `Bearer ${secret}` } });
    // A body that is wrong may be told so before it is known what is asked for: nothing was done then.
    if (answer.status < 400 || ![400, 403].includes(answer.status)) opened.push(`${answer.status} ${method} ${path}`);
  }
  expect(opened).toEqual([]);
  expect(await platform.test.customers.retrieve(other.id)).toMatchObject({ name: "Other" });
  const deletion = await fetch(`${server.url}/v1/customers/${id}`, { method: "DELETE", headers: { authorization: `Bearer ${secret}` } });
  expect(deletion.status).toBe(403);
  const console = await fetch(`${server.url}/console/deliveries`, { headers: { authorization: `Bearer ${secret}` } });
  expect(console.status).toBe(403);
});

test("bad input makes no key", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  expect(await refusal(stripe.ephemeralKeys.create({}, { apiVersion }))).toMatchObject({
    status: 400,
    code: "parameter_missing",
    param: "customer",
  });
  expect(await refusal(stripe.ephemeralKeys.create({ customer: "cus_none" }, { apiVersion }))).toMatchObject({
    status: 400,
    param: "customer",
  });
  expect(await refusal(stripe.ephemeralKeys.create({ issuing_card: "ic_1" }, { apiVersion }))).toMatchObject({
    code: "parameter_unknown",
    param: "issuing_card",
  });
});
