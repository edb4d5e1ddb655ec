import { expect, test } from "vitest";
import { createMetrics } from "../src/service/metrics.ts";
import { client } from "./platform-of-its-own.ts";
import { cleanUp, start } from "./server-of-its-own.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

/** The value of each series, by its name with its labels, without those of Node itself. */
async function scrape(port: number): Promise<Map<string, number>> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await answer.text()).split("\n").filter((line) => line.startsWith("carabiner_"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

test("what is answered, sent, refused and waiting is told, and no id is a label", async () => {
  const receiver = await startWebhookReceiver(({ path }) => (path === "/good" ? 200 : 500));
  cleanUp.push(() => receiver.close());
  const server = await start({ metrics: { port: 0 } });
  const port = server.metricsPort;
  if (port === null) throw new Error("no metrics");
  const stripe = client(server, server.keys.test.secret);
  for (const path of ["/good", "/bad"])
    await stripe.webhookEndpoints.create({ url: receiver.url(path), enabled_events: ["customer.created"] });
  const customer = await stripe.customers.create({ name: "Jenny" });
  await stripe.customers.retrieve(customer.id);
  await expect(stripe.customers.retrieve("cus_none")).rejects.toThrow();
  await fetch(`${server.url}/no/such/path`);
  await server.idle();

  const found = await scrape(port);
  expect(Object.fromEntries(found)).toMatchObject({
    'carabiner_attempts_total{outcome="succeeded"}': 1,
    'carabiner_attempts_total{outcome="status"}': 1,
    'carabiner_deliveries_total{state="succeeded"}': 1,
    carabiner_attempt_duration_seconds_count: 2,
    carabiner_first_attempt_delay_seconds_count: 2,
    carabiner_egress_blocked_total: 0,
    carabiner_leases_lost_total: 0,
    carabiner_store_up: 1,
    carabiner_deliveries_pending: 1,
    carabiner_deliveries_due: 0,
    carabiner_oldest_due_task_age_seconds: 0,
    carabiner_oldest_due_age_seconds: 0,
    carabiner_oldest_due_age_working_seconds: 0,
    'carabiner_endpoints_in_trouble{state="failing"}': 1,
    'carabiner_endpoints_in_trouble{state="disabled"}': 0,
    'carabiner_http_requests_total{method="POST",route="/v1/customers",status="200"}': 1,
    'carabiner_http_requests_total{method="GET",route="/v1/customers/:customer",status="200"}': 1,
    'carabiner_http_requests_total{method="GET",route="/v1/customers/:customer",status="404"}': 1,
    'carabiner_http_requests_total{method="GET",route="unmatched",status="404"}': 1,
  });
  expect(found.get('carabiner_store_transactions_total{result="committed"}')).toBeGreaterThan(0);
  for (const series of found.keys()) expect(series).not.toMatch(/\b(?:cus|we|acct|evt|sk)_/);
});

test("retries are attempts, and no first ones", async () => {
  const receiver = await startWebhookReceiver(() => 500);
  cleanUp.push(() => receiver.close());
  const server = await start({ metrics: { port: 0 } });
  const stripe = client(server, server.keys.test.secret);
  await stripe.webhookEndpoints.create({ url: receiver.url("/"), enabled_events: ["customer.created"] });
  await stripe.customers.create({});
  await server.idle();
  await server.clock.advance({ seconds: 3_600 });
  const found = await scrape(server.metricsPort as number);
  expect(found.get("carabiner_first_attempt_delay_seconds_count")).toBe(1);
  expect(found.get('carabiner_attempts_total{outcome="status"}')).toBeGreaterThan(1);
});

test("resend jobs that run are told with what they have made, and how far they have come", async () => {
  const receiver = await startWebhookReceiver(() => 500);
  cleanUp.push(() => receiver.close());
  const server = await start({ metrics: { port: 0 }, retryPolicy: "none", limits: { resendsAtOnce: 1 } });
  const stripe = client(server, server.keys.test.secret);
  await stripe.webhookEndpoints.create({ url: receiver.url("/"), enabled_events: ["customer.created"] });
  const since = Math.floor(server.clock.now() / 1_000);
  for (let n = 0; n < 3; n++) {
    await stripe.customers.create({});
    await server.idle();
    await server.clock.advance({ seconds: 10 });
  }
  const port = server.metricsPort as number;
  const told = async () => {
    const found = await scrape(port);
    return ["running", "deliveries", "progress_ratio"].map((name) => found.get(`carabiner_resend_jobs_${name}`) ?? Number.NaN);
  };
  expect(await told()).toEqual([0, 0, 1]);
  await server.clock.freeze();
  const made = (await stripe.rawRequest("POST", "/console/resend_jobs", { since, rate: 1 })) as unknown as { id: string };
  await server.idle();
  const [running, deliveries, progress = 1] = await told();
  expect([running, deliveries]).toEqual([1, 1]);
  expect(progress).toBeLessThan(1);
  await stripe.rawRequest("POST", `/console/resend_jobs/${made.id}/pause`);
  expect(await told()).toEqual([0, 0, 1]);
  await stripe.rawRequest("POST", `/console/resend_jobs/${made.id}/resume`);
  await server.clock.advance({ seconds: 60 });
  await server.idle();
  expect(await told()).toEqual([0, 0, 1]);
});

test("a server that was not asked for them serves none, and its API never does", async () => {
  const server = await start();
  expect(server.metricsPort).toBeNull();
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
});

test("only /metrics is there, and only to be read", async () => {
  const server = await start({ metrics: { port: 0 } });
  const at = `http://127.0.0.1:${server.metricsPort}`;
  expect((await fetch(`${at}/`)).status).toBe(404);
  const refused = await fetch(`${at}/metrics`, { method: "POST" });
  expect(refused.status).toBe(405);
  expect(refused.headers.get("allow")).toBe("GET, HEAD");
});

test("a store that is away is told as such", async () => {
  const text = await createMetrics().text(null, { jobs: 0, resent: 0, progress: 1 }, 0);
  expect(text).toMatch(/^carabiner_store_up 0$/m);
});
