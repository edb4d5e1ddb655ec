import Stripe from "stripe";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";
import { startWebhookReceiver } from "../../webhook-receiver.ts";

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
beforeAll(async () => {
  server = await startCarabiner();
  receiver = await startWebhookReceiver();
});
afterEach(() => {
  receiver.received.length = 0;
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

type Destination = Stripe.V2.Core.EventDestinationCreateParams;

const thin = (path: string, given: Partial<Destination> = {}): Destination => ({
  name: "Ours",
  type: "webhook_endpoint",
  event_payload: "thin",
  enabled_events: ["v1.customer.created"],
  webhook_endpoint: { url: receiver.url(path) },
  ...given,
});

const snapshot = (path: string, given: Partial<Destination> = {}): Destination =>
  thin(path, { event_payload: "snapshot", enabled_events: ["*"], ...given });

describe("an event destination", () => {
  test("is created, retrieved, updated, disabled, enabled and deleted", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { eventDestinations } = stripe.v2.core;
    const include = ["webhook_endpoint.signing_secret", "webhook_endpoint.url"];
    const made = await eventDestinations.create(thin("/one", { description: "All", metadata: { team: "a", old: "x" }, include }));
    expect(made).toMatchObject({
      object: "v2.core.event_destination",
      name: "Ours",
      description: "All",
      type: "webhook_endpoint",
      event_payload: "thin",
      events_from: ["@self"],
      enabled_events: ["v1.customer.created"],
      livemode: false,
      status: "enabled",
      metadata: { team: "a", old: "x" },
      webhook_endpoint: { url: receiver.url("/one"), signing_secret: expect.stringMatching(/^whsec_/) },
    });
    expect(made.id).toMatch(/^ed_/);
    expect(made).not.toHaveProperty("snapshot_api_version");
    expect(Date.parse(made.created)).toBeCloseTo(Date.now(), -5);
    const found = await eventDestinations.retrieve(made.id);
    expect(found).not.toHaveProperty("webhook_endpoint");
    expect(await eventDestinations.retrieve(made.id, { include: ["webhook_endpoint.url"] })).toMatchObject({
      webhook_endpoint: { url: receiver.url("/one") },
    });
    const changed = await eventDestinations.update(made.id, {
      name: "Theirs",
      enabled_events: ["v1.account.updated"],
      metadata: { old: null, more: "y" } as unknown as Record<string, string>,
      webhook_endpoint: { url: receiver.url("/two") },
      include: ["webhook_endpoint.url"],
    });
    expect(changed).toMatchObject({
      name: "Theirs",
      description: "All",
      enabled_events: ["v1.account.updated"],
      metadata: { team: "a", more: "y" },
      webhook_endpoint: { url: receiver.url("/two") },
    });
    expect(await eventDestinations.disable(made.id)).toMatchObject({
      status: "disabled",
      status_details: { disabled: { reason: "user" } },
    });
    expect(await refusal(eventDestinations.ping(made.id))).toMatchObject({ status: 400 });
    const enabled = await eventDestinations.enable(made.id);
    expect(enabled.status).toBe("enabled");
    expect(enabled).not.toHaveProperty("status_details");
    expect(await eventDestinations.del(made.id)).toMatchObject({ id: made.id });
    expect(await refusal(eventDestinations.retrieve(made.id))).toMatchObject({ status: 404, code: "not_found" });
  });

  test("is the same through v1, where it is for whole events, and counts towards the same limit", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const old = await stripe.webhookEndpoints.create({ url: receiver.url("/old"), enabled_events: ["payout.paid"], connect: true });
    const made = await stripe.v2.core.eventDestinations.create(snapshot("/new", { snapshot_api_version: "2024-04-10" }));
    const other = await stripe.v2.core.eventDestinations.create(thin("/thin"));
    const seen = await stripe.v2.core.eventDestinations.list({ include: ["webhook_endpoint.url"] });
    expect(seen.data.map(({ id, events_from, event_payload }) => [id.slice(3), events_from, event_payload])).toEqual([
      [other.id.slice(3), ["@self"], "thin"],
      [made.id.slice(3), ["@self"], "snapshot"],
      [old.id.slice(3), ["@accounts"], "snapshot"],
    ]);
    expect(seen.data[2]).toMatchObject({ name: new URL(receiver.url("/old")).host, webhook_endpoint: { url: receiver.url("/old") } });
    const v1 = await stripe.webhookEndpoints.list();
    expect(v1.data.map(({ id }) => id)).toEqual([`we_${made.id.slice(3)}`, old.id]);
    expect(v1.data[0]).toMatchObject({ api_version: "2024-04-10", url: receiver.url("/new") });
    await stripe.webhookEndpoints.update(old.id, { description: "changed by v1" });
    expect(await stripe.v2.core.eventDestinations.retrieve(old.id)).toMatchObject({ description: "changed by v1" });
    expect(await refusal(stripe.webhookEndpoints.retrieve(`we_${other.id.slice(3)}`))).toMatchObject({ status: 404 });
    for (let n = 3; n < 16; n++) await stripe.v2.core.eventDestinations.create(thin(`/${n}`));
    expect(await refusal(stripe.v2.core.eventDestinations.create(thin("/17")))).toMatchObject({ message: expect.stringMatching(/16/) });
    expect(await refusal(stripe.webhookEndpoints.create({ url: receiver.url("/17"), enabled_events: ["*"] }))).toMatchObject({
      status: 400,
    });
  });

  test("is listed page by page, forwards and back", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { eventDestinations } = stripe.v2.core;
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.unshift((await eventDestinations.create(thin(`/${n}`))).id);
    const all: string[] = [];
    for await (const { id, webhook_endpoint } of eventDestinations.list({ limit: 2, include: ["webhook_endpoint.url"] })) {
      all.push(id);
      expect(webhook_endpoint?.url).toBeDefined();
    }
    expect(all).toEqual(made);
    const first = await eventDestinations.list({ limit: 2 });
    expect(first.previous_page_url).toBeNull();
    type Shown = { data: { id: string }[]; next_page_url: string | null; previous_page_url: string | null };
    const page = (url: string | null) => stripe.rawRequest("GET", url ?? "") as unknown as Promise<Shown>;
    const second = await page(first.next_page_url);
    const third = await page(second.next_page_url);
    expect([third.data.map(({ id }) => id), third.next_page_url]).toEqual([[made[4]], null]);
    expect((await page(third.previous_page_url)).data.map(({ id }) => id)).toEqual([made[2], made[3]]);
    const stranger = await platformOfItsOwn(server);
    expect(await refusal(stranger.test.rawRequest("GET", first.next_page_url ?? ""))).toMatchObject({
      code: "invalid_fields",
      param: "page",
    });
  });

  test("is another's secret: other accounts and modes do not find it", async () => {
    const [mine, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const { id } = await mine.test.v2.core.eventDestinations.create(thin("/mine"));
    for (const stripe of [other.test, mine.live]) {
      const { eventDestinations } = stripe.v2.core;
      for (const refused of await refusals([
        eventDestinations.retrieve(id),
        eventDestinations.update(id, { name: "Yours" }),
        eventDestinations.disable(id),
        eventDestinations.ping(id),
        eventDestinations.del(id),
      ]))
        expect(refused).toMatchObject({ status: 404, code: "not_found" });
      expect((await eventDestinations.list()).data).toEqual([]);
    }
    expect(await mine.test.v2.core.eventDestinations.retrieve(id)).toMatchObject({ name: "Ours", status: "enabled" });
  });

  test.each([
    [{ event_payload: "both" }, "event_payload"],
    [{ type: "amazon_eventbridge" }, "type"],
    [{ webhook_endpoint: { url: "ftp://example.com" } }, "webhook_endpoint.url"],
    [{ enabled_events: [] }, "enabled_events"],
    [{ enabled_events: ["*"] }, "enabled_events[0]"],
    [{ enabled_events: ["account.updated"] }, "enabled_events[0]"],
    [{ enabled_events: ["v1.account.updated", "v1.nonsense"] }, "enabled_events[1]"],
    [{ event_payload: "snapshot", enabled_events: ["v1.account.updated"] }, "enabled_events[0]"],
    [{ events_from: [] }, "events_from"],
    [{ events_from: ["@organization_members"] }, "events_from[0]"],
    [{ event_payload: "snapshot", enabled_events: ["*"], events_from: ["@self", "@accounts"] }, "events_from"],
    [{ snapshot_api_version: "2024-04-10" }, "snapshot_api_version"],
    [{ name: undefined }, "name"],
    [{ include: ["everything"] }, "include[0]"],
    [{ colour: "blue" }, "colour"],
  ])("is refused with %j, by the name of the field", async (given, param) => {
    const { test: stripe } = await platformOfItsOwn(server);
    expect(await refusal(stripe.v2.core.eventDestinations.create(thin("/bad", given as Partial<Destination>)))).toMatchObject({
      status: 400,
      code: "invalid_fields",
      param,
    });
    expect((await stripe.v2.core.eventDestinations.list()).data).toEqual([]);
  });

  test("takes idempotency keys on POST and DELETE, and runs a request that failed again", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { eventDestinations } = stripe.v2.core;
    const key = { idempotencyKey: "one" };
    const made = await eventDestinations.create(thin("/once"), key);
    expect((await eventDestinations.create(thin("/once"), key)).id).toBe(made.id);
    expect(await refusal(eventDestinations.create(thin("/other"), key))).toMatchObject({ type: "StripeIdempotencyError" });
    await eventDestinations.del(made.id, {}, { idempotencyKey: "gone" });
    expect(await eventDestinations.del(made.id, {}, { idempotencyKey: "gone" })).toMatchObject({ id: made.id });
    const again = { idempotencyKey: "again" };
    for (let n = 0; n < 16; n++) await eventDestinations.create(thin(`/${n}`));
    expect(await refusal(eventDestinations.create(thin("/late"), again))).toMatchObject({ status: 400 });
    await eventDestinations.del((await eventDestinations.list({ limit: 1 })).data[0]?.id ?? "");
    expect(await eventDestinations.create(thin("/late"), again)).toMatchObject({ status: "enabled" });
  });

  test("needs a Stripe-Version, JSON that can be read, and a secret key", async () => {
    const { keys } = await platformOfItsOwn(server);
    const call = async (headers: Record<string, string>, body: string | null = null) => {
      const response = await fetch(`http://${server.host}:${server.port}/v2/core/event_destinations`, {
        method: body === null ? "GET" : "POST",
        headers: { authorization: `Bearer ${keys.test.secret}`, ...headers },
        body,
      });
      return [response.status, ((await response.json()) as { error: Record<string, string> }).error];
    };
    expect(await call({})).toEqual([400, expect.objectContaining({ message: expect.stringMatching(/Stripe-Version header/) })]);
    const version = { "stripe-version": Stripe.API_VERSION };
    expect(await call({ ...version, authorization: `Bearer ${keys.test.publishable}` })).toEqual([
      403,
      expect.objectContaining({ code: "secret_key_required" }),
    ]);
    expect(await call({ ...version, "content-type": "application/json" }, "{")).toEqual([
      400,
      expect.not.objectContaining({ doc_url: "" }),
    ]);
  });
});

describe("a ping", () => {
  test("is a thin event for that destination alone, which the SDK verifies and fetches", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const made = await stripe.v2.core.eventDestinations.create(
      thin("/ping", { enabled_events: ["v1.payout.paid"], include: ["webhook_endpoint.signing_secret"] }),
    );
    await stripe.v2.core.eventDestinations.create(thin("/not-me"));
    const ping = await stripe.v2.core.eventDestinations.ping(made.id);
    await server.idle();
    const [pushed] = receiver.received;
    expect(receiver.received.map(({ path }) => path)).toEqual(["/ping"]);
    const secret = made.webhook_endpoint?.signing_secret ?? "";
    const notification = stripe.parseEventNotification(pushed?.body ?? "", pushed?.headers["stripe-signature"] ?? "", secret);
    expect(notification).toMatchObject({ id: ping.id, type: "v2.core.event_destination.ping" });
    if (notification.type !== "v2.core.event_destination.ping") throw new Error("not a ping");
    expect(await notification.fetchRelatedObject()).toMatchObject({ id: made.id, object: "v2.core.event_destination" });
    expect(await notification.fetchEvent()).toMatchObject({ id: ping.id, reason: { type: "request" } });
  });
});
