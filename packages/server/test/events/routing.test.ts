import { LATEST_API_VERSION } from "@carabiner/protocol";
import Stripe from "stripe";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { connect, withRedirects } from "../pages/oauth/consent.ts";
import { client, ownKeys, type Platform, platformOfItsOwn, publish, refusal } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

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

const PAYOUT = { type: "payout.paid", data: { object: { id: "po_1", object: "payout" } } };

/** The four endpoints of the truth table. */
async function fourEndpoints({ live, test: stripe }: Pick<Platform, "live" | "test">): Promise<void> {
  for (const [mode, on] of [
    ["live", live],
    ["test", stripe],
  ] as const)
    for (const connect of [false, true])
      await on.webhookEndpoints.create({
        url: receiver.url(`/${mode}-${connect ? "connect" : "account"}`),
        enabled_events: ["payout.paid"],
        connect,
      });
}

/** Which of the four have got an event of a mode, and that each says that mode and names that account. */
function heard(livemode: boolean, account: string | undefined): string[] {
  for (const { event } of receiver.received) expect(event).toMatchObject({ livemode, pending_webhooks: receiver.received.length });
  for (const { event } of receiver.received) expect(event.account).toBe(account);
  return receiver.received.map(({ path }) => path).sort();
}

describe("live and test", () => {
  test.each([
    ["live", ["/live-account"]],
    ["test", ["/test-account"]],
  ] as const)("the platform's own %s event goes to %j", async (mode, expected) => {
    const platform = await platformOfItsOwn(server);
    await fourEndpoints(platform);
    await publish(platform[mode], PAYOUT);
    await server.idle();
    expect(heard(mode === "live", undefined)).toEqual(expected);
  });

  test.each([
    ["live", "live", ["/live-connect"]],
    ["test", "live", ["/live-connect"]],
    ["test", "test", ["/test-connect"]],
  ] as const)("a %s event of an account connected in %s mode goes to %j", async (mode, connected, expected) => {
    const platform = await platformOfItsOwn(server);
    await fourEndpoints(platform);
    const { id } = await platform[connected].accounts.create({ type: "standard" });
    await publish(platform[mode], PAYOUT, { stripeAccount: id });
    await server.idle();
    expect(heard(mode === "live", id)).toEqual(expected);
  });

  test("a live event of an account connected in test mode goes to none of them, though its own key may cause one", async () => {
    const platform = await platformOfItsOwn(server);
    await fourEndpoints(platform);
    const { id } = await platform.test.accounts.create({ type: "standard" });
    expect(await refusal(publish(platform.live, PAYOUT, { stripeAccount: id }))).toMatchObject({ status: 403, code: "account_invalid" });
    await publish(client(server, (await ownKeys(platform.test, id)).live.secret), PAYOUT);
    await server.idle();
    expect(receiver.received).toEqual([]);
  });

  test.each([
    ["live", ["/live-connect"]],
    ["test", ["/live-connect", "/test-connect"]],
  ] as const)("a %s event of an account connected in both modes goes to %j", async (mode, expected) => {
    const platform = await withRedirects(await platformOfItsOwn(server));
    await fourEndpoints(platform);
    const { id } = await platform.live.accounts.create({ type: "standard" });
    await connect(server, platform, "test", { action: "connect", account: id });
    const event = await publish(platform[mode], PAYOUT, { stripeAccount: id });
    await server.idle();
    expect(heard(mode === "live", id)).toEqual(expected);
    expect(new Set(receiver.received.map(({ event: { id } }) => id))).toEqual(new Set([event.id]));
  });
});

describe("a connected account with keys and endpoints of its own", () => {
  test("hears of itself without account, its platform of the same event with account; both list it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "standard" });
    const own = client(server, (await ownKeys(stripe, id)).test.secret);
    const endpoint = { enabled_events: ["customer.created"] as ["customer.created"] };
    const ownEndpoint = await own.webhookEndpoints.create({ ...endpoint, url: receiver.url("/own") });
    const connect = await stripe.webhookEndpoints.create({ ...endpoint, url: receiver.url("/platform"), connect: true });
    const customer = await own.customers.create({ name: "Jenny" });
    await server.idle();

    const [toOwn] = receiver.at("/own");
    const [toPlatform] = receiver.at("/platform");
    expect(receiver.received).toHaveLength(2);
    expect(toOwn?.event).not.toHaveProperty("account");
    const { account, ...rest } = toPlatform?.event ?? ({} as Stripe.Event);
    expect(account).toBe(id);
    expect(rest).toEqual(toOwn?.event);
    expect(rest).toMatchObject({ pending_webhooks: 2, data: { object: { id: customer.id } } });
    for (const [webhook, { secret }] of [
      [toOwn, ownEndpoint],
      [toPlatform, connect],
    ] as const)
      Stripe.webhooks.constructEvent(webhook?.body ?? "", webhook?.headers["stripe-signature"] ?? "", secret ?? "");
    const listed = (on: Stripe, options = {}) => on.events.list({ type: "customer.*" }, options).then(({ data }) => data);
    const [seenByOwn] = await listed(own);
    const [seenByPlatform] = await listed(stripe, { stripeAccount: id });
    expect(seenByOwn).toMatchObject({ id: rest.id, pending_webhooks: 0 });
    expect(seenByOwn).not.toHaveProperty("account");
    expect(seenByPlatform).toMatchObject({ id: rest.id, account: id, pending_webhooks: 0 });
    expect(await listed(stripe)).toEqual([]);
  });

  test("hears nothing of the connection, which concerns the application alone", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const other = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "standard" });
    const own = client(server, (await ownKeys(stripe, id)).test.secret);
    await own.webhookEndpoints.create({ url: receiver.url("/own"), enabled_events: ["*", "account.application.deauthorized"] });
    await stripe.webhookEndpoints.create({ url: receiver.url("/account"), enabled_events: ["account.application.deauthorized"] });
    await stripe.webhookEndpoints.create({
      url: receiver.url("/connect"),
      enabled_events: ["*"],
      connect: true,
      api_version: "2022-11-15",
    });
    await other.test.webhookEndpoints.create({ url: receiver.url("/other"), enabled_events: ["*"], connect: true });
    await stripe.accounts.del(id);
    await server.idle();
    expect(receiver.received.map(({ path, event }) => [path, event.type, event.account])).toEqual([
      ["/connect", "account.application.deauthorized", id],
    ]);
    // It has the version of the account that it is about, also where the endpoint has another.
    expect(receiver.received[0]?.event).toMatchObject({ api_version: LATEST_API_VERSION, request: { id: expect.stringMatching(/^req_/) } });
    expect(await refusal(own.customers.create({}))).toMatchObject({ status: 401 });
  });
});

describe("which types", () => {
  test("* takes every type but those that must be named; those are recorded only where one endpoint names them", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const named = "issuing_authorization.request";
    const star = await stripe.webhookEndpoints.create({ url: receiver.url("/star"), enabled_events: ["*"] });
    await publish(stripe, { type: named, data: { object: { id: "iauth_1", object: "issuing.authorization" } } });
    await publish(stripe, PAYOUT);
    await server.idle();
    expect(receiver.received.map(({ event }) => event.type)).toEqual(["payout.paid"]);
    await stripe.webhookEndpoints.update(star.id, { enabled_events: ["*", named] });
    await publish(stripe, { type: named, data: { object: { id: "iauth_2", object: "issuing.authorization" } } });
    await server.idle();
    expect(receiver.received.map(({ event }) => event.type)).toEqual(["payout.paid", named]);
  });

  test("one endpoint hears only the types it names, and a disabled or deleted one of nothing", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const make = (path: string, type: "payout.paid" | "payout.failed") =>
      stripe.webhookEndpoints.create({ url: receiver.url(path), enabled_events: [type] });
    await make("/paid", "payout.paid");
    await make("/failed", "payout.failed");
    const disabled = await make("/disabled", "payout.paid");
    const deleted = await make("/deleted", "payout.paid");
    await stripe.webhookEndpoints.update(disabled.id, { disabled: true });
    await stripe.webhookEndpoints.del(deleted.id);
    const event = await publish(stripe, PAYOUT);
    expect(event.pending_webhooks).toBe(1);
    await server.idle();
    expect(receiver.received.map(({ path }) => path)).toEqual(["/paid"]);
  });

  test("one URL registered twice is sent to twice, each time signed with that endpoint's secret", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const params = { url: receiver.url("/twice"), enabled_events: ["payout.paid"] as ["payout.paid"] };
    const secrets = [await stripe.webhookEndpoints.create(params), await stripe.webhookEndpoints.create(params)].map(
      ({ secret }) => secret,
    );
    await publish(stripe, PAYOUT);
    await server.idle();
    const verified = receiver.received.map(({ body, headers }) =>
      secrets.map((secret) => {
        try {
          return Stripe.webhooks.constructEvent(body, headers["stripe-signature"] ?? "", secret ?? "").id.slice(0, 4);
        } catch (error) {
          return (error as Error).constructor.name;
        }
      }),
    );
    expect(verified.map((each) => [...each].sort())).toEqual(Array(2).fill(["StripeSignatureVerificationError", "evt_"]));
    expect(verified[0]).not.toEqual(verified[1]);
    const [first, second] = receiver.received;
    expect(first?.body).toBe(second?.body);
  });
});

describe("which version", () => {
  test("an endpoint's own, the account's otherwise; a retry sends the same bytes", async () => {
    const failing = await startWebhookReceiver(({ path }) => (path === "/old" ? 500 : 200));
    try {
      const { test: stripe } = await platformOfItsOwn(server);
      const make = (path: string, api_version?: string) =>
        stripe.webhookEndpoints.create({
          url: failing.url(path),
          enabled_events: ["customer.created"],
          ...(api_version === undefined ? {} : { api_version: api_version as Stripe.WebhookEndpointCreateParams.ApiVersion }),
        });
      await make("/old", "2017-04-06");
      await make("/newer", "2017-05-25");
      await make("/default");
      const { lastResponse } = await stripe.customers.create({}, { idempotencyKey: "a-key" });
      await server.idle();
      await server.clock.advance({ seconds: 5 * 3_600 });
      const request = { id: lastResponse.requestId, idempotency_key: "a-key" };
      expect(failing.at("/old")[0]?.event).toMatchObject({ api_version: "2017-04-06", request: lastResponse.requestId });
      expect(failing.at("/newer")[0]?.event).toMatchObject({ api_version: "2017-05-25", request });
      expect(failing.at("/default")[0]?.event).toMatchObject({ api_version: Stripe.API_VERSION, request });
      expect(failing.at("/old")).toHaveLength(4);
      expect(new Set(failing.at("/old").map(({ body }) => body))).toHaveLength(1);
      expect(failing.at("/newer")).toHaveLength(1);
      const [event] = (await stripe.events.list({ type: "customer.created" }, { apiVersion: "2017-04-06" })).data;
      expect(event).toMatchObject({ api_version: Stripe.API_VERSION, request, pending_webhooks: 1 });
    } finally {
      await failing.close();
    }
  });
});
