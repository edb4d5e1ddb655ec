import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LATEST_API_VERSION } from "@carabiner/protocol";
import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Carabiner } from "../../src/carabiner.ts";
import { createPlatform } from "../../src/create-platform.ts";
import { startCarabiner } from "../../src/start-carabiner.ts";
import { ownKeys } from "../platform-of-its-own.ts";

const DAY_S = 24 * 3_600;

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner({ allowCustomEventTypes: true });
});
afterAll(() => server.close());

const client = (key: string, on = server) =>
  new Stripe(key, { host: on.host, port: on.port, protocol: "http", telemetry: false, maxNetworkRetries: 0 });

interface Platform {
  account: string;
  application: string;
  live: Stripe;
  test: Stripe;
}

/** An account that calls for itself. */
async function ownClient(stripe: Stripe, account: string): Promise<Stripe> {
  return client((await ownKeys(stripe, account)).test.secret);
}

/** A platform of the test's own, so that no other test's objects are in its lists. */
async function platform(country = "US"): Promise<Platform> {
  const made = (await client(server.keys.test.secret).rawRequest("POST", "/v1/test_helpers/platforms", { country })) as unknown as {
    account: string;
    applications: { test: string; live: string };
    keys: { test: { secret: string }; live: { secret: string } };
  };
  return {
    account: made.account,
    application: made.applications.test,
    live: client(made.keys.live.secret),
    test: client(made.keys.test.secret),
  };
}

/** What a call was refused with. */
async function refusal(
  call: Promise<unknown>,
): Promise<{ status: number | undefined; code: string | undefined; param: string | undefined; message: string }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    return { status: error.statusCode, code: error.code, param: error.param, message: error.message };
  }
  throw new Error("the call was not refused");
}

const typesOf = async (stripe: Stripe, account: string) =>
  (await stripe.events.list({}, { stripeAccount: account })).data.map(({ type }) => type).reverse();

/** What an account is asked for that wants nothing yet. */
const OF_EVERY_ACCOUNT = ["business_type", "external_account", "tos_acceptance.date", "tos_acceptance.ip"];

describe("accounts", () => {
  test("one that is made is authorized, in the platform's own country unless told otherwise", async () => {
    const { test: stripe, application, account: platformId } = await platform("DE");
    const account = await stripe.accounts.create({ type: "express", email: "jenny@example.com" });
    expect(account).toMatchObject({
      type: "express",
      country: "DE",
      default_currency: "eur",
      email: "jenny@example.com",
      controller: { is_controller: true },
    });
    const [event] = (await stripe.events.list({}, { stripeAccount: account.id })).data;
    expect(event).toMatchObject({
      type: "account.application.authorized",
      account: account.id,
      api_version: LATEST_API_VERSION,
      data: { object: { id: application, object: "application", name: "Platform" } },
      request: { id: expect.stringMatching(/^req_/) },
    });
    expect((await stripe.accounts.list()).data.map(({ id }) => id)).toEqual([account.id]);
    expect((await stripe.accounts.retrieveCurrent()).id).toBe(platformId);
    expect((await stripe.accounts.retrieveCurrent({}, { stripeAccount: account.id })).id).toBe(account.id);
  });

  test("without parameters it is a standard one", async () => {
    const { test: stripe } = await platform();
    expect(await stripe.accounts.create()).toMatchObject({ type: "standard", controller: { stripe_dashboard: { type: "full" } } });
  });

  test("refuses a country no account can be in, and an account by an account that is no platform", async () => {
    const { test: stripe } = await platform();
    expect(await refusal(stripe.accounts.create({ country: "XX" }))).toMatchObject({
      status: 400,
      code: "country_unsupported",
      param: "country",
    });
    const { id } = await stripe.accounts.create({ type: "standard" });
    expect((await refusal((await ownClient(stripe, id)).accounts.create({ type: "express" }))).message).toContain("signed up for Connect");
  });

  test("an update tells what was before of what has changed, and one that changes nothing tells nothing", async () => {
    const { test: stripe } = await platform();
    const { id } = await stripe.accounts.create({
      type: "custom",
      business_profile: { name: "Acme", mcc: "5734" },
      metadata: { a: "1", b: "2" },
    });
    const updated = await stripe.accounts.update(id, {
      business_profile: { name: "Acme Ltd" },
      metadata: { a: "", c: "3" },
      capabilities: { transfers: { requested: true } },
    });
    expect(updated).toMatchObject({
      business_profile: { name: "Acme Ltd", mcc: "5734" },
      metadata: { b: "2", c: "3" },
      capabilities: { transfers: "inactive" },
    });
    const [event] = (await stripe.events.list({ type: "account.updated" }, { stripeAccount: id })).data;
    expect(event?.data.object).toEqual({ ...updated });
    expect(event?.data.previous_attributes).toEqual({
      business_profile: { name: "Acme" },
      settings: {
        card_payments: { statement_descriptor_prefix: null },
        dashboard: { display_name: "Acme" },
        payments: { statement_descriptor: null },
      },
      metadata: { a: "1", c: null },
      capabilities: { transfers: null },
      requirements: { alternatives: [], currently_due: OF_EVERY_ACCOUNT, eventually_due: OF_EVERY_ACCOUNT, past_due: OF_EVERY_ACCOUNT },
    });
    await stripe.accounts.update(id, { business_profile: { name: "Acme Ltd" }, metadata: { c: "3" } });
    expect(await typesOf(stripe, id)).toEqual(["account.application.authorized", "account.updated", "capability.updated"]);
  });

  test("a platform cannot update its own account", async () => {
    const { test: stripe, account } = await platform();
    expect((await refusal(stripe.accounts.update(account, { email: "a@example.com" }))).message).toContain("your own account");
  });

  test("a live connection serves a test key, a test connection no live key", async () => {
    const { live, test: stripe } = await platform();
    const liveMade = await live.accounts.create({ type: "express" });
    const testMade = await stripe.accounts.create({ type: "express" });
    expect((await stripe.accounts.retrieve(liveMade.id)).id).toBe(liveMade.id);
    expect(await refusal(live.accounts.retrieve(testMade.id))).toMatchObject({ status: 403, code: "account_invalid" });
  });

  test("one that is deleted is deauthorized, and nobody has access to it any more", async () => {
    const { test: stripe, application } = await platform();
    const endpoint = await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:1/hook", enabled_events: ["*"], connect: true });
    const { id } = await stripe.accounts.create({ type: "standard" });
    expect(await stripe.accounts.del(id)).toMatchObject({ id, object: "account", deleted: true });
    for (const refused of await Promise.all(
      [stripe.accounts.retrieve(id), stripe.accounts.del(id), stripe.customers.list({}, { stripeAccount: id })].map((call) =>
        refusal(call),
      ),
    ))
      expect(refused).toMatchObject({ status: 403, code: "account_invalid" });
    expect((await stripe.accounts.list()).data).toEqual([]);
    const deliveries = (await stripe.rawRequest("GET", `/console/deliveries?endpoint=${endpoint.id}`)) as unknown as {
      data: { event_type: string }[];
    };
    expect(deliveries.data.map(({ event_type }) => event_type).sort()).toEqual([
      "account.application.authorized",
      "account.application.deauthorized",
    ]);
    expect(application).toMatch(/^ca_/);
  });

  test("what may not be deleted: one's own, a live one by a test key, a live one with the full Dashboard", async () => {
    const { live, test: stripe, account } = await platform();
    const express = await live.accounts.create({ type: "express" });
    const standard = await live.accounts.create({ type: "standard" });
    expect((await refusal(stripe.accounts.del(account))).message).toContain("it is your own");
    expect((await refusal(stripe.accounts.del(express.id))).message).toContain("a test mode key was used");
    expect((await refusal(live.accounts.del(standard.id))).message).toContain("full Dashboard");
    expect((await live.accounts.del(express.id)).deleted).toBe(true);
  });

  test("a platform rejects, and takes back, only accounts whose losses it bears", async () => {
    const { test: stripe } = await platform();
    const { id } = await stripe.accounts.create({ type: "custom" });
    expect((await stripe.accounts.reject(id, { reason: "fraud_other" })).requirements?.disabled_reason).toBe("rejected.platform_fraud");
    expect((await stripe.accounts.unreject(id)).requirements?.disabled_reason).toBe("requirements.past_due");
    expect(await typesOf(stripe, id)).toEqual(["account.application.authorized", "account.updated", "account.updated"]);
    const standard = await stripe.accounts.create({ type: "standard" });
    expect((await refusal(stripe.accounts.reject(standard.id, { reason: "other" }))).message).toContain("not borne by the platform");
    expect(await refusal(stripe.accounts.reject(id, { reason: "dislike" }))).toMatchObject({ status: 400, param: "reason" });
  });
});

describe("customers", () => {
  test("are made, changed and deleted, each with its event", async () => {
    const { test: stripe } = await platform();
    const made = await stripe.customers.create({
      email: "jenny@example.com",
      address: { city: "Paris" },
      shipping: { name: "Jenny", phone: "1", address: { line1: "1 rue" } },
      preferred_locales: ["fr"],
    });
    expect(made).toMatchObject({
      email: "jenny@example.com",
      address: { city: "Paris", line1: null },
      shipping: { name: "Jenny", phone: "1", address: { line1: "1 rue", city: null } },
      balance: 0,
      tax_exempt: "none",
      livemode: false,
    });
    const changed = await stripe.customers.update(made.id, { email: "", shipping: { name: "Jenny", address: { line1: "2 rue" } } });
    expect(changed).toMatchObject({ email: null, shipping: { phone: null, address: { line1: "2 rue" } } });
    await stripe.customers.update(made.id, { email: "" });
    expect(await stripe.customers.del(made.id)).toMatchObject({ id: made.id, deleted: true });
    expect(await stripe.customers.retrieve(made.id)).toMatchObject({ id: made.id, object: "customer", deleted: true });
    expect((await stripe.customers.list()).data).toEqual([]);
    expect(await refusal(stripe.customers.update(made.id, { name: "x" }))).toMatchObject({
      status: 404,
      code: "resource_missing",
      param: "id",
    });
    const events = (await stripe.events.list({ type: "customer.*" })).data;
    expect(events.map(({ type }) => type)).toEqual(["customer.deleted", "customer.updated", "customer.created"]);
    expect(events[1]?.data.previous_attributes).toEqual({
      email: "jenny@example.com",
      shipping: { phone: "1", address: { line1: "1 rue" } },
    });
    expect(events[0]?.data.object).toEqual({ ...changed });
  });

  test("are found by email, and belong to the account they were made for", async () => {
    const { test: stripe } = await platform();
    const { id: account } = await stripe.accounts.create({ type: "express" });
    await stripe.customers.create({ email: "a@example.com" });
    const theirs = await stripe.customers.create({ email: "b@example.com" }, { stripeAccount: account });
    expect((await stripe.customers.list({ email: "b@example.com" })).data).toEqual([]);
    expect((await stripe.customers.list({ email: "a@example.com" })).data).toHaveLength(1);
    expect((await stripe.customers.list({ email: "b@example.com" }, { stripeAccount: account })).data.map(({ id }) => id)).toEqual([
      theirs.id,
    ]);
    expect(await refusal(stripe.customers.retrieve(theirs.id))).toMatchObject({ status: 404, message: `No such customer: '${theirs.id}'` });
  });
});

describe("webhook endpoints", () => {
  const url = "https://example.com/hook";

  test("show their secret once, and their application only where they hear of connected accounts", async () => {
    const { test: stripe, application } = await platform();
    const own = await stripe.webhookEndpoints.create({ url, enabled_events: ["*"], description: "mine" });
    const connect = await stripe.webhookEndpoints.create({
      url,
      enabled_events: ["payout.failed"],
      connect: true,
      api_version: "2024-04-10",
    });
    expect(own).toMatchObject({ application: null, api_version: null, status: "enabled", description: "mine", enabled_events: ["*"] });
    expect(own.secret).toMatch(/^whsec_[0-9A-Za-z]{32}$/);
    expect(connect).toMatchObject({ application, api_version: "2024-04-10" });
    expect(await stripe.webhookEndpoints.retrieve(own.id)).not.toHaveProperty("secret");
  });

  test("are switched off and on, changed, and deleted once", async () => {
    const { test: stripe } = await platform();
    const { id } = await stripe.webhookEndpoints.create({ url, enabled_events: ["*"], description: "mine", metadata: { a: "1" } });
    expect((await stripe.webhookEndpoints.update(id, { disabled: true })).status).toBe("disabled");
    expect(await stripe.webhookEndpoints.update(id, { disabled: false, description: "", metadata: "" })).toMatchObject({
      status: "enabled",
      description: null,
      metadata: {},
    });
    expect(await stripe.webhookEndpoints.update(id, { enabled_events: ["payout.paid"], url: `${url}/2` })).toMatchObject({
      enabled_events: ["payout.paid"],
      url: `${url}/2`,
    });
    for (const fixed of [{ connect: true }, { api_version: "2024-04-10" }])
      expect(await refusal(stripe.webhookEndpoints.update(id, fixed as Stripe.WebhookEndpointUpdateParams))).toMatchObject({
        code: "parameter_unknown",
      });
    expect(await stripe.webhookEndpoints.del(id)).toMatchObject({ id, deleted: true });
    expect(await refusal(stripe.webhookEndpoints.del(id))).toMatchObject({ status: 404, message: `No such webhook endpoint: '${id}'` });
    expect((await stripe.webhookEndpoints.list()).data).toEqual([]);
  });

  test("name types that exist, and at least one", async () => {
    const { test: stripe } = await platform();
    const made = (enabled_events: string[]) =>
      refusal(stripe.webhookEndpoints.create({ url, enabled_events: enabled_events as Stripe.WebhookEndpointCreateParams.EnabledEvent[] }));
    expect(await made(["payout.paid", "Payout!"])).toMatchObject({ status: 400, param: "enabled_events[1]" });
    expect((await made(["payout.*"])).message).toMatch(/^Invalid enabled_events\[0\]: must be one of account\.application\.authorized, /);
    expect(await refusal(stripe.webhookEndpoints.create({ url } as Stripe.WebhookEndpointCreateParams))).toMatchObject({
      code: "parameter_missing",
      param: "enabled_events",
    });
    const { headers: _, ...empty } = await fetch(`${server.url}/v1/webhook_endpoints`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.keys.test.secret}`, "content-type": "application/json" },
      body: JSON.stringify({ url, enabled_events: [] }),
    }).then(async (response) => ({ headers: response.headers, body: await response.json() }));
    expect(empty.body).toMatchObject({ error: { code: "parameter_invalid_empty", param: "enabled_events" } });
  });

  test("are sixteen in a mode at most", async () => {
    const { test: stripe, live } = await platform();
    for (let i = 0; i < 16; i++) await stripe.webhookEndpoints.create({ url, enabled_events: ["*"], connect: i % 2 === 0 });
    const [first] = (await stripe.webhookEndpoints.list({ limit: 1 })).data;
    expect(await refusal(stripe.webhookEndpoints.create({ url, enabled_events: ["*"] }))).toMatchObject({
      status: 400,
      code: undefined,
      message: "You have reached the maximum of 16 test webhook endpoints.",
    });
    await live.webhookEndpoints.create({ url, enabled_events: ["*"] });
    await stripe.webhookEndpoints.del(first?.id ?? "");
    await stripe.webhookEndpoints.create({ url, enabled_events: ["*"] });
  });

  test("of a connected account are its own only where it has the full Dashboard", async () => {
    const { test: stripe } = await platform();
    const standard = await stripe.accounts.create({ type: "standard" });
    const express = await stripe.accounts.create({ type: "express" });
    const params = { url, enabled_events: ["*" as const] };
    const own = await stripe.webhookEndpoints.create(params, { stripeAccount: standard.id });
    expect((await stripe.webhookEndpoints.list({}, { stripeAccount: standard.id })).data.map(({ id }) => id)).toEqual([own.id]);
    expect((await refusal(stripe.webhookEndpoints.create(params, { stripeAccount: express.id }))).message).toContain(
      "no access to the full Dashboard",
    );
    const itself = await ownClient(stripe, standard.id);
    expect(await refusal(itself.webhookEndpoints.create({ ...params, connect: true }))).toMatchObject({
      code: "platform_account_required",
      param: "connect",
    });
  });
});

describe("a server that is not for development", () => {
  test("refuses endpoints that are not public, http with a live key, and types that are not in the catalogue", async () => {
    const folder = await mkdtemp(join(tmpdir(), "resources-"));
    const file = join(folder, "carabiner.db");
    const made = await createPlatform({ store: { file }, name: "Acme" });
    const serving = await startCarabiner({ mode: "serve", store: { file } });
    try {
      const [live, stripe] = [client(made.keys.live.secret, serving), client(made.keys.test.secret, serving)];
      const endpoint = (on: Stripe, url: string, type = "*") =>
        on.webhookEndpoints.create({ url, enabled_events: [type as Stripe.WebhookEndpointCreateParams.EnabledEvent] });
      expect((await refusal(endpoint(stripe, "http://localhost:4242/hook"))).message).toContain("URL must be publicly accessible");
      expect((await refusal(endpoint(live, "http://example.com/hook"))).message).toBe(
        'Invalid URL: http://example.com/hook. URLs in livemode must begin with "https://"',
      );
      expect((await endpoint(stripe, "http://example.com/hook")).livemode).toBe(false);
      expect((await endpoint(live, "https://example.com/hook")).livemode).toBe(true);
      expect(await refusal(endpoint(stripe, "https://example.com/hook", "order.shipped"))).toMatchObject({ param: "enabled_events[0]" });
      expect(
        await refusal(stripe.rawRequest("POST", "/v1/events", { type: "order.shipped", data: { object: { object: "order" } } })),
      ).toMatchObject({ status: 400, param: "type" });
    } finally {
      await serving.close();
      await rm(folder, { recursive: true });
    }
  });
});

describe("events", () => {
  const payout = (id = "po_1") => ({ type: "payout.paid", data: { object: { id, object: "payout" } } });
  const publish = (stripe: Stripe, params: object, stripeAccount?: string) =>
    stripe.rawRequest(
      "POST",
      "/v1/events",
      params as Record<string, unknown>,
      stripeAccount === undefined ? {} : { stripeAccount },
    ) as unknown as Promise<Stripe.Event>;

  test("one that is published is answered, read back, and told apart by account", async () => {
    const { test: stripe } = await platform();
    const { id: account } = await stripe.accounts.create({ type: "express" });
    const own = await publish(stripe, payout());
    const theirs = await publish(stripe, { ...payout("po_2"), id: "evt_chosen_by_us" }, account);
    expect(own).toMatchObject({ object: "event", type: "payout.paid", pending_webhooks: 0, data: { object: { id: "po_1" } } });
    expect(own).not.toHaveProperty("account");
    expect(theirs).toMatchObject({ id: "evt_chosen_by_us", account });
    expect((await stripe.events.retrieve(own.id)).data).toEqual(own.data);
    expect((await refusal(stripe.events.retrieve(theirs.id))).message).toBe(`No such event: '${theirs.id}'`);
    expect((await stripe.events.retrieve(theirs.id, {}, { stripeAccount: account })).account).toBe(account);
  });

  test("one that is published again is answered as recorded; another under its id is refused", async () => {
    const { test: stripe } = await platform();
    const event = { ...payout(), id: "evt_published_twice" };
    const first = await publish(stripe, event);
    expect(await publish(stripe, event)).toMatchObject({ id: first.id, created: first.created, request: first.request });
    expect((await stripe.events.list()).data).toHaveLength(1);
    const taken = { status: 400, code: "resource_already_exists", param: "id" };
    expect(await refusal(publish(stripe, { ...payout("po_2"), id: event.id }))).toMatchObject(taken);
    expect(await refusal(publish((await platform()).test, event))).toMatchObject(taken);
  });

  test("many are published together, in their order, or none of them", async () => {
    const { test: stripe } = await platform();
    const many = [
      payout("po_1"),
      { ...payout("po_2"), id: "evt_one_of_many" },
      { ...payout("po_2"), id: "evt_one_of_many" },
      payout("po_3"),
    ];
    const answer = (await publish(stripe, { events: many })) as unknown as Stripe.ApiList<Stripe.Event>;
    expect(answer).toMatchObject({ object: "list", url: "/v1/events", has_more: false });
    expect(answer.data.map((event) => Object.keys(event))).toEqual(Array(4).fill(["id", "object", "type", "pending_webhooks"]));
    expect(answer.data[1]?.id).toBe("evt_one_of_many");
    expect(answer.data[2]?.id).toBe("evt_one_of_many");
    const recorded = (await stripe.events.list()).data.map(({ data }) => (data.object as { id: string }).id);
    expect(recorded.sort()).toEqual(["po_1", "po_2", "po_3"]);
    expect(
      await refusal(publish(stripe, { events: [payout("po_4"), { type: "payout.paid", data: { object: { id: "po_5" } } }] })),
    ).toMatchObject({
      status: 400,
      param: "events[1][data][object]",
    });
    expect((await stripe.events.list()).data).toHaveLength(3);
    expect(await refusal(publish(stripe, { ...payout(), events: [payout()] }))).toMatchObject({ code: "parameters_exclusive" });
  });

  test("are listed by type, pattern, time and success", async () => {
    const { test: stripe } = await platform();
    const now = Math.floor(server.clock.now() / 1000);
    const ids: Record<string, string> = {};
    for (const [type, created] of [
      ["payout.paid", now - 100],
      ["payout.failed", now - 50],
      ["customer.created", now - 10],
    ] as const)
      ids[type] = (await publish(stripe, { type, created, data: { object: { id: "x", object: "x" } } })).id;
    await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:1/hook", enabled_events: ["order.shipped" as "*"] });
    ids["order.shipped"] = (await publish(stripe, { type: "order.shipped", data: { object: { object: "order" } } })).id;
    const listed = async (params: Stripe.EventListParams) => (await stripe.events.list(params)).data.map(({ type }) => type);
    expect(await listed({ type: "payout.*" })).toEqual(["payout.failed", "payout.paid"]);
    expect(await listed({ type: "payout.paid" })).toEqual(["payout.paid"]);
    expect(await listed({ types: ["payout.paid", "customer.created"] })).toEqual(["customer.created", "payout.paid"]);
    expect(await listed({ created: { gte: now - 50, lt: now - 10 } })).toEqual(["payout.failed"]);
    expect(await listed({ created: now - 10 })).toEqual(["customer.created"]);
    expect(await listed({ delivery_success: false })).toEqual(["order.shipped"]);
    expect(await listed({ delivery_success: true })).toEqual(["customer.created", "payout.failed", "payout.paid"]);
    expect(await refusal(stripe.events.list({ type: "a", types: ["b"] }))).toMatchObject({ code: "parameters_exclusive" });
    expect(await refusal(stripe.events.list({ types: Array(21).fill("payout.paid") }))).toMatchObject({ status: 400, param: "types" });
  });

  test("of a connection made to it are seen by the account itself", async () => {
    const { test: stripe } = await platform();
    const { id } = await stripe.accounts.create({ type: "standard" });
    const keys = (await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${id}/keys`)) as unknown as { test: { secret: string } };
    expect((await client(keys.test.secret).events.list()).data.map(({ type }) => type)).toEqual(["account.application.authorized"]);
  });

  test("go thirty days back, and no further", async () => {
    const turned = await startCarabiner();
    try {
      const stripe = client(turned.keys.test.secret, turned);
      const { id } = await publish(stripe, payout());
      await turned.clock.advance({ seconds: 30 * DAY_S - 10 });
      expect((await stripe.events.retrieve(id)).id).toBe(id);
      await turned.clock.advance({ seconds: 20 });
      expect(await refusal(stripe.events.retrieve(id))).toMatchObject({ status: 404, code: "resource_missing" });
      expect((await stripe.events.list()).data).toEqual([]);
    } finally {
      await turned.close();
    }
  });

  test("are sent once more: to the endpoint named, or to all that select them", async () => {
    const { test: stripe } = await platform();
    const { id: account } = await stripe.accounts.create({ type: "express" });
    const endpoint = (params: Partial<Stripe.WebhookEndpointCreateParams>) =>
      stripe.webhookEndpoints.create({ url: "http://127.0.0.1:1/hook", enabled_events: ["payout.paid"], ...params });
    const own = await endpoint({});
    const connect = await endpoint({ connect: true });
    const other = await endpoint({ connect: true, enabled_events: ["payout.failed"] });
    const event = await publish(stripe, payout(), account);
    const retry = (params: Record<string, unknown>) =>
      stripe.rawRequest("POST", `/v1/events/${event.id}/retry`, params) as unknown as Promise<Stripe.Event>;
    const manual = async (endpointId: string) => {
      const { data } = (await stripe.rawRequest("GET", `/console/deliveries?endpoint=${endpointId}`)) as unknown as {
        data: { kind: string }[];
      };
      return data.filter(({ kind }) => kind === "manual").length;
    };
    expect(await retry({ account, webhook_endpoint: connect.id })).toMatchObject({ id: event.id, object: "event", account });
    expect([await manual(connect.id), await manual(other.id)]).toEqual([1, 0]);
    await retry({ account, for_stripecli: true });
    expect([await manual(connect.id), await manual(other.id)]).toEqual([2, 0]);
    await retry({ account, webhook_endpoint: other.id });
    expect(await manual(other.id)).toBe(1);
    expect((await refusal(retry({ account, webhook_endpoint: own.id }))).message).toContain("its owner's own events");
    expect(await refusal(retry({ account, webhook_endpoint: "we_none" }))).toMatchObject({ status: 400, param: "webhook_endpoint" });
    expect(await refusal(retry({ account }))).toMatchObject({ code: "parameter_missing", param: "webhook_endpoint" });
    expect(await refusal(retry({ webhook_endpoint: connect.id }))).toMatchObject({ status: 404, code: "resource_missing" });
  });
});
