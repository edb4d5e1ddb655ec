import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { type Carabiner, createPlatform, openOperator, startCarabiner } from "../../src/index.ts";
import { client, refusal } from "../platform-of-its-own.ts";
import { TEST_SECRET } from "../store/store-fixture.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

/** What a platform sets for itself, on a running server, and on two nodes of a database. */

const DAY = 86_400;

interface Platform {
  settings: { events_kept_seconds: number; endpoint_warning_seconds: number; endpoint_disable_seconds: number; own: string[] };
  effects: string[];
  dry_run: boolean;
  default_mcc: string;
}

test("settings hold on all nodes at once: retention, rules for failing endpoints, defaults; each change is in the audit log", async () => {
  const database = await createTestDatabase();
  const store = { store: { url: database.url }, secretKeys: { keys: TEST_SECRET } };
  const { account, keys } = await createPlatform({ ...store, name: "Acme" });
  const node = () => startCarabiner({ mode: "serve", ...store, limits: { eventsKeptLongestMs: 90 * DAY * 1_000 } });
  const [one, other] = [await node(), await node()];
  try {
    const [live, elsewhere, testMode] = [client(one, keys.live.secret), client(other, keys.live.secret), client(other, keys.test.secret)];
    const change = (stripe: Stripe, given: object) =>
      stripe.rawRequest("POST", "/console/platform", given as Record<string, unknown>) as unknown as Promise<Platform>;
    const shown = (stripe: Stripe) => stripe.rawRequest("GET", "/console/platform") as unknown as Promise<Platform>;
    expect((await shown(live)).settings).toMatchObject({
      ...{ events_kept_seconds: 30 * DAY, endpoint_warning_seconds: 3 * DAY, endpoint_disable_seconds: 9 * DAY, own: [] },
    });
    const dry = await change(testMode, { endpoint_disable_seconds: 0, events_kept_seconds: 7 * DAY, dry_run: true });
    expect(dry).toMatchObject({ dry_run: true, effects: [expect.stringContaining("7 days"), expect.stringContaining("never disabled")] });
    expect((await shown(live)).settings.own).toEqual([]);
    expect((await refusal(change(testMode, { events_kept_seconds: 7 * DAY }))).message).toContain("live mode key");

    await change(live, { events_kept_seconds: 60 * DAY, endpoint_disable_seconds: 2 * DAY, default_mcc: "5734" });
    expect(await shown(elsewhere)).toMatchObject({
      default_mcc: "5734",
      settings: {
        ...{ events_kept_seconds: 60 * DAY, endpoint_disable_seconds: 2 * DAY, endpoint_warning_seconds: (2 * DAY) / 3 },
        own: ["events_kept_seconds", "endpoint_disable_seconds"],
      },
    });
    for (const [given, param] of [
      [{ events_kept_seconds: 91 * DAY }, "events_kept_seconds"],
      [{ events_kept_seconds: 60 }, "events_kept_seconds"],
      [{ endpoint_disable_seconds: 5 }, "endpoint_disable_seconds"],
      [{ endpoint_warning_seconds: 2 * DAY }, "endpoint_warning_seconds"],
    ] as const)
      expect((await refusal(change(live, given))).param).toBe(param);
    await change(live, { events_kept_seconds: "", endpoint_disable_seconds: "" });
    expect((await shown(elsewhere)).settings).toMatchObject({ events_kept_seconds: 30 * DAY, endpoint_disable_seconds: 9 * DAY, own: [] });

    const operator = await openOperator(store);
    const { data } = JSON.parse((await operator.ask("GET", `/operator/audit?account=${account}`)).body) as {
      data: { act: string; detail: object }[];
    };
    expect(data.filter(({ act }) => act === "platform.updated").map(({ detail }) => detail)).toEqual([
      { events_kept_seconds: null, endpoint_disable_seconds: null },
      { events_kept_seconds: 60 * DAY, endpoint_disable_seconds: 2 * DAY, default_mcc: "5734" },
    ]);
    await operator.close();
  } finally {
    await Promise.all([one.close(), other.close()]);
    await database.drop();
  }
}, 30_000);

describe.each(["memory", "postgres"] as const)("on %s, while the clock is turned", (kind) => {
  let server: Carabiner;
  let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
  const cleanUp: (() => unknown)[] = [];
  beforeAll(async () => {
    const database = kind === "postgres" ? await createTestDatabase() : null;
    server = await startCarabiner({
      ...(database === null ? {} : { store: { url: database.url } }),
      limits: { sweepRestMs: 0, sweptAtOnce: 2 },
    });
    receiver = await startWebhookReceiver(() => 500);
    cleanUp.push(
      () => database?.drop(),
      () => receiver.close(),
      () => server.close(),
    );
  }, 30_000);
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step();
  });

  test("an endpoint is disabled as its platform says, and events that it keeps for less time are deleted", async () => {
    const stripe = client(server, server.keys.test.secret);
    const settings = (given: object) => stripe.rawRequest("POST", "/console/platform", given as Record<string, unknown>);
    const { id } = await stripe.webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["*"] });
    const status = async () => (await stripe.webhookEndpoints.retrieve(id)).status;
    const owed = async () => {
      const { data } = (await stripe.rawRequest("GET", "/console/deliveries?limit=100")) as unknown as { data: { event: string }[] };
      return data.map(({ event }) => event);
    };
    const publish = (cus: string) =>
      stripe.rawRequest("POST", "/v1/events", { type: "customer.created", data: { object: { id: cus, object: "customer" } } });
    const first = (await publish("cus_1")) as unknown as { id: string };
    // An account that leaves: its events are kept as its platform says, too.
    await stripe.webhookEndpoints.create({ url: receiver.url("/connect"), enabled_events: ["*"], connect: true });
    const left = await stripe.accounts.create({ type: "custom", country: "US" });
    await stripe.accounts.del(left.id);
    const ofLeft = async () => {
      const { data } = (await stripe.rawRequest("GET", "/console/deliveries?limit=100")) as unknown as { data: { account: string }[] };
      return data.filter(({ account }) => account === left.id).length;
    };
    await server.idle();
    expect(await ofLeft()).toBeGreaterThan(0);
    await settings({ endpoint_disable_seconds: 0 });
    for (const day of [1, 2, 3, 4, 5]) {
      await server.clock.advance({ seconds: 3 * DAY });
      await publish(`cus_${day + 1}`);
      await server.idle();
    }
    // Its failures began 15 days ago: by the server's own rules it would be disabled.
    expect(await status()).toBe("enabled");
    const health = (await stripe.rawRequest("GET", `/console/webhook_endpoints/${id}`)) as unknown as { health: object };
    expect(health.health).toMatchObject({ status: "failing", disabled_after: null });
    // A sweep may still be at work after the clock was turned, and then deletes by what is said next.
    expect(await owed()).toContain(first.id);
    const change = (await settings({ endpoint_disable_seconds: 5 * DAY, events_kept_seconds: 10 * DAY })) as unknown as Platform;
    expect(change.effects).toEqual(
      expect.arrayContaining([expect.stringContaining(`${id} has failed for 15 days: its next failure disables it.`)]),
    );
    expect(await refusal(stripe.events.retrieve(first.id))).toMatchObject({ status: 404 });
    await publish("cus_9");
    await server.idle();
    expect(await status()).toBe("disabled");

    // The sweep deletes what is not shown any more.
    await server.clock.advance({ seconds: DAY });
    await server.idle();
    await vi.waitFor(async () => {
      await server.clock.advance({ seconds: 600 });
      expect(await owed()).not.toContain(first.id);
      expect(await ofLeft()).toBe(0);
    }, 15_000);
    expect((await owed()).length).toBeGreaterThanOrEqual(3);
  }, 30_000);
});
