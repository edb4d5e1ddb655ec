import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Carabiner } from "../src/carabiner.ts";
import type { CarabinerOptions } from "../src/carabiner-options.ts";
import { createPlatform } from "../src/create-platform.ts";
import { startCarabiner } from "../src/start-carabiner.ts";
import { client, publish, refusal } from "./platform-of-its-own.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

let directory: string;
let store: { file: string };
const running: Carabiner[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "carabiner-serve-"));
  store = { file: join(directory, "carabiner.db") };
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
  await rm(directory, { recursive: true });
});

async function serve(options: CarabinerOptions = {}): Promise<Carabiner> {
  const server = await startCarabiner({ mode: "serve", store, ...options });
  running.push(server);
  return server;
}

test("a start that throws leaves nothing open: the same file can be opened at once", async () => {
  await createPlatform({ store, name: "Acme" });
  await expect(serve({ limits: { leaseMs: 1 } })).rejects.toThrow(/leaseMs/);
  const taken = await serve();
  await expect(startCarabiner({ port: taken.port })).rejects.toThrow(/EADDRINUSE/);
  expect((await fetch(`${taken.url}/health`)).status).toBe(200);
});

test.each([
  [{ mode: "prod" }, 'mode: "prod" is not a mode.'],
  [{ mode: "serve", roles: ["x"] }, 'roles: "x" is not a role.'],
  [{ mode: "serve", roles: [] }, "roles: choose at least one of api, send, work."],
  [{ strore: "memory" }, "strore: there is no such option. There are mode, host, port,"],
  [{ egress: { allowedRange: ["10.0.0.0/8"] } }, "egress.allowedRange: there is no such option. There are allowedRanges,"],
  [{ forward: { url: "http://127.0.0.1:1" } }, "forward.url: there is no such option. There are to, connectTo, secret."],
  [{ tls: { cert: "x" } }, "tls.cert: there is no such option."],
  [{ metrics: { address: "x" } }, "metrics.address: there is no such option."],
])("options %j are refused by name", async (options, words) => {
  await expect(startCarabiner(options as unknown as CarabinerOptions)).rejects.toThrow(words);
});

test("what is not a database of ours keeps its mode", async () => {
  const other = join(directory, "notes.txt");
  await writeFile(other, "not a database, and no SQLite file at all; ".repeat(100));
  for (const path of [other, directory]) {
    const { mode } = await stat(path);
    await expect(startCarabiner({ mode: "serve", store: { file: path } })).rejects.toThrow();
    expect((await stat(path)).mode).toBe(mode);
  }
});

test("an endpoint has a bounded number of secrets that sign", async () => {
  const server = await startCarabiner({ limits: { secretsPerEndpoint: 2 } });
  running.push(server);
  const { id } = await client(server, server.keys.test.secret).webhookEndpoints.create({
    url: "http://127.0.0.1:9/",
    enabled_events: ["*"],
  });
  const roll = (after: number) =>
    fetch(`${server.url}/console/webhook_endpoints/${id}/roll_secret`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.keys.test.secret}` },
      body: new URLSearchParams({ expire_after: String(after) }),
    });
  expect((await roll(60)).status).toBe(200);
  const refused = await roll(60);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { param: "expire_after", message: expect.stringContaining("2 signing secrets") } });
  expect((await roll(0)).status).toBe(200);
  expect((await roll(60)).status).toBe(200);
});

test.each([
  [{ nosuch: 1 }, "limits.nosuch: there is no such limit."],
  [{ attemptsInFlight: -1 }, "limits.attemptsInFlight: -1 is not a number of at least 1."],
  [{ leaseMs: "long" }, "limits.leaseMs: long is not a number of at least 0."],
  [{ drainMs: Number.NaN }, "limits.drainMs: NaN is not a number of at least 0."],
])("limits %j are refused by name", async (limits, words) => {
  await expect(startCarabiner({ limits: limits as CarabinerOptions["limits"] & object })).rejects.toThrow(words);
});

test("a dev server tries a failing endpoint each time: it has no breaker", async () => {
  const receiver = await startWebhookReceiver(() => 500);
  try {
    const server = await startCarabiner();
    running.push(server);
    const stripe = client(server, server.keys.test.secret);
    await stripe.webhookEndpoints.create({ url: receiver.url("/failing"), enabled_events: ["customer.created"] });
    for (let n = 0; n < 30; n++) await stripe.customers.create({});
    await server.idle();
    expect(receiver.at("/failing")).toHaveLength(30);
  } finally {
    await receiver.close();
  }
});

test("a retry policy is chosen by its name, and another name is refused", async () => {
  const { keys } = await createPlatform({ store, name: "Acme" });
  await expect(serve({ retryPolicy: "often" as "none" })).rejects.toThrow(
    'retryPolicy: "often" is not a retry policy. Choose one of stripe, quick, none.',
  );
  const receiver = await startWebhookReceiver(() => 500);
  try {
    // In a separate thread, and in this one.
    const server = await serve({ retryPolicy: "none", allowLocalEndpoints: true });
    const dev = await startCarabiner({ retryPolicy: "none" });
    running.push(dev);
    for (const [one, key] of [
      [server, keys.test.secret],
      [dev, dev.keys.test.secret],
    ] as const) {
      const stripe = client(one, key);
      const { id } = await stripe.webhookEndpoints.create({ url: receiver.url("/failing"), enabled_events: ["*"] });
      await stripe.customers.create({});
      await one.idle();
      const listed = await fetch(`${one.url}/console/deliveries?endpoint=${id}`, { headers: { authorization: `Bearer ${key}` } });
      expect(await listed.json()).toMatchObject({ data: [{ state: "exhausted" }] });
    }
  } finally {
    await receiver.close();
  }
});

test("the keys of a platform are the only ones, they are its own, and its events arrive", async () => {
  const [one, other] = [await createPlatform({ store, name: "One" }), await createPlatform({ store, name: "Other", country: "DE" })];
  const receiver = await startWebhookReceiver();
  try {
    const server = await serve({ allowLocalEndpoints: true });
    const stripe = client(server, one.keys.test.secret);
    expect((await stripe.accounts.retrieveCurrent()).id).toBe(one.account);
    expect(await client(server, other.keys.live.secret).accounts.retrieveCurrent()).toMatchObject({ id: other.account, country: "DE" });
    for (const key of ["sk_test_carabiner", "sk_live_carabiner", "sk_test_carabinerForLocalTesting", "sk_test_", "sk_live_"])
      expect(await refusal(client(server, key).accounts.retrieveCurrent())).toMatchObject({ status: 401 });
    expect([server.account, server.applications]).toEqual(["", { test: "", live: "" }]);

    const { secret } = await stripe.webhookEndpoints.create({
      url: receiver.url("/hook"),
      enabled_events: ["account.updated"],
      connect: true,
    });
    const account = await stripe.accounts.create({ type: "custom" });
    await stripe.accounts.update(account.id, { email: "jenny@example.com" });
    await server.idle();
    const [webhook] = receiver.received;
    const event = Stripe.webhooks.constructEvent(webhook?.body ?? "", webhook?.headers["stripe-signature"] ?? "", secret ?? "");
    expect(event).toMatchObject({ type: "account.updated", account: account.id, pending_webhooks: 1 });
  } finally {
    await receiver.close();
  }
});

test("what is for development is not there", async () => {
  const { keys } = await createPlatform({ store, name: "Acme" });
  const server = await serve();
  const stripe = client(server, keys.test.secret);
  for (const [method, path] of [
    ["GET", "clock"],
    ["POST", "clock/advance"],
    ["POST", "clock/freeze"],
    ["POST", "clock/release"],
    ["POST", "platforms"],
    ["POST", "accounts/acct_1/keys"],
  ] as const)
    expect((await refusal(stripe.rawRequest(method, `/v1/test_helpers/${path}`))).status, path).toBe(404);
  await expect(async () => server.clock.advance({ seconds: 1 })).rejects.toThrow("only a dev server's clock can be advanced");
});

test("an endpoint must be public, and https with a live key, when it is made and when it is changed", async () => {
  const { keys } = await createPlatform({ store, name: "Acme" });
  const server = await serve();
  const [live, stripe] = [client(server, keys.live.secret), client(server, keys.test.secret)];
  const make = (on: Stripe, url: string) => on.webhookEndpoints.create({ url, enabled_events: ["*"] });
  for (const host of [
    "localhost",
    "127.0.0.1",
    "[::1]",
    "10.0.0.1",
    "192.168.1.1",
    "0.0.0.0",
    "169.254.169.254",
    "2130706433",
    "printer.local",
  ])
    for (const on of [live, stripe])
      expect(await refusal(make(on, `https://${host}/hook`)), host).toMatchObject({
        status: 400,
        code: undefined,
        param: "url",
        message: expect.stringMatching(/^Invalid URL: destination not allowed\. URL must be publicly accessible\./),
      });
  expect(await refusal(make(live, "http://example.com/hook"))).toMatchObject({
    status: 400,
    code: undefined,
    message: 'Invalid URL: http://example.com/hook. URLs in livemode must begin with "https://"',
  });
  const { id } = await make(live, "https://example.com/hook");
  expect((await refusal(live.webhookEndpoints.update(id, { url: "http://example.com/hook" }))).message).toContain("URLs in livemode");
  expect((await refusal(live.webhookEndpoints.update(id, { url: "https://localhost" }))).message).toContain("publicly accessible");
  expect((await live.webhookEndpoints.retrieve(id)).url).toBe("https://example.com/hook");
  expect((await make(stripe, "http://example.com/hook")).livemode).toBe(false);
});

test("types of one's own are refused unless the server allows them, in endpoints and in events", async () => {
  const { keys } = await createPlatform({ store, name: "Acme" });
  const own = { type: "order.shipped", data: { object: { object: "order" } } };
  const params = { url: "https://example.com", enabled_events: ["order.shipped" as "*"] };
  const server = await serve();
  const stripe = client(server, keys.test.secret);
  expect(await refusal(publish(stripe, own))).toMatchObject({ status: 400, param: "type" });
  expect(await refusal(stripe.webhookEndpoints.create(params))).toMatchObject({ status: 400, param: "enabled_events[0]" });
  await server.close();
  const allowing = client(await serve({ allowCustomEventTypes: true }), keys.test.secret);
  await allowing.webhookEndpoints.create(params);
  expect(await publish(allowing, own)).toMatchObject({ type: "order.shipped", pending_webhooks: 1 });
});

test("a store is for serving or for development, never for both", async () => {
  await createPlatform({ store, name: "Acme" });
  await expect(startCarabiner({ store })).rejects.toThrow("would add keys to it that everybody knows");
  await (await serve()).close();
  const developed = { file: join(directory, "developed.db") };
  await (await startCarabiner({ store: developed })).close();
  await expect(startCarabiner({ mode: "serve", store: developed })).rejects.toThrow("made for development");
  await expect(createPlatform({ store: developed, name: "Acme" })).rejects.toThrow("made for development");
  await (await startCarabiner({ store: developed })).close();
});
