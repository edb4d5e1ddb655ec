import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import Stripe from "stripe";
import { afterEach, expect, test } from "vitest";
import { createTestDatabase } from "../../../../../scripts/test-database.ts";
import { type Carabiner, type CarabinerOptions, createPlatform, startCarabiner } from "../../../src/index.ts";
import { askForSession, dial, type ListenClient, type Session } from "./listen-client.ts";

/** The sockets of sessions, with clients that say what no official one does. */

const UNKNOWN = '401 {"error":{"message":"Unknown WebSocket ID."}}';

const servers: Carabiner[] = [];
const clients: ListenClient[] = [];
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: CarabinerOptions = {}): Promise<Carabiner> {
  const server = await startCarabiner({ ...options, limits: { listenTickMs: 20, listenSweepMs: 50, ...options.limits } });
  servers.push(server);
  return server;
}

async function session(server: Carabiner, form: Record<string, string> = {}): Promise<Session> {
  return (await askForSession(server, form)).body;
}

async function open(...given: Parameters<typeof dial>): Promise<ListenClient> {
  const client = await dial(...given);
  clients.push(client);
  return client;
}

const sdk = ({ host, port, keys }: Carabiner): Stripe =>
  new Stripe(keys.test.secret, { host, port, protocol: "http", telemetry: false, maxNetworkRetries: 0 });

interface Delivery {
  id: string;
  state: string;
  attempts: { outcome: string; status: number | null; reason: string; response_headers: object; response_body: string }[];
}
/** The deliveries of the newest event of a type, in full, the newest first. */
async function deliveriesOf(stripe: Stripe, type = "customer.created"): Promise<Delivery[]> {
  const [event] = (await stripe.events.list({ type, limit: 1 })).data;
  const { data } = (await stripe.rawRequest("GET", `/console/deliveries?event=${event?.id}`)) as unknown as { data: Delivery[] };
  return Promise.all(data.map(async ({ id }) => (await stripe.rawRequest("GET", `/console/deliveries/${id}`)) as unknown as Delivery));
}

test("an id that is unknown, expired, of another account, mode or feature opens nothing", async () => {
  const server = await start({ limits: { listenDialMs: 400 } });
  const test_ = await session(server);
  await expect(dial(test_, { id: "cliws_unknown" })).rejects.toThrow(UNKNOWN);
  await expect(dial(test_, { id: "" })).rejects.toThrow(UNKNOWN);
  for (const url of [
    test_.websocket_url.replace("/test/", "/live/"),
    `${test_.websocket_url}x`,
    test_.websocket_url.replace(/\/subscribe.*/, "/subscribe/"),
  ])
    await expect(dial(test_, { url })).rejects.toThrow(UNKNOWN);
  await expect(dial(test_, { feature: "request_logs" })).rejects.toThrow(UNKNOWN);
  const { body: live } = await askForSession(server, {}, { authorization: `Bearer ${server.keys.live.secret}` });
  await expect(dial(test_, { id: live.websocket_id })).rejects.toThrow(UNKNOWN);
  await expect(dial(live, { id: test_.websocket_id })).rejects.toThrow(UNKNOWN);
  await server.clock.advance({ seconds: 1 });
  await expect(dial(test_)).rejects.toThrow(UNKNOWN);
});

test("a socket elsewhere than where sessions are is answered as the request it is as well", async () => {
  const server = await start();
  const body = await session(server);
  await expect(dial(body, { url: `${server.url.replace("http", "ws")}/v1/balance` })).rejects.toThrow(/^401 [\s\S]*API key/);
});

test("a session hears of what its account, mode and feature are for, and of nothing else", async () => {
  const server = await start();
  const stripe = sdk(server);
  const live = new Stripe(server.keys.live.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  const [events, requests] = [await session(server), await session(server, { "websocket_features[]": "request_logs" })];
  const [listening, tailing] = [await open(events), await open(requests)];
  await live.customers.create({});
  await stripe.customers.create({});
  const [frame] = await listening.take(2);
  expect(JSON.parse(frame?.event_payload ?? "")).toMatchObject({ type: "customer.created", livemode: false });
  await tailing.take(1);
  expect(listening.frames.map(({ type }) => type)).toEqual(["webhook_event", "webhook_event"]);
  expect(new Set(tailing.frames.map(({ type }) => type))).toEqual(new Set(["request_log_event"]));
});

test("both copies are sent; the answer to either is the attempt's, with its headers and the beginning of its body", async () => {
  const server = await start({ limits: { responseKeptBytes: 5 } });
  const stripe = sdk(server);
  const client = await open(await session(server));
  await stripe.customers.create({});
  const [plain, latest] = (await client.take(2)) as [ListenClient["frames"][0], ListenClient["frames"][0]];
  expect([plain.endpoint.api_version, latest.endpoint.api_version]).toEqual([null, "2026-10-28.endive"]);
  client.acknowledge(plain);
  client.answer(latest, 418, "teapot");
  client.acknowledge(latest);
  client.answer(latest, 200);
  await expect
    .poll(async () => (await deliveriesOf(stripe))[0]?.attempts)
    .toMatchObject([{ outcome: "status", status: 418, response_headers: { "x-local": "1" }, response_body: "teapo" }]);
});

test.each([
  ["no JSON", "{"],
  ["no object", "[]"],
  ["an acknowledgement of nothing", JSON.stringify({ type: "event_ack" })],
  ["a status that is none", JSON.stringify({ type: "webhook_response", webhook_conversation_id: "wc_1", status: "200" })],
  ["bytes", Buffer.from([1, 2, 3])],
])("%s closes the socket, and that one alone", async (_, said) => {
  const server = await start();
  const [bad, good] = [await open(await session(server)), await open(await session(server))];
  bad.socket.send(said);
  expect(await bad.closed).toBe(1008);
  await sdk(server).customers.create({});
  expect(await good.take(2)).toHaveLength(2);
});

test("a frame that is too large closes the socket; types nobody knows and ids of nothing are passed over", async () => {
  const server = await start({ limits: { listenFrameBytes: 1_000 } });
  const client = await open(await session(server));
  client.socket.send(JSON.stringify({ type: "something_new" }));
  client.socket.send(JSON.stringify({ type: "event_ack", webhook_conversation_id: "wc_none" }));
  client.socket.send(JSON.stringify({ type: "webhook_response", webhook_conversation_id: "wc_none", status: 200 }));
  await sdk(server).customers.create({});
  expect(await client.take(2)).toHaveLength(2);
  client.socket.send("x".repeat(1_001));
  expect(await client.closed).toBe(1009);
});

test("no more is sent than may be unacknowledged; each acknowledgement makes room", async () => {
  const server = await start({ limits: { listenUnacknowledged: 3 } });
  const stripe = sdk(server);
  const held = await session(server);
  const before = await open(held);
  before.socket.close(1000, "Resetting the connection");
  await before.closed;
  await Promise.all(Array.from({ length: 5 }, () => stripe.customers.create({})));
  const client = await open(held);
  expect(await client.take(6)).toHaveLength(6);
  // The answers to these were sent after whatever the customers set off.
  await stripe.customers.list();
  expect(client.frames).toHaveLength(6);
  for (const frame of client.frames.slice(0, 4)) client.acknowledge(frame);
  expect(await client.take(10)).toHaveLength(10);
});

test("what was not acknowledged goes out again after a reconnect; what was does not, and is answered there", async () => {
  const server = await start();
  const stripe = sdk(server);
  const held = await session(server);
  const first = await open(held);
  await stripe.customers.create({});
  await stripe.accounts.create({ type: "standard" });
  const [one, two] = (await first.take(2)) as [ListenClient["frames"][0], ListenClient["frames"][0]];
  for (const frame of [one, two]) first.acknowledge(frame);
  const before = (await first.take(4)).slice(2);
  first.socket.close(1000, "Resetting the connection");
  await first.closed;
  const second = await open(held);
  const again = await second.take(2);
  expect(again.map(({ webhook_conversation_id: id }) => id)).toEqual(before.map(({ webhook_conversation_id: id }) => id));
  second.answer(one, 204);
  await expect.poll(async () => (await deliveriesOf(stripe))[0]?.attempts).toMatchObject([{ outcome: "succeeded", status: 204 }]);
  expect(second.frames).toHaveLength(2);
});

test("a client that says nothing is taken for gone, and what it had not acknowledged is sent to where it comes back", async () => {
  const server = await start({ limits: { listenSilenceMs: 300 } });
  const held = await session(server);
  const silent = await open(held);
  await sdk(server).customers.create({});
  await silent.take(2);
  expect(await silent.closed).toBe(1006);
  expect(await (await open(held)).take(2)).toHaveLength(2);
});

test("a client that comes back before its old socket is known to be gone has one socket", async () => {
  const server = await start();
  const held = await session(server);
  const [old, now] = [await open(held), await open(held)];
  expect(await old.closed).toBe(1006);
  await sdk(server).customers.create({});
  expect(await now.take(2)).toHaveLength(2);
});

test("a session outlives its server: what was not acknowledged before goes out after", async () => {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-listen-"));
  try {
    const store = { file: join(directory, "data.db") };
    const first = await start({ store });
    const held = await session(first);
    const before = await open(held);
    await sdk(first).customers.create({});
    await before.take(2);
    await first.close();
    expect(await before.closed).toBe(1001);
    const second = await start({ store });
    const after = await open({ ...held, websocket_url: held.websocket_url.replace(/:\d+/, `:${second.port}`) });
    const [frame] = await after.take(2);
    expect(JSON.parse(frame?.event_payload ?? "").type).toBe("customer.created");
    after.answer(frame as NonNullable<typeof frame>, 200);
    await expect.poll(async () => (await deliveriesOf(sdk(second)))[0]?.state).toBe("succeeded");
  } finally {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    rmSync(directory, { recursive: true });
  }
});

test("a session that ends takes with it what it was still owed", async () => {
  const server = await start({ limits: { listenAwayMs: 60_000 } });
  const stripe = sdk(server);
  const held = await session(server);
  const client = await open(held);
  client.socket.close(1000, "Resetting the connection");
  await client.closed;
  await stripe.customers.create({});
  expect((await deliveriesOf(stripe))[0]?.state).toBe("pending");
  await server.clock.advance({ seconds: 61 });
  await expect.poll(async () => (await deliveriesOf(stripe))[0]?.state).toBe("cancelled");
  await expect(dial(held)).rejects.toThrow(UNKNOWN);
  await stripe.customers.create({});
  expect(await deliveriesOf(stripe)).toEqual([]);
});

test("a session ends after its longest time, however long its socket has been open", async () => {
  const server = await start({ limits: { listenSessionMs: 120_000, listenAwayMs: 3_600_000 } });
  const held = await session(server);
  const client = await open(held);
  await server.clock.advance({ seconds: 119 });
  const again = await open(held);
  await client.closed;
  await server.clock.advance({ seconds: 1 });
  await again.closed;
  await expect(dial(held)).rejects.toThrow(UNKNOWN);
});

test("sessions are bounded: one that waits for its socket makes room, one that has it does not", async () => {
  const server = await start({ limits: { listenSessionsPerAccount: 2 } });
  await open(await session(server));
  const waiting = await session(server);
  await open(await session(server));
  await expect(dial(waiting)).rejects.toThrow(UNKNOWN);
  const { status, body } = await askForSession(server);
  expect([status, body.error?.message]).toEqual([429, expect.stringContaining("2 `stripe listen`")]);
  expect((await askForSession(server, {}, { authorization: `Bearer ${server.keys.live.secret}` })).status).toBe(200);
});

test("sessions whose sockets are never opened leave nothing behind", async () => {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-listen-"));
  try {
    const store = { file: join(directory, "data.db") };
    const server = await start({ store, limits: { listenSessionsPerAccount: 3, listenSweepMs: 60_000 } });
    for (let n = 0; n < 20; n++) await session(server);
    await server.close();
    const database = new DatabaseSync(store.file, { readOnly: true });
    const count = (sql: string) => database.prepare(sql).get()?.count;
    expect(count("SELECT count(*) AS count FROM listen_sessions")).toBe(3);
    expect(count("SELECT count(*) AS count FROM endpoints WHERE id LIKE 'lsn_%'")).toBe(3);
    database.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a socket counts as a request of its address", async () => {
  const server = await start({ limits: { requestsPerSecondPerAddress: 0.001, requestBurstPerAddress: 3 } });
  const held = await session(server);
  for (let n = 0; n < 2; n++) await expect(dial(held, { id: "cliws_guessed" })).rejects.toThrow(UNKNOWN);
  await expect(dial(held)).rejects.toThrow(/^429 .*rate_limit/s);
});

test("a session ends with the key that asked for it, and opens no more", async () => {
  const server = await start();
  const stripe = sdk(server);
  const key = (await stripe.rawRequest("POST", "/console/keys", {})) as unknown as { id: string; secret: string };
  const { body: held } = await askForSession(server, {}, { authorization: `Bearer ${key.secret}` });
  const [its, other] = [await open(held), await open(await session(server))];
  await stripe.rawRequest("POST", `/console/keys/${key.id}/revoke`, {});
  expect(await its.closed).toBe(1008);
  await expect(dial(held)).rejects.toThrow(UNKNOWN);
  await stripe.customers.create({});
  expect(await other.take(2)).toHaveLength(2);
  expect(its.frames).toEqual([]);
});

test("listening is for secret keys of the account's own, and can be switched off", async () => {
  const server = await start();
  const refused = async (headers: Record<string, string>) => (await askForSession(server, {}, headers)).status;
  expect(await refused({ authorization: `Bearer ${server.keys.test.publishable}` })).toBe(403);
  const { id } = await sdk(server).accounts.create({ type: "express" });
  expect(await refused({ "stripe-account": id })).toBe(403);
  const off = await start({ stripeListen: false });
  const { status, body } = await askForSession(off);
  expect([status, body.error?.message]).toEqual([403, expect.stringContaining("switched off")]);
});

test.each([
  [{ "websocket_features[]": "v3_events" }, "websocket_features"],
  [{ "websocket_features[]": "request_logs", filters: "{" }, "filters"],
  [{ "websocket_features[]": "request_logs", filters: '{"filter_ip_address":["1.2.3.4"]}' }, "filters[filter_ip_address]"],
  [{ "websocket_features[]": "request_logs", filters: '{"filter_http_method":"POST"}' }, "filters[filter_http_method]"],
  [{ "websocket_features[]": "request_logs", filters: '{"what":[]}' }, "filters[what]"],
  [{ device_name: "x".repeat(256) }, "device_name"],
])("a session with %o is refused, by its parameter", async (form, param) => {
  const { status, body } = await askForSession(await start(), form);
  expect([status, body.error]).toEqual([400, expect.objectContaining({ param })]);
});

test("events are signed with the secrets of the endpoints they go to as well, where that is asked for", async () => {
  const server = await start({ listenEndpointSecrets: true });
  const stripe = sdk(server);
  const make = (enabled_events: Stripe.WebhookEndpointCreateParams.EnabledEvent[]) =>
    stripe.webhookEndpoints.create({ url: "http://127.0.0.1:9/", enabled_events });
  const [hears, other] = [await make(["customer.created"]), await make(["payout.paid"])];
  const held = await session(server);
  const client = await open(held);
  await stripe.customers.create({});
  for (const { event_payload, http_headers } of await client.take(2)) {
    const verify = (secret = "") => Stripe.webhooks.constructEvent(event_payload, http_headers["stripe-signature"] ?? "", secret).type;
    expect([verify(held.secret), verify(hears.secret)]).toEqual(["customer.created", "customer.created"]);
    expect(() => verify(other.secret)).toThrow(Stripe.errors.StripeSignatureVerificationError);
  }
});

test("an event that one server records reaches the socket that another has", async () => {
  const database = await createTestDatabase();
  try {
    const secretKeys = { keys: "00".repeat(32) };
    const store = { url: database.url };
    const platform = await createPlatform({ store, secretKeys, name: "Acme" });
    const options = { mode: "serve", store, secretKeys } as const;
    const [one, other] = [await start(options), await start(options)];
    const client = await open((await askForSession({ url: one.url, keys: platform.keys })).body);
    const stripe = new Stripe(platform.keys.test.secret, { host: other.host, port: other.port, protocol: "http", telemetry: false });
    await stripe.customers.create({});
    expect(await client.take(2)).toHaveLength(2);
  } finally {
    for (const { socket } of clients.splice(0)) socket.terminate();
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await database.drop();
  }
});
