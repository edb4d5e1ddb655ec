import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../../scripts/test-database.ts";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { consent, withRedirects } from "../../pages/oauth/consent.ts";
import { type Platform, platformOfItsOwn, publish, refusal } from "../../platform-of-its-own.ts";
import { startWebhookReceiver } from "../../webhook-receiver.ts";

/** A whole event, in the form in which Stripe's webhooks bring one. */
const recorded = (more: Partial<Stripe.Event> & { id: string }) =>
  ({
    object: "event",
    api_version: "2024-06-20",
    created: 1_600_000_000,
    data: {
      object: { id: "po_1Recorded", object: "payout", amount: 1_100, livemode: false },
      previous_attributes: { status: "in_transit" },
    },
    livemode: false,
    pending_webhooks: 4,
    request: { id: "req_Recorded", idempotency_key: "key of then" },
    type: "payout.updated",
    ...more,
  }) as unknown as Stripe.Event;

describe.each(["memory", "postgres"] as const)("a recorded event, on %s", (kind) => {
  let server: Carabiner;
  let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
  let drop: () => Promise<void> = async () => undefined;
  beforeAll(async () => {
    const database = kind === "postgres" ? await createTestDatabase() : null;
    if (database !== null) drop = database.drop;
    server = await startCarabiner({ store: database === null ? "memory" : { url: database.url } });
    receiver = await startWebhookReceiver();
  });
  afterAll(async () => {
    await server.close();
    await receiver.close();
    await drop();
  });

  /** Publishes as JSON, which keeps numbers numbers. Returns the answer, with its status. */
  async function replay(key: string, event: object, stripeAccount?: string) {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const answer = await fetch(`${server.url}/v1/events`, {
      method: "POST",
      headers: stripeAccount === undefined ? headers : { ...headers, "stripe-account": stripeAccount },
      body: JSON.stringify(event),
    });
    const body = (await answer.json()) as Stripe.Event & { error?: { code?: string; message: string; param?: string } };
    return { status: answer.status, body, ...body.error };
  }

  /** A platform with an account endpoint and a Connect endpoint, at its id. */
  async function listening(): Promise<Platform & { key: string; connected: string; at(name: string): Stripe.Event[] }> {
    const platform = await platformOfItsOwn(server);
    const { id } = await platform.test.accounts.create({ type: "standard" });
    const types = { enabled_events: ["payout.updated", "transfer.paid" as never] as Stripe.WebhookEndpointCreateParams.EnabledEvent[] };
    for (const connect of [false, true])
      await platform.test.webhookEndpoints.create({ ...types, connect, url: receiver.url(`/${platform.account}/${connect}`) });
    await platform.test.webhookEndpoints.create({
      ...types,
      url: receiver.url(`/${platform.account}/pinned`),
      api_version: "2023-10-16",
    });
    const at = (name: string) => receiver.at(`/${platform.account}/${name}`).map(({ event }) => event);
    return { ...platform, key: platform.keys.test.secret, connected: id, at };
  }

  test("arrives as it was, but for the deliveries it has now", async () => {
    const { test: stripe, key, at } = await listening();
    const event = recorded({ id: `evt_replayed_${kind}_1` });
    const answered = await replay(key, event);
    await server.idle();
    expect(at("false")).toEqual([{ ...event, pending_webhooks: 2 }]);
    expect(at("pinned")).toEqual([{ ...event, api_version: "2023-10-16", pending_webhooks: 2 }]);
    expect(at("true")).toEqual([]);
    expect(answered).toEqual({ status: 200, body: { ...event, pending_webhooks: 2 } });
    expect(await stripe.events.retrieve(event.id)).toMatchObject({ created: 1_600_000_000, api_version: "2024-06-20" });
    expect((await stripe.events.list({ type: "payout.updated" })).data.map(({ id }) => id)).toEqual([event.id]);
  });

  test("is the same again by its id, and another by the same id is refused", async () => {
    const { key, at } = await listening();
    const event = recorded({ id: `evt_replayed_${kind}_2` });
    await replay(key, event);
    await server.idle();
    expect(await replay(key, event)).toMatchObject({ status: 200, body: { id: event.id, pending_webhooks: 0 } });
    await server.idle();
    expect(at("false")).toHaveLength(1);
    for (const more of [
      { created: 1_600_000_001 },
      { api_version: "2023-10-16" },
      { request: { id: "req_other", idempotency_key: null } },
      { type: "payout.paid" as const },
    ]) {
      const refused = await replay(key, recorded({ id: event.id, ...more } as never));
      expect(refused, JSON.stringify(more)).toMatchObject({ status: 400, code: "resource_already_exists", param: "id" });
    }
  });

  test("of a connected account is published there, for the Connect endpoint", async () => {
    const { test: stripe, key, connected, at } = await listening();
    const event = recorded({ id: `evt_replayed_${kind}_3`, account: connected });
    expect((await replay(key, event)).body).toMatchObject({ account: connected, id: event.id });
    await server.idle();
    expect(at("true")).toEqual([{ ...event, pending_webhooks: 1 }]);
    expect(at("false")).toEqual([]);
    expect((await stripe.events.list({ type: "payout.updated" }, { stripeAccount: connected })).data).toMatchObject([{ id: event.id }]);
    expect((await replay(key, { ...event, id: `evt_replayed_${kind}_4` }, connected)).body).toMatchObject({ account: connected });
  });

  test("of an account that is not connected, or only to be looked at, is refused; and nothing is recorded", async () => {
    const { test: stripe, key, connected, at } = await listening();
    const other = await platformOfItsOwn(server);
    const { id: foreign } = await other.test.accounts.create({ type: "standard" });
    for (const account of [foreign, "acct_1NotHere"])
      expect(await replay(key, recorded({ id: `evt_refused_${kind}`, account }))).toMatchObject({ status: 403, code: "account_invalid" });
    const elsewhere = await replay(key, recorded({ id: `evt_refused_${kind}`, account: foreign }), connected);
    expect(elsewhere).toMatchObject({ status: 400, param: "account" });
    const looking = await withRedirects(await platformOfItsOwn(server));
    const { code } = await consent(
      server,
      { client_id: looking.applications.test, scope: "read_only" },
      { action: "connect", account: connected },
    );
    await looking.test.oauth.token({ grant_type: "authorization_code", code });
    expect(await refusal(publish(looking.test, recorded({ id: `evt_refused_${kind}`, account: connected })))).toMatchObject({
      status: 403,
    });
    await server.idle();
    expect([at("true"), at("false")]).toEqual([[], []]);
    expect((await stripe.events.list({ type: "payout.updated" }, { stripeAccount: connected })).data).toEqual([]);
  });

  test("of the other mode is refused", async () => {
    const { key, keys } = await listening();
    const refused = await replay(key, recorded({ id: `evt_refused_${kind}`, livemode: true }));
    expect(refused).toMatchObject({
      status: 400,
      param: "livemode",
      message: "The event is of live mode, but a test mode key was used. Use a key of the event's mode, or leave livemode out.",
    });
    const live = await replay(keys.live.secret, recorded({ id: `evt_replayed_${kind}_5`, livemode: true }));
    expect(live).toMatchObject({ status: 200, body: { livemode: true } });
  });

  test("of a type that the catalogue does not list any more is delivered", async () => {
    const { key, at } = await listening();
    await replay(key, recorded({ id: `evt_replayed_${kind}_6`, type: "transfer.paid" as never }));
    await server.idle();
    expect(at("false")).toMatchObject([{ type: "transfer.paid", created: 1_600_000_000 }]);
    const unknown = await replay(key, recorded({ id: `evt_refused_${kind}`, type: "transfer.pied" as never }));
    expect(unknown).toMatchObject({ status: 400, param: "type" });
  });

  test("is sent once more in its own version, with its own time and request", async () => {
    const { test: stripe, key, account } = await listening();
    const event = recorded({ id: `evt_replayed_${kind}_7` });
    await replay(key, event);
    await server.idle();
    const later = await stripe.webhookEndpoints.create({ url: receiver.url(`/${account}/later`), enabled_events: ["payout.updated"] });
    await stripe.rawRequest("POST", `/v1/events/${event.id}/retry`, { webhook_endpoint: later.id });
    const pinned = await stripe.webhookEndpoints.create({
      url: receiver.url(`/${account}/older`),
      enabled_events: ["payout.updated"],
      api_version: "2016-07-06",
    });
    await stripe.rawRequest("POST", `/v1/events/${event.id}/retry`, { webhook_endpoint: pinned.id });
    await server.idle();
    const { pending_webhooks: _, ...same } = event;
    expect(receiver.at(`/${account}/later`).map((webhook) => webhook.event)).toMatchObject([same]);
    expect(receiver.at(`/${account}/older`).map((webhook) => webhook.event)).toMatchObject([
      { ...same, api_version: "2016-07-06", request: "req_Recorded" },
    ]);
  });

  test("may come in a form as well", async () => {
    const { test: stripe, at } = await listening();
    const { data: _, ...event } = recorded({ id: `evt_replayed_${kind}_9` });
    await publish(stripe, { ...event, data: { object: { id: "po_1", object: "payout" } } });
    await server.idle();
    expect(at("false")).toMatchObject([{ ...event, pending_webhooks: 2 }]);
  });

  test("older than events are kept is kept from now on, and goes like any other", async () => {
    const turned = await startCarabiner();
    const stripe = (await platformOfItsOwn(turned)).test;
    const event = recorded({ id: `evt_replayed_${kind}_8` });
    await publish(stripe, event);
    await turned.clock.advance({ seconds: 29 * 24 * 3_600 });
    expect((await stripe.events.retrieve(event.id)).created).toBe(1_600_000_000);
    await turned.clock.advance({ seconds: 2 * 24 * 3_600 });
    expect(await refusal(stripe.events.retrieve(event.id))).toMatchObject({ status: 404 });
    await turned.close();
  });
});
