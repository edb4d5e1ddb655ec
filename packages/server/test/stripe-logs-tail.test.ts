import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Stripe from "stripe";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../src/index.ts";
import { overTcp, type StripeCliProcess, startStripeCli } from "./stripe-cli-process.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

/** `stripe logs tail` of the official CLI, and its commands without flags, over a Unix socket. */

let server: Carabiner;
let stripe: Stripe;
let directory: string;
let path: string;
const running: StripeCliProcess[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "carabiner-socket-"));
  path = join(directory, "stripe.sock");
  server = await startCarabiner({ unixSocket: path, limits: { listenTickMs: 50 } });
  stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((cli) => cli.stop()));
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

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

describe("stripe logs tail", () => {
  test("shows every request with its status", async () => {
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
      "[404] GET /v1/payouts/:payout",
    ]);
    expect(cli.out()).toMatch(/\[req_\w+\]/);
  });

  test("--format json has the error, its code and its parameter", async () => {
    const cli = await tail("--format", "json");
    await stripe.payouts.retrieve("po_none").catch(() => undefined);
    await cli.until(({ out }) => out.includes("resource_missing"));
    expect(JSON.parse(/^\{.*\}$/m.exec(cli.out())?.[0] ?? "")).toMatchObject({
      method: "GET",
      status: 404,
      url: "/v1/payouts/:payout",
      error: { type: "invalid_request_error", code: "resource_missing", param: expect.any(String) },
    });
  });

  test.each([
    [
      ["--filter-http-method", "POST"],
      ["/v1/accounts", "/v1/customers", "/v1/topups"],
    ],
    [["--filter-status-code", "400"], ["/v1/topups"]],
    [
      ["--filter-status-code-type", "4XX"],
      ["/v1/payouts/:payout", "/v1/topups"],
    ],
    [
      ["--filter-request-status", "FAILED"],
      ["/v1/payouts/:payout", "/v1/topups"],
    ],
    [
      ["--filter-request-path", "/v1/payouts/po_none,/v1/topups"],
      ["/v1/payouts/:payout", "/v1/topups"],
    ],
    [["--filter-account", "connect_out"], ["/v1/balance"]],
    [
      ["--filter-account", "self", "--filter-source", "API", "--filter-http-method", "GET"],
      ["/v1/customers", "/v1/payouts/:payout"],
    ],
  ])("%j lets these through alone", async (args, paths) => {
    const cli = await tail(...args);
    await makeRequests();
    await cli.until(() => lines(cli).length >= paths.length);
    expect(
      lines(cli)
        .map((line) => /\] \w+ (\S+)/.exec(line)?.[1])
        .sort(),
    ).toEqual(paths);
  });

  test("--filter-ip-address is refused in words: requests are not remembered by address", async () => {
    const cli = startStripeCli(
      ["logs", "tail", "--filter-ip-address", "1.2.3.4", "--api-base", server.url],
      overTcp(server.keys.test.secret),
    );
    await cli.ended();
    expect(cli.err() + cli.out()).toContain("not remembered by the address");
  });
});

describe("over the Unix socket", () => {
  const command = (...args: string[]): StripeCliProcess => {
    const cli = startStripeCli(args, { STRIPE_CLI_UNIX_SOCKET: path, STRIPE_API_KEY: server.keys.test.secret });
    running.push(cli);
    return cli;
  };

  test("commands work without flags, and listen as well", async () => {
    const receiver = await startWebhookReceiver();
    const cli = command("listen", "--all-snapshot", "--skip-update", "--forward-to", receiver.url("/hook"));
    await cli.until(({ err }) => err.includes("Ready!"));
    const trigger = command("trigger", "account.updated");
    expect(await trigger.ended()).toBe(0);
    await cli.until(({ out }) => /<--\s+\[200\]/.test(out));
    const listed = command("accounts", "list", "--limit", "1");
    expect(await listed.ended()).toBe(0);
    expect(JSON.parse(listed.out())).toMatchObject({ object: "list" });
    await cli.stop();
    await receiver.close();
  });

  test("which is its owner's alone", () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
