import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import Stripe from "stripe";
import { afterEach, describe, expect, test } from "vitest";
import { CLI, programForTests } from "../../../scripts/program-for-tests.ts";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { createReceiver, NoClient, type StripeClient } from "../src/index.ts";
import { CONNECT_SECRET, eventOf, PLATFORM_SECRET, START, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

const HOUR_MS = 3_600_000;
const endpoints = { platform: { secret: PLATFORM_SECRET }, connect: { secret: CONNECT_SECRET, connect: true } } as const;

/**
 * A client over lists that a test makes up: by account (null for the platform's own), and the accounts. Pages hold two
 * rows.
 */
function listing(events: Map<string | null, Record<string, unknown>[]>, accounts: string[]) {
  const asked: string[] = [];
  const client: StripeClient = {
    async rawRequest(_method, path, _params, options) {
      const url = new URL(path, "http://api");
      const account = options?.stripeAccount ?? null;
      asked.push(`${account ?? "platform"} ${url.pathname}`);
      if (account === "acct_gone") throw new Error("does not have access");
      const rows = url.pathname === "/v1/accounts" ? accounts.map((id) => ({ id })) : (events.get(account) ?? []);
      if (url.pathname === "/v1/events") {
        expect(url.searchParams.get("delivery_success")).toBe("false");
        expect(url.searchParams.get("created[gte]")).toBe(String((START - HOUR_MS) / 1_000));
      }
      const from = rows.findIndex(({ id }) => id === url.searchParams.get("starting_after")) + 1;
      return { data: rows.slice(from, from + 2), has_more: rows.length > from + 2 };
    },
  };
  return { client, asked };
}

describe("reconcile", () => {
  test("takes in what was not delivered, for the platform and each account, whose id it adds", async () => {
    const known = eventOf("payout.paid", { id: "evt_known", account: "acct_1" });
    const { account: _, ...listedKnown } = known;
    const { client, asked } = listing(
      new Map([
        [null, [eventOf("charge.refunded", { id: "evt_own", account: null })]],
        ["acct_1", [listedKnown, ...["a", "b", "c"].map((n) => eventOf("payout.paid", { id: `evt_${n}`, account: null }))]],
        ["acct_2", [eventOf("payout.paid", { id: "evt_a", account: null })]],
      ]),
      ["acct_1", "acct_gone", "acct_2"],
    );
    const hooks = createReceiver({ endpoints, livemode: false, inbox: memoryInbox(), stripe: client, log: false, clock: turnedClock() });
    const seen: string[] = [];
    hooks.connect.on("payout.paid", ({ id }, { account }) => seen.push(`${account} ${id}`));
    hooks.platform.on("charge.refunded", ({ id }) => seen.push(id));
    await hooks.handle(webhook(known));

    const found = await hooks.reconcile({ sinceMs: HOUR_MS });
    expect(found).toMatchObject({ seen: 6, added: 5, failed: [{ account: "acct_gone", livemode: false }] });
    await hooks.drain();
    await hooks.idle();
    expect(seen.sort()).toEqual(["acct_1 evt_a", "acct_1 evt_b", "acct_1 evt_c", "acct_1 evt_known", "acct_2 evt_a", "evt_own"]);
    expect(asked.filter((one) => one === "acct_1 /v1/events")).toHaveLength(2);
    expect(await hooks.reconcile({ sinceMs: HOUR_MS, accounts: ["acct_2"] })).toMatchObject({ seen: 2, added: 0, failed: [] });
  });

  test("says what it needs", async () => {
    const clock = turnedClock();
    const bare = createReceiver({ endpoints, livemode: false, inbox: memoryInbox(), log: false, clock });
    await expect(bare.reconcile({ sinceMs: HOUR_MS })).rejects.toThrow(NoClient);
    await expect(bare.reconcile({ sinceMs: 0 })).rejects.toThrow(/at most 30 days/);
    await expect(bare.reconcile({ sinceMs: 31 * 24 * HOUR_MS })).rejects.toThrow(/at most 30 days/);
    const several = createReceiver({
      endpoints: { ...endpoints, europe: { secret: "whsec_eu", connect: true } },
      livemode: false,
      inbox: memoryInbox(),
      stripe: listing(new Map(), []).client,
      log: false,
      clock,
    });
    await expect(several.reconcile({ sinceMs: HOUR_MS })).rejects.toThrow(/Several lanes fit \(connect, europe\)/);
    await expect(several.reconcile({ sinceMs: HOUR_MS, lanes: { connect: "platform" } })).rejects.toThrow(/is not a Connect endpoint/);
    expect(await several.reconcile({ sinceMs: HOUR_MS, lanes: { connect: "europe" } })).toMatchObject({ seen: 0, failed: [] });
  });
});

describe("against a server, with the official client", () => {
  const stopping: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const stop of stopping.splice(0)) await stop();
  });

  test("what a dead endpoint missed is taken in and handled, and fresh() has the object as it is now", async () => {
    const stripe = await startServer();
    await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:9/", enabled_events: ["*"], connect: true });
    const account = await stripe.accounts.create({ type: "custom", country: "US", email: "first@example.com" });
    await stripe.accounts.update(account.id, { metadata: { plan: "gold" } });
    await stripe.accounts.update(account.id, { email: "last@example.com" });

    const hooks = createReceiver({ endpoints, livemode: false, inbox: memoryInbox(), stripe, log: false });
    const seen: unknown[] = [];
    hooks.connect
      .on("account.application.authorized", (_event, ctx) => seen.push(["authorized", ctx.account]))
      .on("account.updated", { order: "serial" }, async (_event, ctx) => seen.push(["updated", ctx.account, (await ctx.fresh()).email]));
    const found = await hooks.reconcile({ sinceMs: HOUR_MS });
    expect(found.failed).toEqual([]);
    expect(found.added).toBe(found.seen);
    await hooks.drain();
    await hooks.idle();
    expect(seen).toContainEqual(["authorized", account.id]);
    expect(seen.filter((one) => (one as string[])[0] === "updated")).toEqual(Array(2).fill(["updated", account.id, "last@example.com"]));
    expect(await hooks.reconcile({ sinceMs: HOUR_MS })).toMatchObject({ added: 0 });
  });

  /** Starts a development server in a separate process. */
  async function startServer(): Promise<Stripe> {
    const child = spawn(process.execPath, [programForTests(CLI), "dev", "--json", "--port", "0"], { stdio: ["ignore", "pipe", "ignore"] });
    stopping.push(async () => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    });
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const ready = JSON.parse(line) as { url: string; keys: { test: { secret: string } } };
    return new Stripe(ready.keys.test.secret, { host: "127.0.0.1", port: new URL(ready.url).port, protocol: "http", telemetry: false });
  }
});
