import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../src/index.ts";
import { client } from "./platform-of-its-own.ts";
import { cleanUp, start } from "./server-of-its-own.ts";

const sdk = (server: Carabiner, key = server.keys.test.secret): Stripe => client(server, key);

/** An Express app as its users write it: raw body, constructEvent. Answers what `answer` says. */
async function receiver(secretOf: () => string, answer: (event: Stripe.Event) => number = () => 200) {
  const events: Stripe.Event[] = [];
  const refused: string[] = [];
  const app = express();
  app.post("/hook", express.raw({ type: "application/json" }), (request, response) => {
    try {
      const event = Stripe.webhooks.constructEvent(request.body, request.headers["stripe-signature"] ?? "", secretOf());
      events.push(event);
      response.sendStatus(answer(event));
    } catch (error) {
      refused.push(String(error));
      response.sendStatus(400);
    }
  });
  const http = await new Promise<ReturnType<typeof app.listen>>((resolve) => {
    const listening = app.listen(0, "127.0.0.1", () => resolve(listening));
  });
  cleanUp.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/hook`, events, refused };
}

describe("from an API call to a signed webhook", () => {
  test("a Connect endpoint receives account.updated of a connected account, with account at the top level", async () => {
    const server = await start();
    const stripe = sdk(server);
    let secret = "";
    const app = await receiver(() => secret);
    const endpoint = await stripe.webhookEndpoints.create({ url: app.url, enabled_events: ["account.updated"], connect: true });
    secret = endpoint.secret as string;

    const account = await stripe.accounts.create({ type: "express", country: "US", email: "jenny@example.com" });
    await stripe.accounts.update(account.id, { metadata: { plan: "gold" } });
    await server.idle();

    expect(app.refused).toEqual([]);
    expect(app.events).toHaveLength(1);
    expect(app.events[0]).toMatchObject({
      object: "event",
      type: "account.updated",
      account: account.id,
      livemode: false,
      pending_webhooks: 1,
      api_version: Stripe.API_VERSION,
      data: {
        object: { id: account.id, object: "account", metadata: { plan: "gold" } },
        previous_attributes: { metadata: { plan: null } },
      },
    });
  });

  test("the seed's example: customer.created on a connected account, live, owed to two endpoints", async () => {
    const server = await start();
    const live = sdk(server, server.keys.live.secret);
    const secrets: Record<string, string> = {};
    const received: Stripe.Event[] = [];
    for (const name of ["one", "two"]) {
      const app = await receiver(
        () => secrets[name] as string,
        (event) => {
          received.push(event);
          return 200;
        },
      );
      secrets[name] = (await live.webhookEndpoints.create({ url: app.url, enabled_events: ["*"], connect: true })).secret as string;
    }
    const account = await live.accounts.create({ type: "standard" });
    await server.idle();
    received.length = 0;
    await live.customers.create({ email: "x@example.com" }, { stripeAccount: account.id });
    await server.idle();
    expect(received).toHaveLength(2);
    for (const event of received)
      expect(event).toMatchObject({ livemode: true, object: "event", type: "customer.created", account: account.id, pending_webhooks: 2 });
    const id = received[0]?.id as string;
    await expect(live.events.retrieve(id)).rejects.toMatchObject({ statusCode: 404, code: "resource_missing" });
    expect((await live.events.retrieve(id, {}, { stripeAccount: account.id })).pending_webhooks).toBe(0);
  });

  test("a failing receiver is tried again for three days, with the same bytes and a fresh signature", async () => {
    const server = await start();
    const live = sdk(server, server.keys.live.secret);
    let secret = "";
    const app = await receiver(
      () => secret,
      () => 500,
    );
    const endpoint = await live.webhookEndpoints.create({ url: app.url, enabled_events: ["customer.created"] });
    secret = endpoint.secret as string;
    const customer = await live.customers.create({ name: "Jenny" });
    await server.idle();
    const [event] = (await live.events.list({ type: "customer.created", delivery_success: false })).data;
    expect(event).toMatchObject({ pending_webhooks: 1, data: { object: { id: customer.id } } });
    await server.clock.advance({ seconds: 4 * 24 * 3_600 });
    expect(app.events).toHaveLength(10);
    expect(app.refused).toEqual([]);
    expect((await live.events.list({ delivery_success: false })).data.map(({ id }) => id)).toEqual([event?.id]);
  });

  test("a receiver that recovers gets it, and then no more", async () => {
    const server = await start();
    const stripe = sdk(server);
    let secret = "";
    let failures = 2;
    const app = await receiver(
      () => secret,
      () => (failures-- > 0 ? 503 : 200),
    );
    secret = (await stripe.webhookEndpoints.create({ url: app.url, enabled_events: ["*"] })).secret as string;
    await stripe.customers.create({});
    await server.idle();
    await server.clock.advance({ seconds: 24 * 3_600 });
    expect(app.events).toHaveLength(3);
    expect((await stripe.events.list({ delivery_success: true })).data).toHaveLength(1);
  });

  test("a disabled endpoint's retries end; disabled and enabled again before the retry is due, it takes place", async () => {
    const server = await start();
    const stripe = sdk(server);
    let secret = "";
    const app = await receiver(
      () => secret,
      () => 500,
    );
    const endpoint = await stripe.webhookEndpoints.create({ url: app.url, enabled_events: ["*"] });
    secret = endpoint.secret as string;
    await stripe.customers.create({});
    await server.idle();
    expect(app.events).toHaveLength(1);
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: false });
    await server.clock.advance({ seconds: 600 });
    expect(app.events).toHaveLength(2);
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
    await server.clock.advance({ seconds: 24 * 3_600 });
    expect(app.events).toHaveLength(2);
    const [event] = (await stripe.events.list({ type: "customer.created" })).data;
    expect(event?.pending_webhooks).toBe(0);
  });

  test("an endpoint without a success for nine days is disabled", async () => {
    const server = await start();
    const live = sdk(server, server.keys.live.secret);
    let secret = "";
    const app = await receiver(
      () => secret,
      () => 500,
    );
    const { id, secret: made } = await live.webhookEndpoints.create({ url: app.url, enabled_events: ["*"] });
    secret = made as string;
    for (let day = 0; day < 9; day++) {
      await live.customers.create({});
      await server.idle();
      expect((await live.webhookEndpoints.retrieve(id)).status).toBe("enabled");
      await server.clock.advance({ seconds: 24 * 3_600 });
    }
    await live.customers.create({});
    await server.idle();
    expect((await live.webhookEndpoints.retrieve(id)).status).toBe("disabled");
  });

  test("deleting a connected account says so once, to its platform, and closes the door", async () => {
    const server = await start();
    const stripe = sdk(server);
    let secret = "";
    const app = await receiver(() => secret);
    secret = (await stripe.webhookEndpoints.create({ url: app.url, enabled_events: ["*"], connect: true })).secret as string;
    const account = await stripe.accounts.create({ type: "standard" });
    await stripe.accounts.del(account.id);
    await server.idle();
    expect(app.events.map(({ type, account: of, data }) => [type, of, (data.object as { id: string }).id])).toEqual([
      ["account.application.authorized", account.id, server.applications.test],
      ["account.application.deauthorized", account.id, server.applications.test],
    ]);
    await expect(stripe.accounts.retrieve(account.id)).rejects.toMatchObject({ statusCode: 403, code: "account_invalid" });
  });

  test("a rolled secret signs together with the new one until it expires", async () => {
    const server = await start();
    const stripe = sdk(server);
    let secret = "";
    const app = await receiver(() => secret);
    const endpoint = await stripe.webhookEndpoints.create({ url: app.url, enabled_events: ["*"] });
    const old = endpoint.secret as string;
    const rolled = (await stripe.rawRequest("POST", `/console/webhook_endpoints/${endpoint.id}/roll_secret`, {
      expire_after: 3_600,
    })) as unknown as { secret: string };
    expect(rolled.secret).not.toBe(old);
    for (const active of [old, rolled.secret]) {
      secret = active;
      await stripe.customers.create({});
      await server.idle();
    }
    expect(app.refused).toEqual([]);
    await server.clock.advance({ seconds: 3_601 });
    secret = old;
    await stripe.customers.create({});
    await server.idle();
    expect(app.refused).toHaveLength(1);
  });

  test("a rate limit is an endpoint's own: set and shown by the console, kept to exactly, and taken away", async () => {
    const server = await start();
    const stripe = sdk(server);
    let secret = "";
    const app = await receiver(() => secret);
    const { id, secret: given } = await stripe.webhookEndpoints.create({ url: app.url, enabled_events: ["customer.created"] });
    secret = given as string;
    const ask = async (method: "GET" | "POST", parameters?: Record<string, string>) =>
      (await stripe.rawRequest(method, `/console/webhook_endpoints/${id}`, parameters)) as unknown as { rate_limit: number | null };
    expect(await ask("GET")).toMatchObject({ object: "webhook_endpoint", id, rate_limit: null });
    expect(await ask("POST", { rate_limit: "2" })).toMatchObject({ rate_limit: 2 });
    expect(await ask("POST")).toMatchObject({ rate_limit: 2 });
    expect(await stripe.webhookEndpoints.update(id, { description: "the same" })).not.toHaveProperty("rate_limit");
    for (const rate_limit of ["0", "10001", "1.5", "many"])
      await expect(ask("POST", { rate_limit })).rejects.toMatchObject({ statusCode: 400, param: "rate_limit" });
    expect(await ask("GET")).toMatchObject({ rate_limit: 2 });

    await server.clock.freeze();
    for (let n = 0; n < 5; n++) await stripe.customers.create({});
    await server.idle();
    expect(app.events).toHaveLength(2);
    await server.clock.advance({ seconds: 1 });
    expect(app.events).toHaveLength(4);
    await server.clock.advance({ seconds: 1 });
    expect(app.events).toHaveLength(5);
    expect(await ask("POST", { rate_limit: "" })).toMatchObject({ rate_limit: null });
    for (let n = 0; n < 5; n++) await stripe.customers.create({});
    await server.idle();
    expect(app.events).toHaveLength(10);

    const changes = { url: "http://127.0.0.1:1/changed", "enabled_events[0]": "payout.paid", description: "changed", rate_limit: "3" };
    for (const [name, value] of [
      ["rate_limit", "100000000"],
      ["enabled_events[0]", "payout.misspelt"],
      ["url", "not a URL"],
    ] as const)
      await expect(ask("POST", { ...changes, [name]: value })).rejects.toMatchObject({ statusCode: 400 });
    expect(await ask("GET")).toMatchObject({ rate_limit: null, description: "the same" });
    expect(await ask("POST", changes)).toMatchObject({
      ...{ url: changes.url, enabled_events: ["payout.paid"], description: "changed", rate_limit: 3 },
    });
    expect(await ask("POST", { description: "", rate_limit: "" })).toMatchObject({ description: null, rate_limit: null, url: changes.url });
  });

  test("a failed answer's Retry-After is granted, kept and shown", async () => {
    const server = await start();
    const stripe = sdk(server);
    const busy = createServer((_, response) => response.writeHead(503, { "retry-after": "3600" }).end("busy"));
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    cleanUp.push(() => {
      busy.closeAllConnections();
      busy.close();
    });
    const url = `http://127.0.0.1:${(busy.address() as AddressInfo).port}/hook`;
    const { id } = await stripe.webhookEndpoints.create({ url, enabled_events: ["customer.created"] });
    await server.clock.freeze();
    await stripe.customers.create({});
    await server.idle();
    const ask = async (path: string) =>
      (await stripe.rawRequest("GET", path)) as unknown as { data: { id: string }[]; attempts: unknown[] };
    const [delivery] = (await ask(`/console/deliveries?endpoint=${id}`)).data;
    expect(delivery).toMatchObject({ next_attempt_at: Math.floor((server.clock.now() + 3_600_000) / 1_000) });
    expect((await ask(`/console/deliveries/${delivery?.id}`)).attempts).toMatchObject([
      { status: 503, retry_after_ms: 3_600_000, reason: expect.stringContaining("It asked not to be tried again for 3,600 s.") },
    ]);
  });

  test("a manual resend goes out once, and does not change the automatic retries", async () => {
    const server = await start();
    const stripe = sdk(server);
    let secret = "";
    let status = 500;
    const app = await receiver(
      () => secret,
      () => status,
    );
    const endpoint = await stripe.webhookEndpoints.create({ url: app.url, enabled_events: ["*"] });
    secret = endpoint.secret as string;
    await stripe.customers.create({});
    await server.idle();
    const [event] = (await stripe.events.list()).data;
    status = 200;
    await stripe.rawRequest("POST", `/v1/events/${event?.id}/retry`, { webhook_endpoint: endpoint.id });
    await server.idle();
    expect(app.events.map(({ id }) => id)).toEqual([event?.id, event?.id]);
    expect((await stripe.events.retrieve(event?.id as string)).pending_webhooks).toBe(0);
    await server.clock.advance({ seconds: 600 });
    expect(app.events).toHaveLength(3);
  });
});

describe("a type that is not in the catalogue", () => {
  test("is refused, so that a misspelt one is noticed", async () => {
    const stripe = sdk(await start());
    await expect(
      stripe.webhookEndpoints.create({ url: "https://example.com", enabled_events: ["account.updatd" as "account.updated"] }),
    ).rejects.toMatchObject({
      statusCode: 400,
      param: "enabled_events[0]",
      message: expect.stringContaining("account.application.authorized, "),
    });
    await expect(
      stripe.rawRequest("POST", "/v1/events", { type: "order.shipped", data: { object: { object: "order" } } }),
    ).rejects.toMatchObject({ statusCode: 400, param: "type" });
  });

  test("is one's own on a server that allows it", async () => {
    const stripe = sdk(await start({ allowCustomEventTypes: true }));
    await stripe.rawRequest("POST", "/v1/events", { type: "order.shipped", data: { object: { object: "order" } } });
    expect((await stripe.events.list()).data.map(({ type }) => type)).toEqual(["order.shipped"]);
  });
});

describe("several servers in one process", () => {
  test("share nothing", async () => {
    const [one, other] = await Promise.all([start(), start()]);
    await sdk(one).customers.create({ name: "only here" });
    expect((await sdk(one).customers.list()).data).toHaveLength(1);
    expect((await sdk(other).customers.list()).data).toHaveLength(0);
    await one.clock.advance({ seconds: 3_600 });
    expect(one.clock.now() - other.clock.now()).toBeGreaterThan(3_500_000);
  });

  test("and several platforms on one server see nothing of each other", async () => {
    const server = await start();
    const made = (await sdk(server).rawRequest("POST", "/v1/test_helpers/platforms", { name: "Other" })) as unknown as {
      account: string;
      keys: { test: { secret: string } };
    };
    const other = sdk(server, made.keys.test.secret);
    const account = await sdk(server).accounts.create({ type: "express" });
    await expect(other.accounts.retrieve(account.id)).rejects.toMatchObject({ statusCode: 403, code: "account_invalid" });
    expect((await other.accounts.list()).data).toEqual([]);
    expect((await other.accounts.retrieveCurrent()).id).toBe(made.account);
  });
});

test("data in a file exists after a restart, including the turn of the clock", async () => {
  const { mkdtempSync, rmSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const directory = mkdtempSync(join(tmpdir(), "carabiner-"));
  cleanUp.push(() => rmSync(directory, { recursive: true }));
  const store = { file: join(directory, "carabiner.db") };
  const first = await startCarabiner({ store });
  const customer = await sdk(first).customers.create({ name: "Jenny" }, { idempotencyKey: "once" });
  await first.clock.advance({ seconds: 7_200 });
  const stood = first.clock.now();
  await first.close();
  const second = await start({ store });
  expect(second.account).toBe(first.account);
  expect((await sdk(second).customers.retrieve(customer.id)).id).toBe(customer.id);
  expect((await sdk(second).customers.create({ name: "Jenny" }, { idempotencyKey: "once" })).id).toBe(customer.id);
  expect(second.clock.now()).toBeGreaterThanOrEqual(stood);
});
