import { connect } from "node:net";
import { expect, test } from "vitest";
import { packageVersion } from "../src/operations/package-version.ts";
import { createMetrics } from "../src/service/metrics.ts";
import { type Store, StoreUnavailable } from "../src/store/store.ts";
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

test("metrics count what is answered, sent, refused and waiting, and no id is a label", async () => {
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
    'carabiner_deliveries_total{state="exhausted"}': 0,
    'carabiner_store_transactions_total{result="unavailable"}': 0,
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
  expect(found.get("carabiner_store_transaction_duration_seconds_count")).toBeGreaterThan(0);
  expect(found.get(`carabiner_build_info{version="${packageVersion()}"}`)).toBe(1);
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

test("running resend jobs are reported with what they have made and their progress", async () => {
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

test("what waits and which jobs run is counted up to a limit each", async () => {
  const receiver = await startWebhookReceiver(() => 500);
  cleanUp.push(() => receiver.close());
  const limits = { metricsBacklogCounted: 2, metricsResendJobs: 1, resendsAtOnce: 1 };
  const server = await start({ metrics: { port: 0 }, limits });
  await server.clock.freeze();
  const stripe = client(server, server.keys.test.secret);
  await stripe.webhookEndpoints.create({ url: receiver.url("/"), enabled_events: ["customer.created"] });
  const since = Math.floor(server.clock.now() / 1_000);
  for (let n = 0; n < 3; n++) await stripe.customers.create({});
  await server.idle();
  const port = server.metricsPort as number;
  expect((await scrape(port)).get("carabiner_deliveries_pending")).toBe(2);
  // In test mode they are given up after some hours, and can be sent again.
  await server.clock.advance({ seconds: 24 * 3_600 });
  for (let n = 0; n < 2; n++) await stripe.rawRequest("POST", "/console/resend_jobs", { since, rate: 1 });
  await server.idle();
  expect((await scrape(port)).get("carabiner_resend_jobs_running")).toBe(1);
});

test("a server without the option serves no metrics, and its API never does", async () => {
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

test("connections to the metrics are bounded: one more is closed without an answer", async () => {
  const server = await start({ metrics: { port: 0 }, limits: { metricsConnections: 2 } });
  const port = server.metricsPort as number;
  /** Asks on a connection that stays. Returns what was answered by the time it was answered, or closed. */
  const ask = async (): Promise<string> => {
    const socket = connect(port, "127.0.0.1");
    cleanUp.push(() => socket.destroy());
    socket.on("error", () => undefined);
    socket.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return new Promise((resolve) => {
      socket.once("data", (bytes) => resolve(String(bytes)));
      socket.once("close", () => resolve(""));
    });
  };
  for (let n = 0; n < 2; n++) expect(await ask()).toContain("200 OK");
  expect(await ask()).toBe("");
});

test("a transaction that stores outcomes of attempts counts as one, and so does its failure", async () => {
  const metrics = createMetrics();
  let full = true;
  const settle = async () => {
    if (full) throw new StoreUnavailable("The disk is full.");
    return { refused: [], checked: [] };
  };
  const store = metrics.measured({ settle } as unknown as Store);
  await expect(store.settle([], [])).rejects.toThrow(StoreUnavailable);
  full = false;
  await store.settle([], []);
  const text = await metrics.text(null, 0);
  for (const result of ["unavailable", "committed"]) expect(text).toContain(`carabiner_store_transactions_total{result="${result}"} 1`);
});

test("an unavailable store is reported as such, and gauges keep their last values", async () => {
  const metrics = createMetrics();
  const backlog = {
    ...{ due: 3, pending: 5, oldestDueAt: 1_000, oldestWorkingDueAt: 2_000, oldestTaskDueAt: 3_000 },
    ...{ failingEndpoints: 7, disabledEndpoints: 8 },
  };
  const gaugesOf = (text: string) =>
    text.split("\n").filter((line) => /^carabiner_/.test(line) && !/_(total|bucket|sum|count)\b/.test(line));
  const before = gaugesOf(await metrics.text({ backlog, resending: { jobs: 2, resent: 9, progress: 0.25 } }, 4_000));
  const up = before.indexOf("carabiner_store_up 1");
  expect(up).not.toBe(-1);
  expect(before).toContain("carabiner_resend_jobs_progress_ratio 0.25");
  expect(gaugesOf(await metrics.text(null, 9_000))).toEqual(before.with(up, "carabiner_store_up 0"));
});
