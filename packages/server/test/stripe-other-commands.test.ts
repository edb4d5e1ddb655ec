import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Stripe from "stripe";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../src/index.ts";
import { platformOfItsOwn } from "./platform-of-its-own.ts";
import { overTcp, type StripeCliProcess, startStripeCli } from "./stripe-cli-process.ts";
import { testRows } from "./stripe-cli-row-tests.ts";
import { LISTEN_ROWS, LOGS_TAIL_ROWS, OTHER_ROWS, type StripeCliRow, type StripeCliRows } from "./stripe-cli-rows.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

/** Other commands of the official CLI, and its commands over a Unix socket, as its users type them. */

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

/** A command that has ended. */
async function ended(args: readonly string[], { url = server.url, key = server.keys.test.secret } = {}) {
  const cli = startStripeCli([...args, "--api-base", url], overTcp(key));
  return { code: await cli.ended(), out: cli.out(), err: cli.err() };
}

/** What a command prints that succeeds. */
async function printed(...args: string[]): Promise<string> {
  const { code, out, err } = await ended(args);
  expect([code, err]).toEqual([0, expect.any(String)]);
  return out;
}

test.each<[string, StripeCliRows]>([
  ["listen", LISTEN_ROWS],
  ["logs tail", LOGS_TAIL_ROWS],
])("every flag that `stripe %s --help` lists is in a row", async (command, rows) => {
  const cli = startStripeCli([...command.split(" "), "--help"], {}, { ofNoRow: true });
  expect(await cli.ended()).toBe(0);
  const listed = [...cli.out().matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag as string);
  expect(listed.length).toBeGreaterThan(10);
  const shown = Object.values<StripeCliRow>({ ...OTHER_ROWS, ...rows }).flatMap(({ flags }) => flags);
  expect(listed.filter((flag) => flag !== "--help" && !shown.includes(flag))).toEqual([]);
});

testRows(OTHER_ROWS, {
  async unixSocket() {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const command = (...args: string[]): StripeCliProcess => {
      const cli = startStripeCli(args, { STRIPE_CLI_UNIX_SOCKET: path, STRIPE_API_KEY: server.keys.test.secret });
      running.push(cli);
      return cli;
    };
    const receiver = await startWebhookReceiver();
    const cli = command("listen", "--all-snapshot", "--skip-update", "--forward-to", receiver.url("/hook"));
    const logs = command("logs", "tail");
    for (const each of [cli, logs]) await each.until(({ err }) => err.includes("Ready!"));
    expect(await command("trigger", "account.updated").ended()).toBe(0);
    await cli.until(({ out }) => /<--\s+\[200\]/.test(out));
    await logs.until(({ out }) => out.includes("POST /v1/accounts"));
    const listed = command("accounts", "list", "--limit", "1");
    expect(await listed.ended()).toBe(0);
    expect(JSON.parse(listed.out())).toMatchObject({ object: "list" });
    await cli.stop();
    await receiver.close();
  },

  async client() {
    const secret = async (...args: string[]) => {
      const cli = startStripeCli(["listen", "--print-secret", ...args, "--api-base", server.url], { HTTPS_PROXY: "http://127.0.0.1:9" });
      expect([await cli.ended(), cli.err()]).toEqual([0, ""]);
      return cli.out().trim();
    };
    const key = ["--api-key", server.keys.test.secret];
    const plain = await secret(...key);
    const config = ["--config", join(directory, "config.toml"), "--project-name", "shop"];
    expect(await secret(...key, ...config, "--color", "off", "--log-level", "error")).toBe(plain);
    const other = await secret(...key, ...config, "--device-name", "another");
    expect(other).toMatch(/^whsec_/);
    const map = await printed("listen", "--map=paths");
    expect(map).toContain("stripe listen");
  },

  async resend() {
    // Sessions of other tests may still be waited for.
    const { test: own, keys } = await platformOfItsOwn(server);
    const { secret: key } = keys.test;
    const endpoint = await own.webhookEndpoints.create({ url: "http://127.0.0.1:9/own", enabled_events: ["customer.created"] });
    await own.customers.create({});
    const [event] = (await own.events.list({ type: "customer.created" })).data as [Stripe.Event];
    for (const more of [[], ["--webhook-endpoint", endpoint.id]]) {
      const { code, out } = await ended(["events", "resend", event.id, ...more], { key });
      expect([code, JSON.parse(out)]).toMatchObject([0, { id: event.id, object: "event" }]);
    }
    await server.idle();
    const receiver = await startWebhookReceiver();
    const args = ["listen", "--all-snapshot", "--skip-update", "--forward-to", receiver.url("/hook"), "--api-base", server.url];
    const cli = startStripeCli(args, overTcp(key));
    running.push(cli);
    await cli.until(({ err }) => err.includes("Ready!"));
    expect((await ended(["events", "resend", event.id], { key })).code).toBe(0);
    await cli.until(({ out }) => out.includes("[200]"));
    expect(receiver.at("/hook").map(({ event: { id } }) => id)).toEqual([event.id]);
    const { data } = (await own.rawRequest("GET", `/console/deliveries?event=${event.id}`)) as unknown as {
      data: { kind: string; webhook_endpoint: string }[];
    };
    expect(data.map(({ kind, webhook_endpoint: to }) => [kind, to === endpoint.id])).toEqual([
      ["manual", false],
      ["manual", true],
      ["manual", true],
      ["automatic", true],
    ]);
    await cli.stop();
    await receiver.close();
  },

  async post() {
    const args = ["post", "/v1/customers", "-d", "email=a@example.com", "-d", "metadata[plan]=gold", "-i", "key-1"];
    const customer = JSON.parse(await printed(...args)) as Stripe.Customer;
    expect(customer).toMatchObject({ object: "customer", email: "a@example.com", metadata: { plan: "gold" } });
    expect(JSON.parse(await printed(...args))).toMatchObject({ id: customer.id });
  },

  async get() {
    const { id } = await stripe.customers.create({});
    for (const place of [id, `/v1/customers/${id}`]) expect(JSON.parse(await printed("get", place))).toMatchObject({ id });
  },

  async delete() {
    const { id } = await stripe.customers.create({});
    expect(JSON.parse(await printed("delete", `/v1/customers/${id}`, "-c"))).toEqual({ id, object: "customer", deleted: true });
  },

  async resource() {
    const types = ["payout.failed", "account.updated"];
    const made = JSON.parse(
      await printed(
        ...["webhook_endpoints", "create", "--url", "http://127.0.0.1:9/hook", "--connect"],
        ...types.flatMap((type) => ["--enabled-events", type]),
      ),
    ) as Stripe.WebhookEndpoint;
    expect(made).toMatchObject({ application: server.applications.test, enabled_events: types, status: "enabled" });
  },

  async refusal() {
    expect(await printed("post", "/v1/webhook_endpoints", "-d", "url=http://127.0.0.1:9")).toContain(
      "Missing required param: enabled_events.",
    );
  },

  async wrongKey() {
    for (const command of [
      ["listen", "--skip-update"],
      ["logs", "tail"],
    ]) {
      const { code, out, err } = await ended(command, { key: "sk_test_ofAnotherServer" });
      expect([code, out + err]).toEqual([1, expect.stringContaining("Invalid API Key provided")]);
    }
  },

  async noServer() {
    const { code, out, err } = await ended(["get", "/v1/account"], { url: "http://127.0.0.1:1" });
    expect([code, out + err]).toEqual([1, expect.stringContaining("connection refused")]);
  },
});
