import pino from "pino";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { isForOwnKeys } from "../../../src/operations/operation.ts";
import { client, ownKeys, type Platform, platformOfItsOwn } from "../../platform-of-its-own.ts";
import { png } from "../files/image-fixtures.ts";
import { ask, namesSomebodys, OPERATIONS, oneOfEach } from "../one-of-each.ts";

/** Every call that names something of an account's in its path. */
const NAMED = OPERATIONS.filter(({ path }) => namesSomebodys(path));

const lines: string[] = [];
let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner({ log: pino({ level: "debug" }, { write: (line: string) => lines.push(line) }) });
});
afterAll(() => server.close());

/** Everything that a platform sees of its own data. */
async function everything({ test: stripe }: Platform, account: string): Promise<unknown> {
  const events = async (options = {}) => (await stripe.events.list({}, options)).data.map(({ id, type }) => [id, type]);
  return {
    accounts: (await stripe.accounts.list()).data,
    customers: (await stripe.customers.list()).data,
    endpoints: (await stripe.webhookEndpoints.list()).data,
    payouts: (await stripe.payouts.list()).data,
    transactions: (await stripe.balanceTransactions.list()).data,
    events: await events(),
    theirs: await events({ stripeAccount: account }),
  };
}

describe("no key reaches the objects of others", () => {
  let owner: Platform;
  let ids: Record<string, string>;
  let before: unknown;
  /** Who tries, by what they are to the owner. */
  const strangers: Record<string, { key: string; headers?: Record<string, string>; otherMode?: true }> = {};

  beforeAll(async () => {
    owner = await platformOfItsOwn(server);
    ids = await oneOfEach(server, owner);
    const other = await platformOfItsOwn(server);
    const { id: theirs } = await other.test.accounts.create({ type: "standard" });
    const { id: sibling } = await owner.test.accounts.create({ type: "standard" });
    strangers["another platform"] = { key: other.keys.test.secret };
    strangers["another platform, live"] = { key: other.keys.live.secret };
    strangers["another platform for its account"] = { key: other.keys.test.secret, headers: { "stripe-account": theirs } };
    strangers["another account of the same platform"] = { key: (await ownKeys(owner.test, sibling)).test.secret };
    strangers["the platform for another account"] = { key: owner.keys.test.secret, headers: { "stripe-account": sibling } };
    strangers["the platform in live mode"] = { key: owner.keys.live.secret, otherMode: true };
    before = await everything(owner, ids.account as string);
  });

  test("and every kind of object is tried", () => {
    const names = new Set(NAMED.map(({ path }) => /:(\w+)/.exec(path)?.[1]));
    expect(names).toEqual(new Set(Object.keys(ids)));
    for (const id of Object.values(ids)) expect(id).toMatch(/^[a-z]+_\w+$/);
  });

  test.each(NAMED.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))("%s", async (_, operation) => {
    const name = /:(\w+)/.exec(operation.path)?.[1] ?? "";
    const id = ids[name] as string;
    const unknownId = `${id.slice(0, -4)}zzzz`;
    for (const [who, { key, headers, otherMode }] of Object.entries(strangers)) {
      const unknown = await ask(server, key, operation, { id: unknownId, ...(headers && { headers }) });
      const foreign = await ask(server, key, operation, { id, ...(headers && { headers }) });
      // v1 refuses an account, and v2 does not find it. Some calls take no secret key in live mode.
      const refused =
        (name === "account" && !operation.path.startsWith("/v2/")) ||
        (headers !== undefined && isForOwnKeys(operation)) ||
        (key.startsWith("sk_live_") && operation.publishable === "required_in_live_mode");
      expect(foreign.status, who).toBe(refused ? 403 : 404);
      // The owner of an object learns its mode; nobody else does.
      const told = otherMode
        ? foreign.text.replace(/; a similar object exists in test mode, but a live mode key was used[^.]*\./, "")
        : foreign.text;
      expect(told.replaceAll(id, "ID"), who).toBe(unknown.text.replaceAll(unknownId, "ID"));
    }
  });

  test("and nothing has changed by it", async () => {
    expect(await everything(owner, ids.account as string)).toEqual(before);
  });
});

test("the log holds no key, no signing secret, no personal data, and no URL that may hold a token", async () => {
  const canary = (name: string) => `canary${name}${"x".repeat(8)}`;
  const { keys, test: stripe } = await platformOfItsOwn(server);
  const endpoint = await stripe.webhookEndpoints.create({
    url: `http://127.0.0.1:1/hook?token=${canary("url")}`,
    enabled_events: ["*"],
    description: canary("description"),
  });
  const rolled = (await stripe.rawRequest("POST", `/console/webhook_endpoints/${endpoint.id}/roll_secret`)) as unknown as {
    secret: string;
  };
  const account = await stripe.accounts.create({
    type: "custom",
    business_type: "company",
    individual: { id_number: canary("idnumber"), ssn_last_4: "9876", email: `${canary("person")}@example.com` },
  });
  const own = await ownKeys(stripe, account.id);
  const { id: person_token } = await stripe.tokens.create({ person: { id_number: canary("tokennumber"), first_name: canary("first") } });
  await stripe.accounts.createPerson(account.id, { person_token, ssn_last_4: "9876", last_name: canary("last") });
  await stripe.tokens.create({ pii: { id_number: canary("pii") } });
  const data = Buffer.concat([Buffer.from(png(1, 1)), Buffer.from(canary("content"))]);
  await stripe.files.create({ purpose: "identity_document", file: { data, name: canary("file"), type: "image/png" } });
  await stripe.customers.create({ email: `${canary("mail")}@example.com`, metadata: { secret: canary("metadata") } });
  const refused: [key: string, path: string, init?: RequestInit][] = [
    [`sk_test_${canary("wrongkey")}`, "/v1/customers"],
    [keys.test.publishable, "/v1/customers"],
    [keys.test.secret, `/v1/customers?${canary("query")}=1`],
    [keys.test.secret, "/v1/customers", { method: "POST", body: `{"${canary("json")}`, headers: { "content-type": "application/json" } }],
    [keys.test.secret, "/v1/customers", { method: "POST", body: `email=${canary("form")}` }],
    [keys.test.secret, "/v1/customers", { headers: { "stripe-version": canary("version") } }],
    [keys.test.secret, "/v1/customers", { method: "POST", headers: { "idempotency-key": canary("idempotency") } }],
  ];
  for (const [key, path, { headers, ...init } = {}] of refused)
    await (await fetch(server.url + path, { ...init, headers: { authorization: `Bearer ${key}`, ...headers } })).text();
  await server.idle();
  const log = lines.join("");
  expect(lines.length).toBeGreaterThan(refused.length);
  expect(log).not.toMatch(/canary/i);
  const secrets = [
    endpoint.secret,
    rolled.secret,
    ...[keys, own].flatMap(({ test, live }) => [...Object.values(test), ...Object.values(live)]),
  ];
  for (const secret of secrets) expect(log.includes(secret as string), "a secret in the log").toBe(false);
});

test("answers hold no secret but those of creating and rolling", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const params: Stripe.WebhookEndpointCreateParams = { url: "http://127.0.0.1:1/hook", enabled_events: ["*"] };
  const { id, secret } = await stripe.webhookEndpoints.create(params);
  const rolled = (await stripe.rawRequest("POST", `/console/webhook_endpoints/${id}/roll_secret`, { expire_after: 60 })) as unknown as {
    secret: string;
  };
  const customer = await stripe.customers.create({});
  await server.idle();
  const [delivery] = ((await stripe.rawRequest("GET", "/console/deliveries")) as unknown as { data: { id: string }[] }).data;
  const answers = [
    await stripe.webhookEndpoints.retrieve(id),
    await stripe.webhookEndpoints.update(id, { description: "x" }),
    await stripe.webhookEndpoints.list(),
    await stripe.rawRequest("POST", `/console/webhook_endpoints/${id}/test`),
    await stripe.rawRequest("GET", `/console/deliveries/${delivery?.id}`),
    await stripe.events.list(),
    await stripe.customers.retrieve(customer.id),
    await stripe.accounts.retrieveCurrent(),
    await stripe.webhookEndpoints.del(id),
  ];
  const told = JSON.stringify(answers);
  for (const hidden of [secret as string, rolled.secret]) expect(told).not.toContain(hidden);
  // A hint, which tells secrets apart, has stars behind the prefix.
  expect(told).not.toMatch(/(?:whsec|sk_test|sk_live)_\w/);
});

test.each([-1, 86_401, "soon"])("a secret cannot be rolled with expire_after=%s", async (expire_after) => {
  const stripe = client(server, server.keys.test.secret);
  const { id } = await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:1/hook", enabled_events: ["payout.failed"] });
  await expect(stripe.rawRequest("POST", `/console/webhook_endpoints/${id}/roll_secret`, { expire_after })).rejects.toMatchObject({
    statusCode: 400,
    param: "expire_after",
  });
});
