import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { sqliteInbox } from "../src/inbox/sqlite/sqlite-inbox.ts";
import { createReceiver, type ReceiverOptions, type StripeClient } from "../src/index.ts";
import { CONNECT_SECRET, eventOf, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

type Endpoints = ReceiverOptions<Record<string, { secret: string | string[] }>, null, StripeClient>["endpoints"];

function withEndpoints(endpoints: unknown) {
  return () => createReceiver({ endpoints: endpoints as Endpoints, livemode: false, inbox: memoryInbox(), log: false });
}

describe("a receiver that could not verify is not made", () => {
  test.each([
    ["no endpoint", {}, /at least one endpoint/],
    ["no secret", { hook: { secret: undefined } }, /endpoint "hook" is missing; set its environment variable\.$/],
    ["an empty one", { hook: { secret: "" } }, /is empty/],
    ["white space", { hook: { secret: " \n" } }, /is empty/],
    ["a space at the end", { hook: { secret: "whsec_x " } }, /white space around it/],
    ["two in one", { hook: { secret: "whsec_a whsec_b" } }, /as an array/],
    ["an API key", { hook: { secret: "sk_test_x" } }, /is an API key/],
    ["a restricted key", { hook: { secret: "rk_live_x" } }, /is an API key/],
    ["a publishable key", { hook: { secret: "pk_test_x" } }, /publishable key/],
    ["an endpoint's id", { hook: { secret: "we_1" } }, /is the endpoint's id/],
    ["no secrets", { hook: { secret: [] } }, /has no secret/],
    ["one of several", { hook: { secret: ["whsec_a", ""] } }, /number 2 of the endpoint "hook" is empty/],
    ["a name that is taken", { start: { secret: "whsec_a" } }, /cannot be named "start"/],
  ])("%s", (_what, endpoints, says) => {
    expect(withEndpoints(endpoints)).toThrow(says);
  });

  test("and its message does not repeat the value", () => {
    expect(withEndpoints({ hook: { secret: "sk_live_canary" } })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("canary") }),
    );
  });

  const right = {
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox: memoryInbox(),
    log: false,
  } as const;
  test("nor one whose options contradict each other", () => {
    expect(() => createReceiver({ ...right, limits: { toleranceSeconds: 0 } })).toThrow(/toleranceSeconds is 0/);
    expect(() => createReceiver({ ...right, limits: { bodyBytes: Number.NaN } })).toThrow(/bodyBytes is NaN/);
    expect(() => createReceiver({ ...right, limits: { concurrency: 0 } })).toThrow(/concurrency must be at least 1/);
    expect(() => createReceiver({ ...right, livemode: undefined as unknown as boolean })).toThrow(/needs livemode/);
    expect(() => createReceiver({ ...right, livemode: "both", stripe: new Stripe("sk_test_x") })).toThrow(/a client for each mode/);
    expect(() => sqliteInbox(":memory:")).toThrow(/needs a file/);
  });

  test("handlers that could not be distinguished are refused", () => {
    const hooks = createReceiver(right);
    hooks.connect.on("payout.paid", () => undefined);
    expect(() => hooks.connect.on("payout.paid", () => undefined)).toThrow(/Two handlers are named "connect:payout.paid".*\{ id:/);
    expect(() => hooks.connect.on("payout.paid", { id: "x", coalesceMs: 5 }, () => undefined)).toThrow(/only with order "latest"/);
    expect(() => hooks.connect.on("payout.paid", { id: "x", attempts: 0 }, () => undefined)).toThrow(/attempts 0/);
    expect(() => hooks.connect.on([], { id: "none" }, () => undefined)).toThrow(/at least one event type/);
  });
});

test("secrets may depend on the request, and fail closed", async () => {
  const hooks = createReceiver({
    endpoints: { connect: { secret: ({ url }) => (url === "/hook/a" ? "whsec_a" : ""), connect: true } },
    livemode: false,
    inbox: memoryInbox(),
    log: false,
    clock: turnedClock(),
  });
  let seen = 0;
  hooks.connect.on("payout.paid", () => seen++);
  const incoming = webhook(eventOf("payout.paid"), { secret: "whsec_a" });
  expect((await hooks.handle({ ...incoming, url: "/hook/b" })).status).toBe(500);
  expect((await hooks.handle(incoming)).status).toBe(500);
  expect(seen).toBe(0);
  expect((await hooks.handle({ ...incoming, url: "/hook/a" })).status).toBe(200);
  expect(seen).toBe(1);
});

test("types: a misspelt type, the account on the platform's lane, and another's payload do not compile", () => {
  const hooks = createReceiver({
    endpoints: { platform: { secret: "whsec_a" }, connect: { secret: "whsec_b", connect: true } },
    livemode: false,
    inbox: memoryInbox(),
    log: false,
  });
  const text = (value: string): string => value;
  hooks.connect.on("payout.failed", (event, { account, tx }) => [
    text(account),
    event.data.object.failure_code satisfies string | null,
    tx satisfies null,
  ]);
  hooks.connect.on(
    ["person.*", "capability.updated"],
    { id: "people" },
    (event) => event.type satisfies `person.${string}` | "capability.updated",
  );
  hooks.connect.on("*", (event) => event.type satisfies Stripe.Event["type"]);
  hooks.connect.on("account.updated", async (_event, ctx) => (await ctx.fresh()) satisfies Stripe.Account);
  // @ts-expect-error: a misspelt type
  hooks.connect.on("payout.faild", () => undefined);
  // @ts-expect-error: a family that is none
  hooks.connect.on("payouts.*", () => undefined);
  // @ts-expect-error: there is no account on the platform's lane
  hooks.platform.on("payout.failed", (_event, { account }) => text(account));
  // @ts-expect-error: a payout has no requirements
  hooks.connect.on("payout.canceled", (event) => event.data.object.requirements);
  // @ts-expect-error: there is no such lane
  expect(hooks.nowhere).toBeUndefined();
});
