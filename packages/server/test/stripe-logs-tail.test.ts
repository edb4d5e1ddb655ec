import Stripe from "stripe";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type Carabiner, startCarabiner } from "../src/index.ts";
import { overTcp, type StripeCliProcess, startStripeCli } from "./stripe-cli-process.ts";
import { testRows } from "./stripe-cli-row-tests.ts";
import { LOGS_TAIL_ROWS } from "./stripe-cli-rows.ts";

/** `stripe logs tail` of the official CLI, as its users type it, against a running server. */

let server: Carabiner;
let stripe: Stripe;
const running: StripeCliProcess[] = [];

beforeAll(async () => {
  server = await startCarabiner({ limits: { listenTickMs: 50 } });
  stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((cli) => cli.stop()));
});
afterAll(() => server.close());

async function tail(...args: string[]): Promise<StripeCliProcess> {
  const cli = startStripeCli(["logs", "tail", ...args, "--api-base", server.url], overTcp(server.keys.test.secret));
  running.push(cli);
  await cli.until(({ err }) => err.includes("Ready!"));
  return cli;
}

/** Requests of several kinds. */
async function makeRequests(): Promise<void> {
  const { id } = await stripe.accounts.create({ type: "standard" });
  await stripe.balance.retrieve({}, { stripeAccount: id });
  await stripe.customers.list();
  await stripe.payouts.retrieve("po_none").catch(() => undefined);
  await stripe.customers.create({});
  await stripe.topups.create({ amount: -1, currency: "usd" }).catch(() => undefined);
}

const lines = (cli: StripeCliProcess): string[] =>
  cli
    .out()
    .split("\n")
    .filter((line) => line.includes("/v1/"));

/** The paths that a filter lets through. Those of `nothing` with it show no line meanwhile. */
async function shows(args: readonly string[], paths: readonly string[], nothing: readonly string[] | null = null): Promise<void> {
  const [cli, silent] = await Promise.all([tail(...args), nothing === null ? null : tail(...nothing)]);
  await makeRequests();
  await cli.until(() => lines(cli).length >= paths.length);
  expect(
    lines(cli)
      .map((line) => /\] \w+ (\S+)/.exec(line)?.[1])
      .sort(),
  ).toEqual(paths);
  expect(silent === null ? [] : lines(silent)).toEqual([]);
}

testRows(LOGS_TAIL_ROWS, {
  async plain() {
    const cli = await tail();
    await makeRequests();
    await cli.until(() => lines(cli).length === 6);
    // The client shows what comes at once in any order.
    expect(
      lines(cli)
        .map((line) => /\[\d+\] \w+ \S+/.exec(line)?.[0])
        .sort(),
    ).toEqual([
      "[200] GET /v1/balance",
      "[200] GET /v1/customers",
      "[200] POST /v1/accounts",
      "[200] POST /v1/customers",
      "[400] POST /v1/topups",
      "[404] GET /v1/payouts/po_none",
    ]);
    expect(cli.out()).toMatch(/\[req_\w+\]/);
  },

  async json() {
    const cli = await tail("--format", "json");
    await stripe.payouts.retrieve("po_none").catch(() => undefined);
    await cli.until(({ out }) => out.includes("resource_missing"));
    expect(JSON.parse(/^\{.*\}$/m.exec(cli.out())?.[0] ?? "")).toMatchObject({
      method: "GET",
      status: 404,
      url: "/v1/payouts/po_none",
      error: { type: "invalid_request_error", code: "resource_missing", param: expect.any(String) },
    });
  },

  method: () => shows(["--filter-http-method", "POST"], ["/v1/accounts", "/v1/customers", "/v1/topups"]),
  status: () => shows(["--filter-status-code", "400"], ["/v1/topups"]),
  statusType: () =>
    shows(["--filter-status-code-type", "4XX"], ["/v1/payouts/po_none", "/v1/topups"], ["--filter-status-code-type", "5XX"]),
  outcome: () => shows(["--filter-request-status", "FAILED"], ["/v1/payouts/po_none", "/v1/topups"]),

  async path() {
    await shows(["--filter-request-path", "/v1/payouts/po_none,/v1/topups"], ["/v1/payouts/po_none", "/v1/topups"]);
    await shows(
      ["--filter-request-path", "/v1/payouts/:payout"],
      ["/v1/payouts/po_none"],
      ["--filter-request-path", "/v1/payouts/po_other"],
    );
  },

  async account() {
    await shows(["--filter-account", "connect_out"], ["/v1/balance"], ["--filter-account", "connect_in"]);
    await shows(["--filter-account", "self", "--filter-http-method", "GET"], ["/v1/customers", "/v1/payouts/po_none"]);
  },

  source: () =>
    shows(
      ["--filter-source", "API", "--filter-http-method", "GET"],
      ["/v1/balance", "/v1/customers", "/v1/payouts/po_none"],
      ["--filter-source", "DASHBOARD"],
    ),

  async address() {
    const args = ["logs", "tail", "--filter-ip-address", "1.2.3.4", "--api-base", server.url];
    const cli = startStripeCli(args, overTcp(server.keys.test.secret));
    expect(await cli.ended()).toBe(1);
    expect(cli.err() + cli.out()).toContain("not remembered by the address");
  },
});
