import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type Carabiner, startCarabiner } from "@carabiner/server";
import Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { createReceiver } from "../src/index.ts";

// The doctor against a real server and a receiver that listens.

let carabiner: Carabiner;
let stripe: Stripe;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  carabiner = await startCarabiner();
  closing.push(() => carabiner.close());
  stripe = clientOf(carabiner.keys.test.secret);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function clientOf(key: string): Stripe {
  return new Stripe(key, { host: carabiner.host, port: carabiner.port, protocol: "http", maxNetworkRetries: 0 });
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/stripe`;
}

function receiver(client: Stripe | undefined = stripe) {
  const hooks = createReceiver({
    endpoints: { connect: { secret: "whsec_1", connect: true } },
    livemode: false,
    inbox: memoryInbox(),
    log: false,
    ...(client === undefined ? {} : { stripe: client }),
  });
  hooks.connect.on("account.updated", () => undefined);
  hooks.onDeauthorized(() => undefined);
  return hooks;
}

test("from nothing registered to everything fits, one remedy after another", async () => {
  const hooks = receiver();
  const url = await listen(hooks.node);
  const codes = async () => (await hooks.doctor({ url })).findings.map(({ code }) => code);

  expect(await codes()).toEqual(["endpoint_missing"]);
  await stripe.webhookEndpoints.create({ url, enabled_events: ["*"] });
  expect(await codes()).toEqual(["scope_wrong"]);

  const version = Stripe.API_VERSION as Stripe.WebhookEndpointCreateParams.ApiVersion;
  const types: Stripe.WebhookEndpointCreateParams.EnabledEvent[] = ["account.updated"];
  const { id } = await stripe.webhookEndpoints.create({ url, connect: true, enabled_events: types, api_version: version });
  const missing = await hooks.doctor({ url });
  expect(missing.findings).toMatchObject([
    {
      code: "types_missing",
      endpoint: id,
      says: "There are handlers for account.application.authorized, account.application.deauthorized, but no endpoint is subscribed to them.",
    },
  ]);
  expect(missing.healthy).toBe(false);

  await stripe.webhookEndpoints.update(id, {
    enabled_events: [...types, "account.application.authorized", "account.application.deauthorized"],
  });
  const well = await hooks.doctor({ url });
  expect(well).toEqual({ healthy: true, findings: [], text: `test: 2 endpoints at the API\n${url}: a receiver answers\nEverything fits.` });

  await stripe.webhookEndpoints.update(id, { disabled: true });
  expect(await codes()).toEqual(["endpoint_disabled"]);
});

test("an endpoint of another release train, or of none, is recognised", async () => {
  const hooks = receiver();
  const url = "https://example.com/stripe";
  const create = { url, connect: true, enabled_events: ["*"] } as const;
  await stripe.webhookEndpoints.create({ ...create, enabled_events: ["*"], api_version: "2025-08-27.basil" });
  expect((await hooks.doctor({ probe: false, url })).findings.map(({ code }) => code)).toEqual(["version_differs"]);
  expect((await hooks.doctor({ probe: false, url, sdkVersion: "2025-09-30.basil" })).findings).toEqual([]);
});

test("an address that redirects, one where a body parser reads first, and one where nobody is", async () => {
  const hooks = receiver();
  const answers = async (url: string) =>
    (await hooks.doctor({ url })).findings.map(({ code }) => code).filter((code) => /url|body/.test(code));
  expect(await answers(await listen((_request, response) => response.writeHead(308, { location: "/stripe/" }).end()))).toEqual([
    "url_redirects",
  ]);
  const parsed = await listen(async (request, response) => {
    for await (const _chunk of request);
    await hooks.node(request, response);
  });
  expect(await answers(parsed)).toEqual(["body_consumed"]);
  const gone = await listen(() => undefined);
  await closing.pop()?.();
  expect(await answers(gone)).toEqual(["url_unreachable"]);
});

test("without a client, or with a key that is refused, it says so and shows no key", async () => {
  expect((await receiver().doctor({ url: "https://example.com", probe: false })).findings.map(({ code }) => code)).toEqual([
    "endpoint_missing",
  ]);
  const hooks = createReceiver({ endpoints: { a: { secret: "whsec_1" } }, livemode: false, inbox: memoryInbox(), log: false });
  expect((await hooks.doctor()).findings.map(({ code }) => code)).toEqual(["no_client"]);
  const refused = await receiver(clientOf("sk_test_secretsecretsecret")).doctor();
  expect(refused.findings).toMatchObject([{ code: "api_failed", says: expect.stringContaining("401") }]);
  expect(JSON.stringify(refused)).not.toContain("secretsecret");
  await expect(hooks.doctor({ url: { b: "https://example.com" } })).rejects.toThrow('There is no lane "b". The lanes are a.');
});

test("destinations for thin events, one remedy after another", async () => {
  const hooks = receiver();
  const url = await listen(hooks.node);
  const codes = async () => (await hooks.doctor({ url })).findings.map(({ code, endpoint }) => [code, endpoint]);
  const types: Stripe.WebhookEndpointCreateParams.EnabledEvent[] = [
    "account.updated",
    "account.application.authorized",
    "account.application.deauthorized",
  ];
  const version = Stripe.API_VERSION as Stripe.WebhookEndpointCreateParams.ApiVersion;
  await stripe.webhookEndpoints.create({ url, connect: true, enabled_events: types, api_version: version });
  expect(await codes()).toEqual([]);

  hooks.connect.on("v1.person.updated", () => undefined);
  const missing = await hooks.doctor({ url });
  expect(missing.findings.map(({ code }) => code)).toEqual(["endpoint_missing"]);
  // The remedy is run as it is told.
  const line = /stripe\.(v2\.core\.eventDestinations\.create)\((\{.*\})\)\./.exec(missing.findings[0]?.remedy ?? "");
  const params = JSON.parse((line?.[2] ?? "").replace(/([{,] ?)(\w+):/g, '$1"$2":')) as Stripe.V2.Core.EventDestinationCreateParams;
  const { id } = await stripe.v2.core.eventDestinations.create(params);
  expect(await hooks.doctor({ url })).toMatchObject({
    healthy: true,
    text: `test: 1 endpoint and 1 destination for thin events at the API\n${url}: a receiver answers\nEverything fits.`,
  });

  await stripe.v2.core.eventDestinations.update(id, { enabled_events: ["v1.payout.paid"] });
  expect(await codes()).toEqual([
    ["types_missing", id],
    ["types_unneeded", id],
  ]);
  await stripe.v2.core.eventDestinations.disable(id);
  const { findings } = await hooks.doctor({ url });
  expect(findings).toMatchObject([{ code: "endpoint_disabled", says: `${id} at ${url} is disabled (by a user), so it receives nothing.` }]);
});

test("where the API lists no destinations, that is an error only for handlers of thin events", async () => {
  const older = {
    rawRequest: (method: string, path: string) =>
      path.startsWith("/v2/") ? Promise.reject(Object.assign(new Error("no"), { statusCode: 404 })) : stripe.rawRequest(method, path),
  };
  const hooks = createReceiver({
    endpoints: { a: { secret: "whsec_1" } },
    livemode: false,
    inbox: memoryInbox(),
    log: false,
    stripe: older,
  });
  hooks.a.on("payout.paid", () => undefined);
  await stripe.webhookEndpoints.create({ url: "https://example.com", enabled_events: ["payout.paid"] });
  const well = await hooks.doctor({ sdkVersion: Stripe.API_VERSION });
  expect(well.findings.map(({ code }) => code)).toEqual(["version_unpinned"]);
  expect(well.text).toContain("test: 1 endpoint at the API. The API does not list the event destinations (404, no answer).");
  hooks.a.on("v1.payout.paid", () => undefined);
  expect((await hooks.doctor()).findings).toMatchObject([{ code: "api_failed", severity: "error" }]);
});
