import { hostname } from "node:os";
import Stripe from "stripe";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startGate } from "../../../../scripts/tcp-gate.ts";
import { createTestDatabase, type TestDatabase } from "../../../../scripts/test-database.ts";
import { type Carabiner, type CarabinerOptions, createPlatform, openOperator, startCarabiner } from "../../src/index.ts";
import { packageVersion } from "../../src/operations/package-version.ts";
import { TEST_SECRET } from "../store/store-fixture.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

let database: TestDatabase;
let secret: string;
let nodes: Carabiner[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  secret = (await createPlatform({ store: { url: database.url }, secretKeys: { keys: TEST_SECRET }, name: "Acme" })).keys.test.secret;
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  nodes = [];
  await database.drop();
});

async function startNode(options: CarabinerOptions = {}): Promise<Carabiner> {
  const node = await startCarabiner({
    mode: "serve",
    store: { url: database.url },
    secretKeys: { keys: TEST_SECRET },
    allowLocalEndpoints: true,
    ...options,
  });
  nodes.push(node);
  return node;
}

const stripeOf = (node: Carabiner) =>
  new Stripe(secret, { host: node.host, port: node.port, protocol: "http", maxNetworkRetries: 0, telemetry: false });

/** Longer than any test: what still happens in time was no poll. */
const NEVER_POLLS = { engineIdleMs: 600_000 };

async function publish(node: Carabiner, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const answer = await fetch(`${node.url}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify({ type: "customer.updated", data: { object: { id, object: "customer" } } }),
    });
    expect(answer.status).toBe(200);
  }
}

test("a node without the api role says so, and answers probes", async () => {
  const { url } = await startNode({ roles: ["send", "work"] });
  const posted = { method: "POST", headers: { "content-type": "text/plain" }, body: "x" };
  for (const [path, request] of [["/v1/accounts"], ["/v1/accounts", posted], ["/operator/audit"], ["/"]] as [string, RequestInit?][]) {
    const answer = await fetch(url + path, request);
    const { error } = (await answer.json()) as { error: { type: string; message: string } };
    expect([answer.status, error.type], path).toEqual([421, "invalid_request_error"]);
    expect(error.message).toContain(`no api role, so it answers no calls and shows no pages. Send ${request?.method ?? "GET"} ${path} to`);
  }
  expect((await fetch(`${url}/livez`)).status).toBe(200);
});

test("what one node publishes another sends at once, each event once", async () => {
  const receiver = await startWebhookReceiver();
  const api = await startNode({ roles: ["api"] });
  await startNode({ roles: ["send", "work"], limits: NEVER_POLLS });
  await startNode({ roles: ["send", "work"], limits: NEVER_POLLS });
  await stripeOf(api).webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["*"] });
  const ids = Array.from({ length: 20 }, (_, n) => `cus_${n}`);
  await publish(api, ids);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(20), { timeout: 10_000 });
  expect(receiver.received.map(({ event }) => (event.data.object as { id: string }).id).sort()).toEqual(ids.sort());
  await receiver.close();
});

test("what a node without a sender publishes is leased as it is made for those that send, and sent once; one that ends leaves nothing", async () => {
  const receiver = await startWebhookReceiver();
  // What a sender says holds for one and a half beats: longer than ten calls take on a busy machine.
  const limits = { ...NEVER_POLLS, nodeBeatMs: 1_000, nodeGoneMs: 60_000 };
  const api = await startNode({ roles: ["api"], limits });
  const senders = [await startNode({ roles: ["send"], limits }), await startNode({ roles: ["send"], limits })];
  await stripeOf(api).webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["*"] });
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    CREATE TABLE handed_over (node text);
    CREATE FUNCTION note_handed_over() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO handed_over VALUES (NEW.lease_node); RETURN NULL; END $$;
    CREATE TRIGGER handed_over AFTER INSERT ON pending FOR EACH ROW WHEN (NEW.handed IS NOT NULL) EXECUTE FUNCTION note_handed_over()`);
  const handedOver = async () => (await client.query("SELECT node, count(*)::integer FROM handed_over GROUP BY node")).rows;
  const ids: string[] = [];
  const publishMore = async (count: number) => {
    const more = Array.from({ length: count }, (_, n) => `cus_${ids.length + n}`);
    ids.push(...more);
    await publish(api, more);
  };
  // Until the node has heard both, what it publishes is claimed.
  await vi.waitFor(async () => {
    await publishMore(1);
    expect(await handedOver()).toHaveLength(2);
  }, 10_000);
  // Now and then a beat is late, and what is published meanwhile is claimed.
  await vi.waitFor(async () => {
    await publishMore(1);
    const sum = (await handedOver()).reduce((total, { count }) => total + (count as number), 0);
    expect(sum).toBeGreaterThanOrEqual(10);
  }, 20_000);
  const closed = (senders[0] as Carabiner).close();
  await publishMore(20);
  await closed;
  await client.end();
  const seen = () => receiver.received.map(({ event }) => (event.data.object as { id: string }).id).sort();
  await vi.waitFor(() => expect(seen()).toHaveLength(ids.length), 20_000);
  expect(seen()).toEqual(ids.sort());
  await receiver.close();
});

test("what falls due is done by a node that works, and sent by one that sends", async () => {
  const receiver = await startWebhookReceiver();
  const [api] = [await startNode({ roles: ["api"] }), await startNode({ roles: ["send"], limits: NEVER_POLLS })];
  const stripe = stripeOf(api);
  await stripe.webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["customer.updated"] });
  const since = Math.floor(Date.now() / 1_000) - 60;
  await publish(api, ["cus_1"]);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), { timeout: 10_000 });
  const job = (await stripe.rawRequest("POST", "/console/resend_jobs", { since, state: "succeeded" })) as unknown as { id: string };
  const status = async () => ((await stripe.rawRequest("GET", `/console/resend_jobs/${job.id}`)) as unknown as { status: string }).status;
  expect(await status()).toBe("running");
  await startNode({ roles: ["work"] });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(2), { timeout: 10_000 });
  expect(await status()).toBe("succeeded");
  await receiver.close();
});

test("each node shows with its version, its roles and its heartbeat, until it leaves", async () => {
  await startNode({ roles: ["api"], limits: { nodeBeatMs: 100 } });
  const sender = await startNode({ roles: ["send", "work"] });
  const operator = await openOperator({ store: { url: database.url }, secretKeys: { keys: TEST_SECRET } });
  const system = async () =>
    JSON.parse((await operator.ask("GET", "/operator/system")).body) as {
      nodes: { name: string; version: string; roles: string[]; started_at: number; seen_at: number }[];
      store: { settings: Record<string, string> };
    };
  const { nodes: shown, store } = await system();
  expect(shown.map(({ roles }) => roles).sort()).toEqual([["api"], ["send", "work"]]);
  for (const node of shown) expect(node).toMatchObject({ version: packageVersion(), name: expect.stringContaining(hostname()) });
  expect(store.settings).toMatchObject({ synchronous_commit: "on" });
  await vi.waitFor(async () => {
    const seen = (await system()).nodes.find(({ roles }) => roles.includes("api"));
    expect(seen?.seen_at).toBeGreaterThan(seen?.started_at ?? 0);
  }, 10_000);
  await sender.close();
  expect((await system()).nodes.map(({ roles }) => roles)).toEqual([["api"]]);
  await operator.close();
});

test("an endpoint that is disabled on one node is sent nothing more by another, also of what that one already holds", async () => {
  // The first request is left waiting, and the endpoint takes one at a time: all others are held by the sending node.
  let answers = false;
  const receiver = await startWebhookReceiver(() => (answers ? 200 : null));
  const sender = await startNode({ limits: { ...NEVER_POLLS, attemptsInFlightPerEndpoint: 1, attemptDeadlineMs: 2_000 } });
  const other = await startNode({ roles: ["api"] });
  const { id } = await stripeOf(other).webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["*"] });
  await publish(sender, ["cus_1", "cus_2", "cus_3"]);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), { timeout: 10_000 });

  await stripeOf(other).webhookEndpoints.update(id, { disabled: true });
  const cancelled = async () => {
    const answer = await fetch(`${other.url}/console/deliveries?state=cancelled`, { headers: { authorization: `Bearer ${secret}` } });
    return ((await answer.json()) as { data: unknown[] }).data;
  };
  await vi.waitFor(async () => expect(await cancelled()).toHaveLength(2), { timeout: 10_000 });
  answers = true;
  await sender.idle();
  expect(receiver.received).toHaveLength(1);
  await receiver.close();
});

test("another node sends what a dead node had leased, within nodeGoneMs", async () => {
  const receiver = await startWebhookReceiver(() => null);
  const limits = { nodeBeatMs: 100, nodeGoneMs: 2_000 };
  const gate = await startGate(database.url);
  const dying = await startNode({ store: { url: gate.url }, limits });
  await stripeOf(dying).webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["*"] });
  await publish(dying, ["cus_1"]);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), { timeout: 10_000 });

  // To the database it is dead from here on; its lease has a minute and more to run.
  gate.shut();
  await startNode({ limits });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(2), { timeout: 20_000 });
  expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
  gate.open();
  await receiver.close();
});

test("a node that was not heard for so long that others may have its leases sends nothing of what it holds", async () => {
  // The first request waits until its attempt has timed out; the endpoint takes one at a time, so the others are held
  // meanwhile.
  let first = true;
  const receiver = await startWebhookReceiver(() => {
    const answer = first ? null : 200;
    first = false;
    return answer;
  });
  const limits = { nodeBeatMs: 100, nodeGoneMs: 2_000 };
  const gate = await startGate(database.url);
  const silent = await startNode({
    store: { url: gate.url },
    limits: { ...limits, databaseAnswerMs: 2_000, attemptsInFlightPerEndpoint: 1, attemptDeadlineMs: 5_000 },
  });
  await stripeOf(silent).webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["*"] });
  const ids = ["cus_1", "cus_2", "cus_3"];
  await publish(silent, ids);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), { timeout: 10_000 });

  gate.shut();
  const other = await startNode({ limits });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(4), { timeout: 20_000 });
  // Its attempt is over when it has nothing under way any more; then it would send the next.
  await vi.waitFor(() => expect(receiver.waiting()).toBe(0), { timeout: 10_000 });
  gate.open();
  await vi.waitFor(async () => expect((await fetch(`${silent.url}/health`)).status).toBe(200), { timeout: 10_000 });
  await silent.idle();
  await other.idle();
  const seen = receiver.received.map(({ event }) => (event.data.object as { id: string }).id);
  expect(seen.slice(1).sort()).toEqual(ids);
  await receiver.close();
});

test("while the database is silent the API answers 503 within the limit, then at once; it recovers on its own", async () => {
  const gate = await startGate(database.url);
  const node = await startNode({ store: { url: gate.url }, limits: { databaseConnectMs: 2_000, databaseAnswerMs: 2_000 } });
  const ask = () => fetch(`${node.url}/v1/account`, { headers: { authorization: `Bearer ${secret}` } });
  expect((await ask()).status).toBe(200);

  gate.shut();
  const answers = await Promise.all(Array.from({ length: 30 }, ask));
  for (const answer of answers) {
    expect(answer.status).toBe(503);
    expect(((await answer.json()) as { error: { type: string } }).error.type).toBe("api_error");
  }
  expect((await fetch(`${node.url}/health`)).status).toBe(503);

  gate.open();
  await vi.waitFor(async () => expect((await ask()).status).toBe(200), { timeout: 10_000 });
  await vi.waitFor(async () => expect((await fetch(`${node.url}/health`)).status).toBe(200), { timeout: 10_000 });
});

test.each(["after", "before"] as const)(
  "when the database goes away just %s it was told to commit, the call is answered 503; sent again with its key it is carried out once",
  async (when) => {
    const gate = await startGate(database.url);
    // Nothing else commits meanwhile.
    const node = await startNode({
      store: { url: gate.url },
      roles: ["api"],
      limits: { databaseAnswerMs: 2_000, nodeBeatMs: 600_000, nodeGoneMs: 2_400_000 },
    });
    const create = () =>
      fetch(`${node.url}/v1/customers`, {
        method: "POST",
        headers: { authorization: `Bearer ${secret}`, "idempotency-key": "once" },
        body: new URLSearchParams({ name: "Jenny" }),
      });
    gate.shutWhenSaid("COMMIT\0", when);
    const lost = await create();
    expect(lost.status).toBe(503);
    expect(lost.headers.get("retry-after")).toBe("1");
    expect(await lost.json()).toMatchObject({ error: { type: "api_error", message: expect.stringContaining("same idempotency key") } });

    gate.open();
    await vi.waitFor(async () => expect((await fetch(`${node.url}/health`)).status).toBe(200), { timeout: 10_000 });
    const again = await create();
    expect(again.status).toBe(200);
    expect(again.headers.get("idempotent-replayed")).toBe(when === "after" ? "true" : null);
    const { id } = (await again.json()) as { id: string };
    expect((await stripeOf(node).customers.list()).data.map((customer) => customer.id)).toEqual([id]);
  },
);

test("a node that is told to end while the database is silent ends", async () => {
  const gate = await startGate(database.url);
  const limits = { databaseConnectMs: 2_000, databaseAnswerMs: 2_000, databaseEndMs: 200 };
  const node = await startCarabiner({ mode: "serve", store: { url: gate.url }, secretKeys: { keys: TEST_SECRET }, limits });
  gate.shut();
  await node.close();
});

test("connections that the database ends are replaced, and the nodes still wake each other", async () => {
  const receiver = await startWebhookReceiver();
  const api = await startNode({ roles: ["api"], limits: { nodeBeatMs: 50 } });
  await startNode({ roles: ["send", "work"], limits: { ...NEVER_POLLS, nodeBeatMs: 50 } });
  await stripeOf(api).webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["*"] });
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const ENDED =
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
  await client.query(ENDED);
  // Those that listen again: they have said something, and nothing runs.
  const LISTENING = `SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'carabiner line' AND state = 'idle' AND query <> ''`;
  const lines = async () => (await client.query(LISTENING)).rowCount;
  await vi.waitFor(async () => expect(await lines()).toBe(2), { timeout: 10_000 });
  await client.end();
  await publish(api, ["cus_1"]);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), { timeout: 10_000 });
  await receiver.close();
});
