import Stripe from "stripe";
import { describe, expect, expectTypeOf, test } from "vitest";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { createReceiver, type Report, type StripeClient } from "../src/index.ts";
import { fakeClient } from "./acceptance/order.ts";
import { bodyOf, eventOf, PLATFORM_SECRET, signatureOf, thinEventOf, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

function receiver(client?: StripeClient) {
  const said: string[] = [];
  const outcomes: string[] = [];
  const hooks = createReceiver({
    endpoints: { platform: { secret: PLATFORM_SECRET }, connect: { secret: "whsec_connect", connect: true } },
    livemode: false,
    inbox: memoryInbox(),
    ...(client === undefined ? {} : { stripe: client }),
    log: false,
    clock: turnedClock(),
    onReport(report: Report) {
      if ("outcome" in report) outcomes.push(report.outcome);
      if ("says" in report && report.says !== undefined) said.push(report.says);
    },
  });
  return { hooks, said, outcomes };
}

const METER = { id: "mtr_1", type: "billing.meter", url: "/v1/billing/meters/mtr_1" };

describe("the arguments of a handler", () => {
  test("the event as the official package parses it, and the same requests to fetch more", async () => {
    const { client, calls } = fakeClient((path) => ({ path }));
    const { hooks } = receiver(client);
    const seen: unknown[] = [];
    hooks.connect.on("v1.billing.meter.updated", async (event, { account, as, fresh }) => {
      expectTypeOf(event).toEqualTypeOf<Extract<Stripe.V2.Core.EventNotification, { type: "v1.billing.meter.updated" }>>();
      expectTypeOf(fresh).returns.resolves.toEqualTypeOf<Stripe.Billing.Meter>();
      seen.push(event, account, as);
      seen.push(await Promise.all([fresh(), event.fetchRelatedObject()]), await event.fetchEvent());
    });
    const sent = thinEventOf("v1.billing.meter.updated", { context: "org_1/acct_1", related: METER });
    await hooks.handle(webhook(sent));

    const body = bodyOf(sent);
    const official = new Stripe("sk_test_1").parseEventNotification(
      new TextDecoder().decode(body),
      signatureOf(body, { secret: "whsec_1", at: Date.now() }),
      "whsec_1",
    );
    const [event, ...rest] = seen as [Stripe.V2.Core.EventNotification];
    expect(Object.keys(event).sort()).toEqual(Object.keys(official).sort());
    expect(JSON.parse(JSON.stringify(event))).toEqual({ ...sent });
    expect(event.context?.segments).toEqual(official.context?.segments);
    expect(event.context?.push("x").pop().toString()).toBe("org_1/acct_1");
    const meter = { path: METER.url };
    const whole = { path: `/v2/core/events/${String(sent.id)}`, fetchRelatedObject: expect.any(Function) };
    expect(rest).toEqual(["acct_1", { stripeContext: "org_1/acct_1" }, [meter, meter], whole]);
    expect(calls).toEqual([
      [METER.url, { stripeContext: "org_1/acct_1" }],
      [`/v2/core/events/${String(sent.id)}`, { stripeContext: "org_1/acct_1" }],
    ]);
  });

  test("an own event is fetched as the platform, and names the account it is about", async () => {
    const { client, calls } = fakeClient((path) => ({ path }));
    const { hooks } = receiver(client);
    const seen: unknown[] = [];
    hooks.platform.on("v2.core.account[requirements].updated", async (event, { account, as, fresh }) => {
      seen.push(account, as, event.context, await fresh());
    });
    const related = { id: "acct_9", type: "v2.core.account", url: "/v2/core/accounts/acct_9" };
    await hooks.handle(webhook(thinEventOf("v2.core.account[requirements].updated", { context: null, related })));
    expect(seen).toEqual(["acct_9", {}, undefined, { path: related.url }]);
    expect(calls).toEqual([[related.url, {}]]);
  });

  test("null where nothing is related, and whatever data the sender put in", async () => {
    const { client, calls } = fakeClient((path) => ({ path }));
    const { hooks } = receiver(client);
    const seen: unknown[] = [];
    hooks.platform.on("v2.core.account_link.returned", async (event, { account, fresh }) => {
      seen.push(await fresh(), (event as { data?: unknown }).data, account);
    });
    const data = { account_id: "acct_3", configurations: ["recipient"], use_case: "account_onboarding" };
    await hooks.handle(webhook(thinEventOf("v2.core.account_link.returned", { context: null, related: null, more: { data } })));
    expect(seen).toEqual([null, data, "acct_3"]);
    expect(calls).toEqual([]);
  });

  test("without a client, fetching says what is missing", async () => {
    const { hooks } = receiver();
    const caught: unknown[] = [];
    hooks.connect.on("v1.account.updated", async (event, context) => {
      for (const fetch of [context.fresh, event.fetchEvent, event.fetchRelatedObject]) await fetch().catch((error) => caught.push(error));
    });
    await hooks.handle(webhook(thinEventOf("v1.account.updated")));
    expect(caught.map(String)).toEqual(
      Array(3).fill("NoClient: This receiver has no API client: pass createReceiver({ stripe: new Stripe(key) })."),
    );
  });
});

describe("an event of the other payload", () => {
  test("thin where the handler is for the whole one: it is kept, and the log says which line to change, once", async () => {
    const { hooks, said, outcomes } = receiver();
    hooks.connect.on("account.updated", () => expect.unreachable());
    for (let times = 0; times < 2; times++) await hooks.handle(webhook(thinEventOf("v1.account.updated")));
    expect(outcomes).toEqual(["unhandled", "unhandled"]);
    expect(said).toEqual([
      'it is a thin event, and the handler of "account.updated" gets whole ones. Register hooks.connect.on("v1.account.updated", …), or let the destination send whole events: event_payload "snapshot".',
    ]);
  });

  test("whole where the handler is for the thin one", async () => {
    const { hooks, said } = receiver();
    hooks.connect.on("v1.account.updated", () => expect.unreachable());
    await hooks.handle(webhook(eventOf("account.updated", { object: { id: "acct_1", object: "account" } })));
    expect(said).toEqual([
      'it is a whole event, and the handler of "v1.account.updated" gets thin ones. Register hooks.connect.on("account.updated", …), or let the destination send thin events: event_payload "thin".',
    ]);
  });

  test("where all handlers of the lane are for the other payload", async () => {
    const { hooks, said } = receiver();
    hooks.platform.on("payout.paid", () => undefined);
    hooks.connect.on("v1.account.updated", () => undefined);
    const related = { id: "acct_9", type: "v2.core.account", url: "/v2/core/accounts/acct_9" };
    await hooks.handle(webhook(thinEventOf("v2.core.account.created", { context: null, related })));
    await hooks.handle(webhook(eventOf("payout.paid")));
    expect(said).toEqual([
      expect.stringContaining('it is a thin event, and all handlers of the lane "platform" get whole ones.'),
      expect.stringContaining('it is a whole event, and all handlers of the lane "connect" get thin ones.'),
    ]);
  });

  test("is no reason for a word where the lane has handlers of both", async () => {
    const { hooks, said, outcomes } = receiver();
    hooks.connect.on("v1.person.updated", () => undefined);
    hooks.connect.on("payout.paid", () => undefined);
    await hooks.handle(webhook(thinEventOf("v1.account.updated")));
    await hooks.handle(webhook(eventOf("account.updated")));
    expect([outcomes, said]).toEqual([["unhandled", "unhandled"], []]);
  });
});

test("the scope decides as for whole events: the wrong one is kept, and no handler runs", async () => {
  const { hooks, said, outcomes } = receiver();
  hooks.connect.on("v1.account.updated", () => expect.unreachable());
  hooks.platform.on("v1.account.updated", () => expect.unreachable());
  await hooks.handle(webhook(thinEventOf("v1.account.updated", { context: null }), { secret: "whsec_connect" }));
  await hooks.handle(webhook(thinEventOf("v1.account.updated"), { secret: PLATFORM_SECRET }));
  expect(outcomes).toEqual(["mismatched", "mismatched"]);
  expect(said[0]).toContain('Check that the endpoint was created with events_from: ["@accounts"]');
  expect(said[1]).toContain('If the endpoint was created with events_from: ["@accounts"], say connect: true in createReceiver.');
});

test("a destination for both scopes is two endpoints with one secret", async () => {
  const hooks = createReceiver({
    endpoints: { own: { secret: "whsec_both" }, accounts: { secret: "whsec_both", connect: true } },
    livemode: false,
    inbox: memoryInbox(),
    log: false,
    clock: turnedClock(),
  });
  const seen: unknown[] = [];
  hooks.own.on("v1.payout.paid", (_event, { account, endpoint }) => seen.push([endpoint, account]));
  hooks.accounts.on("v1.payout.paid", (_event, { account, endpoint }) => seen.push([endpoint, account]));
  const related = { id: "po_1", type: "payout", url: "/v1/payouts/po_1" };
  await hooks.handle(webhook(thinEventOf("v1.payout.paid", { context: null, related }), { secret: "whsec_both" }));
  await hooks.handle(webhook(thinEventOf("v1.payout.paid", { related }), { secret: "whsec_both" }));
  expect(seen).toEqual([
    ["own", null],
    ["accounts", "acct_1"],
  ]);
});

test("a ping comes to any endpoint, and only to handlers of its name", async () => {
  const { hooks, said, outcomes } = receiver();
  const seen: unknown[] = [];
  hooks.connect.on("v2.*", () => seen.push("family"));
  hooks.unhandled(() => seen.push("unhandled"));
  const ping = () =>
    thinEventOf("v2.core.event_destination.ping", {
      context: null,
      related: { id: "ed_1", type: "v2.core.event_destination", url: "/v2/core/event_destinations/ed_1" },
    });
  await hooks.handle(webhook(ping(), { secret: "whsec_connect" }));
  hooks.connect.on("v2.core.event_destination.ping", (event, { account }) => seen.push([event.related_object.id, account]));
  await hooks.handle(webhook(ping(), { secret: "whsec_connect" }));
  expect(seen).toEqual([["ed_1", null]]);
  expect([outcomes, said]).toEqual([["unhandled", "stored", "done"], []]);
});

test("what nothing else handles comes to unhandled(), whole and thin", async () => {
  const { hooks } = receiver();
  const seen: unknown[] = [];
  hooks.unhandled((event) => seen.push(event.object === "event" ? event.data.object : event.related_object));
  await hooks.handle(webhook(thinEventOf("v2.core.account.created", { related: METER })));
  await hooks.handle(webhook(eventOf("payout.paid", { object: { id: "po_1", object: "payout" } })));
  expect(seen).toEqual([METER, { id: "po_1", object: "payout" }]);
});

test("a misspelt type is reported, and a list of both payloads is refused", () => {
  const { hooks, said } = receiver();
  // @ts-expect-error misspelt
  hooks.connect.on("v2.core.account[requirement].updated", () => undefined);
  expect(said).toEqual([expect.stringContaining('Is "v2.core.account[requirements].updated" meant?')]);
  // @ts-expect-error both payloads
  const mixed = () => hooks.connect.on(["payout.paid", "v1.payout.paid"], { id: "both" }, () => undefined);
  expect(mixed).toThrow("lists whole and thin events, which have different fields: register a handler for each.");
});

test("an endpoint must subscribe to the forms that its handlers handle", () => {
  const { hooks } = receiver();
  hooks.onDeauthorized(() => undefined);
  const whole = ["account.application.authorized", "account.application.deauthorized"];
  expect(hooks.eventTypes()).toEqual({ platform: [], connect: whole });
  hooks.platform.on("v2.core.account.updated", () => undefined);
  hooks.connect.on("v1.payout.paid", () => undefined);
  const thin = ["v1.account.application.authorized", "v1.account.application.deauthorized", "v1.payout.paid"];
  expect(hooks.eventTypes()).toEqual({ platform: ["v2.core.account.closed", "v2.core.account.updated"], connect: thin });
  hooks.connect.on("payout.paid", () => undefined);
  expect(hooks.eventTypes().connect).toEqual([...whole, "payout.paid", "v1.payout.paid"]);
});
