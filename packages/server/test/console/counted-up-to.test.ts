import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { type Platform, platformOfItsOwn, publish } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

/** What the console counts ends at a limit, however much there is, and says that there may be more. */
const LIMITS = {
  figuresDeliveries: 3,
  figuresListedDeliveries: 4,
  figuresAccountEvents: 2,
  figuresPending: 3,
  throughputDeliveries: 4,
  throughputMs: 60_000,
  waitingCounted: 2,
};

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
let platform: Platform;
let endpoint: string;
beforeAll(async () => {
  receiver = await startWebhookReceiver(() => 500);
  server = await startCarabiner({ limits: LIMITS });
  await server.clock.freeze();
  platform = await platformOfItsOwn(server);
  endpoint = (await platform.test.webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["customer.created"] })).id;
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const get = async (path: string) => (await platform.test.rawRequest("GET", path)) as unknown as Record<string, unknown>;
const figures = () => get(`/console/webhook_endpoints/${endpoint}/figures`);
const listed = async () => ((await get("/console/endpoint_figures")).data as Record<string, unknown>[])[0];
const throughput = async () => (await get("/console/system")).throughput;
const waiting = async () =>
  (await platform.test.rawRequest("POST", `/console/webhook_endpoints/${endpoint}/pause`, { dry_run: true })) as unknown as Record<
    string,
    unknown
  >;

async function fail(count: number): Promise<void> {
  for (let n = 0; n < count; n++)
    await publish(platform.test, { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
  await server.idle();
}

test("deliveries, what waits, and the newest of a minute", async () => {
  await fail(1);
  expect(await waiting()).toMatchObject({ waiting: 1, more: false });
  await fail(1);
  expect(await figures()).toMatchObject({ deliveries: 2, complete: true, pending: 2, pending_complete: true });
  await fail(1);
  expect(await figures()).toMatchObject({ deliveries: 3, complete: false, pending: 3, pending_complete: false });
  expect(await listed()).toMatchObject({ deliveries: 3, complete: true });
  await fail(3);
  expect(await figures()).toMatchObject({ deliveries: 3, pending: 3 });
  expect(await listed()).toMatchObject({ deliveries: 4, complete: false });
  expect(await waiting()).toMatchObject({ waiting: 2, more: true });
  expect(await throughput()).toMatchObject({ deliveries: 4 });
  await server.clock.advance({ seconds: 61 });
  expect(await throughput()).toMatchObject({ deliveries: 0 });
});

test("an account's figures are of its newest events", async () => {
  const { id } = await platform.test.accounts.create({ type: "custom", country: "US" });
  await platform.test.webhookEndpoints.create({ url: receiver.url("/connect"), enabled_events: ["account.updated"], connect: true });
  for (let n = 0; n < 3; n++) await platform.test.accounts.update(id, { metadata: { n } });
  await server.idle();
  expect(await get(`/console/accounts/${id}/figures`)).toMatchObject({ deliveries: 2 });
});
