import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import Stripe from "stripe";
import { afterEach, beforeEach, expect } from "vitest";
import { createTestCertificate } from "../../../scripts/test-certificate.ts";
import { type Carabiner, startCarabiner } from "../src/index.ts";
import { overTcp, type StripeCliProcess, startStripeCli } from "./stripe-cli-process.ts";
import { testRows } from "./stripe-cli-row-tests.ts";
import { LISTEN_ROWS } from "./stripe-cli-rows.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

/** `stripe listen` of the official CLI, as its users type it, against a running server. */

let server: Carabiner;
let stripe: Stripe;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
let status = 200;
const running: StripeCliProcess[] = [];

beforeEach(async () => {
  status = 200;
  server = await startCarabiner({ retryPolicy: "quick", limits: { listenAnswerMs: 1_500, listenTickMs: 50 } });
  stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  receiver = await startWebhookReceiver(() => status);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((cli) => cli.stop()));
  await receiver.close();
  await server.close();
});

function listen(...args: string[]): StripeCliProcess {
  const cli = startStripeCli(["listen", "--skip-update", ...args, "--api-base", server.url], overTcp(server.keys.test.secret));
  running.push(cli);
  return cli;
}

async function ready(...args: string[]): Promise<StripeCliProcess> {
  const cli = listen(...args);
  await cli.until(({ err }) => err.includes("Ready!"));
  return cli;
}

const secretOf = (cli: StripeCliProcess): string => /whsec_\w+/.exec(cli.err())?.[0] ?? "";

interface Delivery {
  id: string;
  event: string;
  state: string;
  kind: string;
  webhook_endpoint: string;
  attempts?: { outcome: string; status: number | null; reason: string; response_body: string }[];
}
const ask = async <T>(path: string) => (await stripe.rawRequest("GET", path)) as unknown as T;
const deliveries = async (event: string) => (await ask<{ data: Delivery[] }>(`/console/deliveries?event=${event}`)).data;
const inFull = async (event: string): Promise<Delivery> => ask(`/console/deliveries/${(await deliveries(event))[0]?.id}`);
const newest = async (type: string, account?: string) =>
  (await stripe.events.list({ type, limit: 1 }, account === undefined ? {} : { stripeAccount: account })).data[0] as Stripe.Event;

testRows(LISTEN_ROWS, {
  async plain() {
    const cli = await ready();
    await stripe.customers.create({});
    const account = await stripe.accounts.create({ type: "standard" });
    await stripe.accounts.update(account.id, { metadata: { a: "b" } });
    await cli.until(({ out }) => /-->\s+customer\.created/.test(out) && /-->\s+connect account\.updated/.test(out));
    await cli.until(({ out }) => /-->\s+v1\.customer\.created/.test(out) && /-->\s+connect v1\.account\.updated/.test(out));
  },

  async forwarding() {
    const [cli, one] = await Promise.all([
      ready("--all-snapshot", "--forward-to", receiver.url("/own"), "--forward-connect-to", receiver.url("/connect")),
      ready("--all-snapshot", "--forward-to", receiver.url("/one")),
    ]);
    const customer = await stripe.customers.create({ description: "Zoë" });
    const account = await stripe.accounts.create({ type: "standard" });
    await stripe.accounts.update(account.id, { metadata: { a: "b" } });
    await cli.until(({ out }) => (out.match(/<--\s+\[200\]/g)?.length ?? 0) >= 3);
    expect(cli.out()).toMatch(/-->\s+customer\.created/);
    expect(cli.out()).toMatch(/-->\s+connect account\.updated/);

    const [own] = receiver.at("/own");
    expect(own?.event).toMatchObject({ type: "customer.created", data: { object: { id: customer.id } } });
    expect(own?.event).not.toHaveProperty("account");
    expect(own?.headers).toMatchObject({ "content-type": "application/json; charset=utf-8" });
    const connected = receiver.at("/connect").find(({ event }) => event.type === "account.updated");
    expect(connected?.event.account).toBe(account.id);
    for (const webhook of [own, connected]) {
      const signature = webhook?.headers["stripe-signature"] as string;
      expect(Stripe.webhooks.constructEvent(webhook?.body ?? "", signature, secretOf(cli)).id).toBe(webhook?.event.id);
    }
    await one.until(({ out }) => (out.match(/<--\s+\[200\]/g)?.length ?? 0) >= 3);
    expect(receiver.at("/one").map(({ event }) => event.type)).toEqual(expect.arrayContaining(["customer.created", "account.updated"]));
  },

  async headers() {
    const cli = await ready(
      ...["--all-snapshot", "--forward-to", receiver.url("/own"), "--forward-connect-to", receiver.url("/connect")],
      ...["--headers", "X-Own: 1", "--connect-headers", "X-Connect: 2"],
    );
    const { id } = await stripe.customers.create({});
    const account = await stripe.accounts.create({ type: "standard" });
    await stripe.accounts.update(account.id, { metadata: { a: "b" } });
    await cli.until(() => receiver.at("/own").length > 0 && receiver.at("/connect").length > 0);
    const [own] = receiver.at("/own");
    expect(own?.event.data.object).toMatchObject({ id });
    expect(own?.headers).toMatchObject({ "x-own": "1" });
    expect(own?.headers).not.toHaveProperty("x-connect");
    expect(receiver.at("/connect")[0]?.headers).toMatchObject({ "x-connect": "2" });
  },

  async events() {
    const cli = await ready("--events", "customer.created", "--forward-to", receiver.url("/hook"));
    await stripe.products?.list().catch(() => undefined);
    const account = await stripe.accounts.create({ type: "standard" });
    await stripe.accounts.update(account.id, { metadata: { a: "b" } });
    const dropped = await newest("account.updated", account.id);
    await stripe.customers.create({});
    await cli.until(({ out }) => out.includes("[200]"));
    await expect.poll(async () => (await inFull(dropped.id)).state, { timeout: 10_000 }).toBe("succeeded");
    expect((await inFull(dropped.id)).attempts).toMatchObject([{ outcome: "succeeded", status: null }]);
    expect(receiver.received.map(({ event }) => event.type)).toEqual(["customer.created"]);
  },

  async eventsFrom() {
    const [self, accounts] = await Promise.all([
      ready("--all-snapshot", "--events-from", "@self", "--forward-to", receiver.url("/self")),
      ready("--all-snapshot", "--events-from", "@accounts", "--forward-connect-to", receiver.url("/accounts")),
    ]);
    await stripe.customers.create({});
    const account = await stripe.accounts.create({ type: "standard" });
    await stripe.accounts.update(account.id, { metadata: { a: "b" } });
    await self.until(({ out }) => out.includes("[200]"));
    await accounts.until(({ out }) => out.includes("[200]"));
    expect(receiver.at("/self").every(({ event }) => event.account === undefined)).toBe(true);
    expect(receiver.at("/accounts").every(({ event }) => event.account === account.id)).toBe(true);
  },

  async latest() {
    const [plain, latest] = await Promise.all([
      ready("--all-snapshot", "--forward-to", receiver.url("/plain")),
      ready("--all-snapshot", "--latest", "--forward-to", receiver.url("/latest")),
    ]);
    await stripe.customers.create({});
    await plain.until(({ out }) => out.includes("[200]"));
    await latest.until(({ out }) => out.includes("[200]"));
    expect([receiver.at("/plain").length, receiver.at("/latest").length]).toEqual([1, 1]);
    const [webhook] = receiver.at("/latest");
    const signature = webhook?.headers["stripe-signature"] as string;
    expect(Stripe.webhooks.constructEvent(webhook?.body ?? "", signature, secretOf(latest)).api_version).toBe("2026-10-28.endive");
  },

  async configured() {
    await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:9/path/own", enabled_events: ["customer.created"] });
    await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:9/path/connect", enabled_events: ["account.updated"], connect: true });
    const clis = await Promise.all(
      ["--use-configured-webhooks", "--load-from-webhooks-api"].map((flag) =>
        ready("--all-snapshot", flag, "--forward-to", receiver.url("")),
      ),
    );
    await stripe.customers.create({});
    const account = await stripe.accounts.create({ type: "standard" });
    await stripe.accounts.update(account.id, { metadata: { a: "b" } });
    for (const cli of clis) await cli.until(({ out }) => (out.match(/\[200\]/g)?.length ?? 0) >= 2);
    expect(receiver.at("/path/own").map(({ event }) => event.type)).toEqual(["customer.created", "customer.created"]);
    expect(receiver.at("/path/connect").map(({ event }) => event.type)).toEqual(["account.updated", "account.updated"]);
  },

  async secret() {
    const secret = async (env: Record<string, string> = {}) => {
      const cli = startStripeCli(["listen", "--print-secret", "--skip-update", "--api-base", server.url], {
        ...overTcp(server.keys.test.secret),
        ...env,
      });
      expect(await cli.ended()).toBe(0);
      return cli.out().trim();
    };
    const [first, again, other, live] = await Promise.all([
      secret(),
      secret(),
      secret({ STRIPE_DEVICE_NAME: "another" }),
      secret({ STRIPE_API_KEY: server.keys.live.secret }),
    ]);
    expect(first).toMatch(/^whsec_[0-9a-f]{64}$/);
    expect(again).toBe(first);
    expect(new Set([first, other, live]).size).toBe(3);
    await stripe.customers.create({});
    expect(await deliveries((await newest("customer.created")).id)).toEqual([]);
    const cli = await ready("--all-snapshot", "--forward-to", receiver.url("/hook"));
    expect(secretOf(cli)).toBe(first);
  },

  async json() {
    const cli = await ready("--all-snapshot", "--format", "json");
    await stripe.customers.create({});
    await cli.until(({ out }) => out.includes("customer.created"));
    const event = await newest("customer.created");
    expect(JSON.parse(cli.out().split("\n")[0] ?? "")).toMatchObject({ id: event.id, type: "customer.created" });
    await expect.poll(async () => (await inFull(event.id)).state).toBe("succeeded");
    expect((await inFull(event.id)).attempts).toMatchObject([{ status: null, reason: expect.stringContaining("forwards none") }]);
  },

  async live() {
    const live = new Stripe(server.keys.live.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
    const args = ["listen", "--live", "--skip-update", "--all-snapshot", "--forward-to", receiver.url("/live"), "--api-base", server.url];
    const cli = startStripeCli(args, overTcp(server.keys.live.secret));
    running.push(cli);
    await cli.until(({ err }) => err.includes("Ready!"));
    await stripe.customers.create({});
    await live.customers.create({});
    await cli.until(({ out }) => out.includes("[200]"));
    expect(receiver.at("/live").map(({ event }) => [event.type, event.livemode])).toEqual([["customer.created", true]]);
  },

  async skipVerify() {
    const paths: (string | undefined)[] = [];
    const secure = createServer(createTestCertificate({ hosts: ["127.0.0.1"] }), (request, response) => {
      paths.push(request.url);
      response.end();
    });
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    try {
      const address = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/hook`;
      const cli = await ready("--all-snapshot", "--skip-verify", "--forward-to", address);
      await stripe.customers.create({});
      await cli.until(({ out }) => out.includes("[200]"));
      expect(paths).toEqual(["/hook"]);
    } finally {
      secure.closeAllConnections();
      secure.close();
    }
  },

  async skipUpdate() {
    const looking = startStripeCli(["listen", "--api-base", server.url], overTcp(server.keys.test.secret));
    running.push(looking);
    await looking.until(({ out, err }) => (out + err).includes("Checking for new versions"));
    const cli = await ready();
    expect(cli.out() + cli.err()).not.toContain("Checking for new versions");
  },

  async thin() {
    const [cli, some] = await Promise.all([
      ready("--all-thin", "--forward-to", receiver.url("/own"), "--forward-connect-to", receiver.url("/connect")),
      ready("--events", "v1.account.updated", "--forward-to", receiver.url("/some")),
    ]);
    const customer = await stripe.customers.create({});
    const account = await stripe.accounts.create({ type: "standard" });
    await stripe.accounts.update(account.id, { metadata: { a: "b" } });
    await cli.until(({ out }) => /-->\s+v1\.customer\.created/.test(out) && /-->\s+connect v1\.account\.updated/.test(out));
    // The CLI forwards events as they come, several at once: another may arrive first.
    const ownOf = (type: string) => receiver.at("/own").find(({ event }) => event.type === type);
    await cli.until(() => ownOf("v1.customer.created") !== undefined && receiver.at("/connect").length > 0);
    const own = ownOf("v1.customer.created");
    expect(own?.event).toMatchObject({ object: "v2.core.event", type: "v1.customer.created", related_object: { id: customer.id } });
    const signature = own?.headers["stripe-signature"] as string;
    expect(stripe.parseEventNotification(own?.body ?? "", signature, secretOf(cli)).id).toBe(own?.event.id);
    expect(receiver.at("/connect")[0]?.event).toMatchObject({ context: account.id });
    await some.until(({ out }) => out.includes("[200]"));
    expect(new Set(receiver.at("/some").map(({ event }) => event.type as string))).toEqual(new Set(["v1.account.updated"]));
    await expect.poll(async () => (await deliveries(own?.event.id ?? "")).find(({ state }) => state === "succeeded")).toBeDefined();
  },

  async both() {
    const [all, some] = await Promise.all([
      ready("--all-snapshot", "--all-thin"),
      ready("--events", "customer.created,v1.account.updated"),
    ]);
    await stripe.customers.create({});
    const account = await stripe.accounts.create({ type: "standard" });
    await stripe.accounts.update(account.id, { metadata: { a: "b" } });
    const shown = ({ out }: { out: string }) =>
      new Set([...out.matchAll(/-->\s+(?:connect )?(\S+)/g)].map(([, type]) => type).filter((type) => !type?.includes("application")));
    const both = ["customer.created", "account.updated", "v1.customer.created", "v1.account.updated", "v2.core.account.created"];
    await all.until((printed) => both.every((type) => shown(printed).has(type)));
    await some.until((printed) => shown(printed).has("customer.created") && shown(printed).has("v1.account.updated"));
    expect(shown({ out: some.out() })).toEqual(new Set(["customer.created", "v1.account.updated"]));
    const { id } = await newest("customer.created");
    await expect.poll(async () => (await deliveries(id)).map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
  },

  async thinForwarding() {
    const cli = await ready(
      ...["--events", "customer.created", "--forward-to", receiver.url("/own")],
      ...["--thin-events", "v1.customer.created", "--forward-thin-to", receiver.url("/thin")],
      ...["--forward-thin-connect-to", receiver.url("/thin-connect")],
    );
    status = 500;
    await stripe.customers.create({});
    await cli.until(({ out }) => (out.match(/\[500\]/g)?.length ?? 0) >= 2);
    status = 200;
    await cli.until(({ out }) => (out.match(/\[200\]/g)?.length ?? 0) >= 2);
    expect(new Set(receiver.received.map(({ path, event }) => `${path} ${event.type}`))).toEqual(
      new Set(["/own customer.created", "/thin v1.customer.created"]),
    );
    for (const { path, body, headers, event } of receiver.received) {
      const signed = [body, headers["stripe-signature"] as string, secretOf(cli)] as const;
      const { id } = path === "/thin" ? stripe.parseEventNotification(...signed) : stripe.webhooks.constructEvent(...signed);
      expect(id).toBe(event.id);
    }
  },

  async noEndpoint() {
    await ready("--all-snapshot", "--forward-to", receiver.url("/hook"));
    await stripe.customers.create({});
    const event = await newest("customer.created");
    await expect.poll(async () => (await deliveries(event.id))[0]?.state).toBe("succeeded");
    const listener = (await deliveries(event.id))[0]?.webhook_endpoint ?? "";
    expect((await stripe.webhookEndpoints.list()).data).toEqual([]);
    for (const path of [`/v1/webhook_endpoints/${listener}`, `/console/webhook_endpoints/${listener}`])
      await expect(ask(path)).rejects.toMatchObject({ statusCode: 404 });
    for (let n = 0; n < 16; n++) await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:9/hook", enabled_events: ["payout.paid"] });
  },

  async answeredWithError() {
    status = 500;
    const cli = await ready("--all-snapshot", "--forward-to", receiver.url("/hook"));
    await stripe.customers.create({});
    await cli.until(({ out }) => out.includes("[500]"));
    const event = await newest("customer.created");
    await expect.poll(async () => (await inFull(event.id)).attempts?.length).toBe(1);
    expect(await inFull(event.id)).toMatchObject({ state: "pending", attempts: [{ outcome: "status", status: 500 }] });
    status = 200;
    await server.clock.advance({ seconds: 10 });
    await cli.until(({ out }) => out.includes("[200]"));
    await expect.poll(async () => (await inFull(event.id)).state).toBe("succeeded");
    expect((await inFull(event.id)).attempts).toMatchObject([{ status: 500 }, { status: 200, reason: "The endpoint answered 200 OK." }]);
  },

  async notAnswered() {
    await receiver.close();
    const cli = await ready("--all-snapshot", "--forward-to", receiver.url("/hook"));
    await stripe.customers.create({});
    const event = await newest("customer.created");
    await expect.poll(async () => (await inFull(event.id)).attempts?.length, { timeout: 10_000 }).toBe(1);
    expect(await inFull(event.id)).toMatchObject({ state: "pending", attempts: [{ outcome: "timeout", status: null }] });
    expect(cli.err() + cli.out()).toMatch(/Failed to POST/);
    receiver = await startWebhookReceiver(() => status);
  },

  async signedAlso() {
    await server.close();
    server = await startCarabiner({ listenEndpointSecrets: true, limits: { listenTickMs: 50 } });
    stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
    const { secret } = await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:9/hook", enabled_events: ["customer.created"] });
    const cli = await ready("--all-snapshot", "--forward-to", receiver.url("/hook"));
    await stripe.customers.create({});
    await cli.until(({ out }) => out.includes("[200]"));
    const [webhook] = receiver.at("/hook");
    for (const each of [secret ?? "", secretOf(cli)])
      expect(Stripe.webhooks.constructEvent(webhook?.body ?? "", webhook?.headers["stripe-signature"] as string, each).type).toBe(
        "customer.created",
      );
  },
});
