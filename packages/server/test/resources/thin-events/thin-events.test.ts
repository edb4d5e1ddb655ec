import type Stripe from "stripe";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { client, ownKeys, platformOfItsOwn, publish, refusal } from "../../platform-of-its-own.ts";
import { startWebhookReceiver } from "../../webhook-receiver.ts";

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
let answer = 200;
beforeAll(async () => {
  server = await startCarabiner();
  receiver = await startWebhookReceiver(() => answer);
});
afterEach(() => {
  receiver.received.length = 0;
  answer = 200;
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

async function destination(stripe: Stripe, path: string, events_from: string[], enabled_events: string[]) {
  const made = await stripe.v2.core.eventDestinations.create({
    name: path,
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events,
    events_from,
    include: ["webhook_endpoint.signing_secret"],
    webhook_endpoint: { url: receiver.url(path) },
  });
  return { id: made.id, secret: made.webhook_endpoint?.signing_secret ?? "" };
}

const parsed = (stripe: Stripe, path: string, secret: string) =>
  receiver.at(path).map(({ body, headers }) => stripe.parseEventNotification(body, headers["stripe-signature"] ?? "", secret));

describe("the thin form of a whole event", () => {
  test("tells a platform of a connected account, and leads to the event and to the object", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { secret } = await destination(stripe, "/thin", ["@accounts"], ["v1.account.updated"]);
    await destination(stripe, "/own", ["@self"], ["v1.account.updated"]);
    await stripe.webhookEndpoints.create({ url: receiver.url("/whole"), enabled_events: ["account.updated"], connect: true });
    const { id } = await stripe.accounts.create({ type: "standard", business_profile: { name: "Before", url: "https://before.example" } });
    await server.idle();
    receiver.received.length = 0;
    await stripe.accounts.update(id, { business_profile: { name: "After" } }, { idempotencyKey: "update" });
    await server.idle();
    const [whole] = receiver.at("/whole");
    const [notification] = parsed(stripe, "/thin", secret);
    expect(receiver.received.map(({ path }) => path).sort()).toEqual(["/thin", "/whole"]);
    expect(JSON.parse(receiver.at("/thin")[0]?.body ?? "")).toEqual({
      id: notification?.id,
      object: "v2.core.event",
      type: "v1.account.updated",
      livemode: false,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      related_object: { id, type: "account", url: `/v1/accounts/${id}` },
      snapshot_event: whole?.event.id,
      context: id,
    });
    if (notification?.type !== "v1.account.updated") throw new Error("another type");
    expect(await notification.fetchRelatedObject()).toMatchObject({ id, business_profile: { name: "After" } });
    const event = await notification.fetchEvent();
    // Exactly these: of a hash that changed, what did not change is left out on both sides.
    const named = (name: string, descriptor: string) => ({
      business_profile: { name },
      settings: {
        card_payments: { statement_descriptor_prefix: descriptor },
        dashboard: { display_name: name },
        payments: { statement_descriptor: descriptor },
      },
    });
    expect(event.changes).toEqual({ before: named("Before", "BEFORE"), after: named("After", "AFTER") });
    expect(event).toMatchObject({
      id: notification.id,
      snapshot_event: whole?.event.id,
      reason: { type: "request", request: { id: expect.stringMatching(/^req_/), idempotency_key: "update" } },
    });
    const acting = await stripe.v2.core.events.list({ object_id: id, types: ["v1.account.updated"] }, { stripeContext: id });
    expect(acting.data.map((event) => [event.id, event.context])).toContainEqual([notification.id, id]);
    expect(await refusal(stripe.v2.core.events.retrieve(notification.id))).toMatchObject({ status: 404, code: "not_found" });
    expect(await refusal(stripe.events.retrieve(notification.id, {}, { stripeAccount: id }))).toMatchObject({ status: 404 });
    const v1 = await stripe.events.list({}, { stripeAccount: id });
    expect(v1.data.some(({ type }) => type.startsWith("v1."))).toBe(false);
  });

  test("goes to one destination from both scopes, each with its own context", async () => {
    const { test: stripe, account } = await platformOfItsOwn(server);
    const { secret } = await destination(stripe, "/both", ["@self", "@accounts"], ["v1.customer.created"]);
    const { id } = await stripe.accounts.create({ type: "standard" });
    await stripe.customers.create({ name: "Ours" });
    await stripe.customers.create({ name: "Theirs" }, { stripeAccount: id });
    await server.idle();
    const contexts = parsed(stripe, "/both", secret).map(({ context }) => context?.toString() ?? null);
    expect(contexts.sort()).toEqual([id, null].sort());
    expect((await stripe.v2.core.events.list()).data.map((event) => event.context)).toEqual([undefined]);
    expect(account).not.toBe(id);
  });

  test("is not recorded when no destination selects it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    await destination(stripe, "/narrow", ["@self"], ["v1.payout.paid"]);
    await stripe.customers.create({ name: "Nobody asked" });
    expect((await stripe.v2.core.events.list()).data).toEqual([]);
    expect((await stripe.events.list()).data.map(({ type }) => type)).toContain("customer.created");
  });

  const KINDS = ["v1.balance.available", "v1.account.external_account.created", "v1.person.created"];
  test("has no related object where the type has none, and a singleton without an id", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { secret } = await destination(stripe, "/kinds", ["@self"], KINDS);
    await publish(stripe, { type: "balance.available", data: { object: { object: "balance" } } });
    await publish(stripe, { type: "account.external_account.created", data: { object: { id: "ba_1", object: "bank_account" } } });
    await publish(stripe, { type: "person.created", data: { object: { id: "person_1", object: "person", account: "acct_1" } } });
    await publish(stripe, { type: "reserve.plan.created", data: { object: { id: "rsvp_1", object: "reserve.plan" } } });
    await server.idle();
    const related = parsed(stripe, "/kinds", secret).map((event) => [event.type, (event as { related_object?: unknown }).related_object]);
    expect(Object.fromEntries(related)).toEqual({
      "v1.balance.available": { type: "balance", url: "/v1/balance" },
      "v1.account.external_account.created": undefined,
      "v1.person.created": { id: "person_1", type: "person", url: "/v1/accounts/acct_1/persons/person_1" },
    });
  });

  test("is retried as any other event, and sent again when asked", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id, secret } = await destination(stripe, "/failing", ["@self"], ["v1.customer.created"]);
    answer = 500;
    await stripe.customers.create({ name: "Jenny" });
    await server.idle();
    const [event] = (await stripe.v2.core.events.list()).data;
    answer = 200;
    await stripe.rawRequest("POST", `/v1/events/${event?.id}/retry`, { webhook_endpoint: `we_${id.slice(3)}` });
    await server.idle();
    expect(parsed(stripe, "/failing", secret).map((one) => one.id)).toEqual([event?.id, event?.id]);
    expect(new Set(receiver.at("/failing").map(({ body }) => body)).size).toBe(1);
  });

  test("of a platform's application reaches that platform alone", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const other = await platformOfItsOwn(server);
    const type = "v1.account.application.deauthorized";
    await destination(stripe, "/mine", ["@accounts"], [type]);
    await destination(other.test, "/others", ["@accounts"], [type]);
    const { id } = await stripe.accounts.create({ type: "standard" });
    const own = client(server, (await ownKeys(stripe, id)).test.secret);
    await destination(own, "/account", ["@self"], [type]);
    await stripe.accounts.del(id);
    await server.idle();
    expect(receiver.received.map(({ path }) => path)).toEqual(["/mine"]);
  });
});

test("events are listed by time, type and object, page by page", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  await destination(stripe, "/list", ["@self"], ["v1.customer.created", "v1.customer.updated"]);
  const customers: string[] = [];
  for (let n = 0; n < 5; n++) customers.unshift((await stripe.customers.create({ name: `${n}` })).id);
  const listed: string[] = [];
  for await (const event of stripe.v2.core.events.list({ limit: 2, types: ["v1.customer.created"] }))
    listed.push((event as { related_object?: { id: string } }).related_object?.id ?? "");
  expect(listed).toEqual(customers);
  const one = await stripe.v2.core.events.list({ object_id: customers[3] ?? "" });
  expect(one.data).toHaveLength(1);
  expect((await stripe.v2.core.events.list({ created: { lt: 1 } })).data).toEqual([]);
  expect((await stripe.v2.core.events.list({ created: { gte: 1 } })).data).toHaveLength(5);
  const raw = (query: string) => stripe.rawRequest("GET", `/v2/core/events?${query}`);
  expect(await raw("created[gt]=2000-01-01T00:00:00Z&limit=1")).toMatchObject({ data: [{}], previous_page_url: null });
  expect(await refusal(raw("created[gt]=yesterday"))).toMatchObject({ code: "invalid_fields", param: "created.gt" });
  expect(await refusal(raw("page=nonsense"))).toMatchObject({ code: "invalid_fields", param: "page" });
});
