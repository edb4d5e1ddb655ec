import { mkdtempSync, rmSync } from "node:fs";
import { type RequestOptions, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LATEST_API_VERSION } from "../packages/protocol/src/index.ts";
import { startCarabiner } from "../packages/server/src/index.ts";
import { TEST_SECRET } from "../packages/server/test/store/store-fixture.ts";
import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { median, quantile, type Report } from "./report.ts";
import { idOf, type SeededPlatform, seedPlatform } from "./seed-platform.ts";

/** `CARABINER_BENCH_DELIVERIES` sets a different number. */
const DELIVERIES = Number(process.env.CARABINER_BENCH_DELIVERIES ?? 1_000_000);
const ASKED = 50;
const REACH_MS = 200;
const HOUR_S = 3_600;

/**
 * The calls of the dashboard's pages, on a platform with a million deliveries and on each store: how long each call
 * takes over HTTP, one after another.
 */
export async function dashboardPages(): Promise<Report[]> {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
  const postgres = await startPostgres();
  try {
    const reports: Report[] = [];
    for (const store of [{ file: join(directory, "pages.db") }, { url: postgres.url }])
      reports.push(...(await pagesOf(await seedPlatform(store, Date.now(), DELIVERIES))));
    return reports;
  } finally {
    await postgres.stop();
    rmSync(directory, { recursive: true });
  }
}

/** The calls of each page: the name of the page, and the path of its nth call. */
function callsOf({ accounts, endpoints, deliveries }: SeededPlatform, now: number): [page: string, path: (n: number) => string][] {
  const account = (n: number): string => accounts[n % accounts.length] ?? "";
  const endpoint = (n: number): string => endpoints[n % endpoints.length] ?? "";
  const someId = (kind: "dlv" | "evt", n: number): string => idOf(kind, 1 + ((n * 7_919_777) % deliveries));
  const hoursAgo = (n: number): number => Math.floor(now / 1_000) - n * HOUR_S;
  return [
    ["Live, Events", () => "/console/events?limit=50"],
    ["Live, Events: an older page", (n) => `/console/events?limit=100&starting_after=${someId("evt", n)}`],
    ["Live, Events: one type", () => "/console/events?limit=50&type=payout.failed"],
    ["Live, Events: a rare type", () => "/console/events?limit=50&type=person.created"],
    ["Live, Events: a group of types", () => "/console/events?limit=50&type=payout.*"],
    ["Live, Events: a group without events", () => "/console/events?limit=50&type=payment_intent.*"],
    ["Live, Events: one account", (n) => `/console/events?limit=50&account=${account(n)}`],
    ["Live, Events: the largest account", () => `/console/events?limit=50&account=${account(0)}`],
    ["Live, Events: an account and a type", (n) => `/console/events?limit=50&account=${account(n)}&type=person.created`],
    ["Live, Events: the last day", () => `/console/events?limit=50&created[gte]=${hoursAgo(24)}`],
    ["Events: not delivered everywhere", () => "/console/events?limit=50&delivery_success=false"],
    ["Events: one, with its deliveries", (n) => `/console/events/${someId("evt", n)}`],
    ["Deliveries", () => "/console/deliveries?limit=50"],
    ["Deliveries: an older page", (n) => `/console/deliveries?limit=100&starting_after=${someId("dlv", n)}`],
    ["Deliveries: delivered", () => "/console/deliveries?limit=50&state=succeeded"],
    ["Deliveries: failing", () => "/console/deliveries?limit=50&state=retrying"],
    ["Deliveries: pending", () => "/console/deliveries?limit=50&state=pending"],
    ["Deliveries: given up", () => "/console/deliveries?limit=50&state=exhausted"],
    ["Deliveries: cancelled, of which there is none", () => "/console/deliveries?limit=50&state=cancelled"],
    ["Deliveries: any 5xx", () => "/console/deliveries?limit=50&status_class=5xx"],
    ["Deliveries: status 200", () => "/console/deliveries?limit=50&status=200"],
    ["Deliveries: status 404, of which there is none", () => "/console/deliveries?limit=50&status=404"],
    ["Deliveries: timeouts, of which there is none", () => "/console/deliveries?limit=50&fault=timeout"],
    ["Deliveries: one account", (n) => `/console/deliveries?limit=50&account=${account(n)}`],
    ["Deliveries: the largest account", () => `/console/deliveries?limit=50&account=${account(0)}`],
    ["Deliveries: failures of an account", (n) => `/console/deliveries?limit=50&account=${account(n)}&state=exhausted`],
    ["Deliveries: a rare type", () => "/console/deliveries?limit=50&type=person.created"],
    ["Deliveries: a group of types", () => "/console/deliveries?limit=50&type=payout.*"],
    ["Deliveries: a group without deliveries", () => "/console/deliveries?limit=50&type=payment_intent.*"],
    ["Deliveries: an hour ago", (n) => `/console/deliveries?limit=50&created[gte]=${hoursAgo(n % 24)}`],
    ["Deliveries: an endpoint's failures", (n) => `/console/deliveries?limit=50&endpoint=${endpoint(n)}&state=exhausted`],
    ["Deliveries: one, with its attempts", (n) => `/console/deliveries/${someId("dlv", n)}`],
    ["Endpoints", () => "/console/webhook_endpoints?limit=100"],
    ["Endpoints: one", (n) => `/console/webhook_endpoints/${endpoint(n)}`],
    ["Endpoints: one's figures", (n) => `/console/webhook_endpoints/${endpoint(n)}/figures`],
    ["Endpoints: one's latest deliveries", (n) => `/console/deliveries?endpoint=${endpoint(n)}&limit=100`],
    ["Accounts", () => "/v1/accounts?limit=100"],
    ["Accounts: one", (n) => `/v1/accounts/${account(n)}`],
    ["Accounts: its capabilities", (n) => `/v1/accounts/${account(n)}/capabilities`],
    ["Accounts: its people", (n) => `/v1/accounts/${account(n)}/persons?limit=100`],
    ["Accounts: its bank accounts", (n) => `/v1/accounts/${account(n)}/external_accounts?limit=100`],
    ["Accounts: its connections", (n) => `/console/accounts/${account(n)}/connections`],
    ["Accounts: its figures", (n) => `/console/accounts/${account(n)}/figures`],
    ["Accounts: the largest one's figures", () => `/console/accounts/${account(0)}/figures`],
    ["Accounts: its latest events", (n) => `/console/events?account=${account(n)}&limit=8`],
    ["Requests", () => "/console/requests?limit=50"],
    ["Requests: refused", () => "/console/requests?limit=50&status_class=4xx"],
    ["Requests: failed, of which there is none", () => "/console/requests?limit=50&status_class=5xx"],
    ["Requests: by a path without any", () => "/console/requests?limit=50&path=/v1/transfers"],
    ["Requests: one", (n) => `/console/requests/${idOf("req", 1 + n)}`],
    ["Publish", () => "/console/event_types"],
    ["Clock: what falls due", () => "/console/upcoming?limit=100"],
    ["System", () => "/console/system"],
    ["System: keys", () => "/console/keys"],
    ["Search: a delivery", (n) => `/console/search?id=${someId("dlv", n)}`],
    ["Search: nothing", (n) => `/console/search?id=po_nothing${n}`],
  ];
}

/** Times each call of each page, and reports each result as soon as it is known. */
export async function pagesOf(platform: SeededPlatform, tell: (report: Report) => void = () => undefined): Promise<Report[]> {
  const { store, key, accounts } = platform;
  const secretKeys = { keys: TEST_SECRET };
  const folder = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
  const controlSocket = join(folder, "control");
  const server = await startCarabiner({ mode: "serve", store, secretKeys, allowLocalEndpoints: true, controlSocket });
  const engine = "file" in store ? "SQLite" : "PostgreSQL";
  const get = async (path: string, options: RequestOptions): Promise<void> => {
    const { status, text } = await answerTo({ path, ...options });
    if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
  };
  const { hostname: host, port } = new URL(server.url);
  const withKey = (headers: Record<string, string> = {}): RequestOptions => ({
    host,
    port,
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  try {
    const calls: [page: string, ask: (n: number) => Promise<unknown>][] = callsOf(platform, Date.now()).map(([page, path]) => [
      page,
      (n) => get(path(n), withKey()),
    ]);
    const acting = (n: number) => withKey({ "stripe-account": accounts[n % accounts.length] ?? "" });
    calls.push(["Accounts: its balance", (n) => get("/v1/balance", acting(n))]);
    calls.push(["Accounts: its payouts", (n) => get("/v1/payouts?limit=10", acting(n))]);
    const configurations = ["customer", "merchant", "recipient"].map((name) => `include[]=configuration.${name}`).join("&");
    calls.push([
      "Accounts: its configurations",
      (n) => get(`/v2/core/accounts/${accounts[n % accounts.length]}?${configurations}`, withKey({ "stripe-version": LATEST_API_VERSION })),
    ]);
    calls.push(["System, of the whole server", () => get("/operator/system", { socketPath: controlSocket })]);
    const reports: Report[] = [];
    for (const [page, ask] of calls) {
      const times: number[] = [];
      for (let n = 0; n < ASKED; n++) {
        const began = performance.now();
        await ask(n);
        times.push(performance.now() - began);
      }
      const settings = `${engine}, ${platform.deliveries.toLocaleString("en")} deliveries, asked ${ASKED} times; median ${median(times).toFixed(1)} ms`;
      const report: Report = {
        name: page,
        ours: quantile(times, 0.99),
        bare: null,
        ratio: null,
        reach: { atMost: REACH_MS },
        unit: "ms (p99)",
        settings,
      };
      reports.push(report);
      tell(report);
    }
    return reports;
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

function answerTo(options: RequestOptions): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    sent.on("error", reject);
    sent.end();
  });
}
