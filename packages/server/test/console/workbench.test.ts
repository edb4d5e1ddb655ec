import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { client, ownKeys, type Platform, platformOfItsOwn, publish, refusal } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

/**
 * Calls that answer a developer's questions: how well does this endpoint answer, what comes next, what has this id?
 */

interface Figures {
  deliveries: number;
  delivered: number;
  failed: number;
  waiting: number;
  success_rate: number | null;
  p50_ms: number | null;
  hours: { hour: number; deliveries: number }[];
  complete: boolean;
  pending: number;
  next_attempt_at: number | null;
}

const OBJECT = { id: "cus_1", object: "customer" };

describe.each(["memory", "postgres"] as const)("on %s", (kind) => {
  let server: Carabiner;
  let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
  const cleanUp: (() => unknown)[] = [];
  beforeAll(async () => {
    const database = kind === "postgres" ? await createTestDatabase() : null;
    server = await startCarabiner(database === null ? {} : { store: { url: database.url } });
    receiver = await startWebhookReceiver(({ path }) => (path === "/broken" ? 500 : 200));
    cleanUp.push(
      () => database?.drop(),
      () => receiver.close(),
      () => server.close(),
    );
  }, 30_000);
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step();
  });

  const ask = <Answer>(stripe: Stripe, path: string) => stripe.rawRequest("GET", path) as unknown as Promise<Answer>;
  const endpoint = (stripe: Stripe, path: string) => stripe.webhookEndpoints.create({ url: receiver.url(path), enabled_events: ["*"] });
  const figures = (stripe: Stripe, id: string) => ask<Figures>(stripe, `/console/webhook_endpoints/${id}/figures`);
  const event = (platform: Platform) => publish(platform.test, { type: "customer.created", data: { object: OBJECT } });

  test("an endpoint's figures say how many were delivered, how fast, and what waits for it", async () => {
    const platform = await platformOfItsOwn(server);
    const [works, broken] = [await endpoint(platform.test, "/works"), await endpoint(platform.test, "/broken")];
    expect(await figures(platform.test, works.id)).toMatchObject({
      deliveries: 0,
      success_rate: null,
      p50_ms: null,
      hours: [],
      pending: 0,
    });
    for (let n = 0; n < 3; n++) await event(platform);
    await server.idle();
    const good = await figures(platform.test, works.id);
    expect(good).toMatchObject({
      deliveries: 3,
      delivered: 3,
      failed: 0,
      success_rate: 1,
      complete: true,
      pending: 0,
      next_attempt_at: null,
    });
    expect(good.p50_ms).toBeGreaterThanOrEqual(0);
    expect(good.hours.reduce((sum, { deliveries }) => sum + deliveries, 0)).toBe(3);
    const bad = await figures(platform.test, broken.id);
    expect(bad).toMatchObject({ deliveries: 3, delivered: 0, failed: 3, waiting: 3, success_rate: 0, pending: 3 });
    expect(bad.next_attempt_at).toBeGreaterThan(Math.floor(server.clock.now() / 1_000));
    expect((await refusal(figures(platform.live, works.id))).status).toBe(404);
    expect((await refusal(figures((await platformOfItsOwn(server)).test, works.id))).status).toBe(404);
  });

  test("the figures of all endpoints are of the last 24 hours, each endpoint's its own", async () => {
    const [platform, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const [works, broken, idle] = [
      await endpoint(platform.test, "/works"),
      await endpoint(platform.test, "/broken"),
      await platform.test.webhookEndpoints.create({ url: receiver.url("/idle"), enabled_events: ["payout.paid"] }),
    ];
    await endpoint(other.test, "/works");
    await event(platform);
    await event(platform);
    await event(other);
    await server.idle();
    const listed = async (stripe: Stripe) =>
      (await ask<{ data: (Figures & { webhook_endpoint: string })[] }>(stripe, "/console/endpoint_figures")).data;
    const figuresOf = async (id: string) => (await listed(platform.test)).find((one) => one.webhook_endpoint === id);
    expect((await listed(platform.test)).map((one) => one.webhook_endpoint)).toEqual([idle.id, broken.id, works.id]);
    expect(await figuresOf(works.id)).toMatchObject({ deliveries: 2, delivered: 2, failed: 0, success_rate: 1, complete: true });
    expect(await figuresOf(broken.id)).toMatchObject({ deliveries: 2, delivered: 0, failed: 2, success_rate: 0, hours: [{ failed: 2 }] });
    expect(await figuresOf(idle.id)).toMatchObject({ deliveries: 0, success_rate: null, hours: [] });
    expect(await listed(platform.live)).toEqual([]);
    await server.clock.advance({ seconds: 24 * 3_600 + 1 });
    await event(platform);
    await server.idle();
    expect(await figuresOf(works.id)).toMatchObject({ deliveries: 1, delivered: 1, complete: true });
  });

  test("an account's figures count what was owed to the caller's endpoints alone", async () => {
    const [platform, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const [one, another] = [
      await platform.test.accounts.create({ type: "express" }),
      await platform.test.accounts.create({ type: "express" }),
    ];
    const connect = (path: string) =>
      platform.test.webhookEndpoints.create({ url: receiver.url(path), enabled_events: ["customer.created"], connect: true });
    await connect("/works");
    await connect("/broken");
    for (const account of [one, one, another])
      await publish(platform.test, { type: "customer.created", account: account.id, data: { object: OBJECT } });
    await server.idle();
    const ofAccount = (stripe: Stripe, id: string) => ask<Figures>(stripe, `/console/accounts/${id}/figures`);
    const figuresOfOne = await ofAccount(platform.test, one.id);
    expect(figuresOfOne).toMatchObject({ account: one.id, deliveries: 4, delivered: 2, failed: 2, success_rate: 0.5 });
    expect(figuresOfOne.hours.reduce((sum, { deliveries }) => sum + deliveries, 0)).toBe(4);
    expect(await ofAccount(platform.test, another.id)).toMatchObject({ deliveries: 2 });
    expect(await ofAccount(platform.test, platform.account)).toMatchObject({ deliveries: 0, hours: [] });
    expect((await refusal(ofAccount(other.test, one.id))).code).toBe("account_invalid");
    expect((await refusal(ofAccount(platform.live, one.id))).code).toBe("account_invalid");
  });

  test("names of accounts are told for a page of ids at once, whatever their number, and only of those that the key may act for", async () => {
    const [platform, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const made: string[] = [];
    for (let n = 0; n < 120; n++)
      made.push((await platform.test.accounts.create({ type: "express", business_profile: { name: `Shop ${n}` } })).id);
    const [byHost, byEmail, nameless, foreign] = [
      await platform.test.accounts.create({ type: "express", business_profile: { url: "https://shop.example/x" } }),
      await platform.test.accounts.create({ type: "express", email: "ada@example.com" }),
      await platform.test.accounts.create({ type: "express" }),
      await other.test.accounts.create({ type: "express", business_profile: { name: "Theirs" } }),
    ];
    const names = async (stripe: Stripe, ids: readonly string[]) => {
      const asked = ids.map((id) => `accounts[]=${id}`).join("&");
      const { data } = await ask<{ data: { account: string; name: string | null }[] }>(stripe, `/console/account_names?${asked}`);
      return new Map(data.map(({ account, name }) => [account, name]));
    };
    // The oldest ones, which a page of the newest accounts does not have.
    expect(await names(platform.test, made.slice(0, 100))).toEqual(new Map(made.slice(0, 100).map((id, n) => [id, `Shop ${n}`])));
    const asked = [byHost.id, byEmail.id, nameless.id, foreign.id, platform.account, "acct_none", nameless.id];
    const told = new Map([
      [byHost.id, "shop.example"],
      [byEmail.id, "ada@example.com"],
      [nameless.id, null],
      [platform.account, expect.toSatisfy((name) => name === null || typeof name === "string")],
    ]);
    expect(await names(platform.test, asked)).toEqual(told);
    const shown = (await platform.test.accounts.list({ limit: 3 })).data;
    for (const { id, business_profile, settings, email } of shown)
      expect(told.get(id)).toBe(business_profile?.name ?? settings?.dashboard?.display_name ?? email);
    expect((await names(platform.live, made.slice(0, 3))).size).toBe(0);
    await platform.test.accounts.del(nameless.id);
    expect((await names(platform.test, [nameless.id])).size).toBe(0);
    expect((await refusal(names(platform.test, made.slice(0, 101)))).status).toBe(400);
  });

  test("an account's connections say since when, how far, and which have ended", async () => {
    const platform = await platformOfItsOwn(server);
    const { id } = await platform.test.accounts.create({ type: "standard" });
    const of = (stripe: Stripe) => ask<{ data: object[] }>(stripe, `/console/accounts/${id}/connections`);
    const application = { id: platform.applications.test, name: expect.any(String) };
    const now = { account: id, platform: platform.account, application, livemode: false, created: expect.any(Number), ended: null };
    expect((await of(platform.test)).data).toEqual([{ ...now, object: "connection", scope: "read_write", controller: false }]);
    const keys = await ownKeys(platform.test, id);
    await platform.test.rawRequest("POST", `/v1/test_helpers/accounts/${id}/deauthorize`);
    expect((await refusal(of(platform.test))).code).toBe("account_invalid");
    expect((await of(client(server, keys.test.secret))).data).toEqual([
      { ...now, object: "connection", ended: expect.any(Number), scope: null, controller: null },
    ]);
  });

  test("what comes next is a list of tries and of what happens by itself, the earliest first", async () => {
    const platform = await platformOfItsOwn(server);
    const broken = await endpoint(platform.test, "/broken");
    const { id } = await event(platform);
    await server.idle();
    const account = await platform.test.accounts.create({
      type: "custom",
      country: "US",
      capabilities: { transfers: { requested: true } },
    });
    const topup = await platform.test.topups.create({ amount: 1_000, currency: "usd", description: "Top-up" });
    const next = (stripe: Stripe) =>
      ask<{ data: { kind: string; at: number; event?: string; account: string }[] }>(stripe, "/console/upcoming?limit=50");
    const { data } = await next(platform.test);
    expect(data.find((each) => each.event === id)).toMatchObject({ kind: "attempt", webhook_endpoint: broken.id, attempt: 2 });
    expect(data.find(({ kind: what }) => what === "topup")).toMatchObject({ subject: topup.id, account: platform.account });
    expect(data.map(({ at }) => at)).toEqual(data.map(({ at }) => at).toSorted((one, other) => one - other));
    expect(data.every(({ account: whose }) => [platform.account, account.id].includes(whose))).toBe(true);
    expect((await next((await platformOfItsOwn(server)).test)).data).toEqual([]);
    expect((await next(platform.live)).data).toEqual([]);
    await platform.test.webhookEndpoints.update(broken.id, { disabled: true });
    expect((await next(platform.test)).data.filter(({ kind: what }) => what === "attempt")).toEqual([]);
  });

  test("an id leads to its object, for callers who may see it", async () => {
    const platform = await platformOfItsOwn(server);
    const works = await endpoint(platform.test, "/works");
    const { id } = await event(platform);
    await server.idle();
    const account = await platform.test.accounts.create({ type: "express" });
    const customer = await platform.test.customers.create({}, { stripeAccount: account.id });
    const { data: deliveries } = await ask<{ data: { id: string }[] }>(platform.test, "/console/deliveries");
    const find = async (stripe: Stripe, what: string) =>
      (await ask<{ data: { object: string; account: string }[] }>(stripe, `/console/search?id=${what}`)).data.map(
        ({ object, account: whose }) => [object, whose],
      );
    const known: [string, string, string][] = [
      [id, "event", platform.account],
      [deliveries[0]?.id ?? "", "delivery", platform.account],
      [works.id, "webhook_endpoint", platform.account],
      [account.id, "account", account.id],
      [customer.id, "customer", account.id],
    ];
    const stranger = await platformOfItsOwn(server);
    for (const [what, object, whose] of known) {
      expect(await find(platform.test, what)).toEqual([[object, whose]]);
      expect(await find(stranger.test, what), what).toEqual([]);
      if (object !== "account") expect(await find(platform.live, what), what).toEqual([]);
    }
    expect(await find(platform.test, "evt_nothing")).toEqual([]);
    expect((await refusal(ask(platform.test, "/console/search"))).param).toBe("id");
  });

  test("an attempt's signature is explained: the time, the signed text, and the secret", async () => {
    const platform = await platformOfItsOwn(server);
    const works = await endpoint(platform.test, "/works");
    await platform.test.rawRequest("POST", `/console/webhook_endpoints/${works.id}/roll_secret`, { expire_after: 3_600 });
    await event(platform);
    await server.idle();
    const { data } = await ask<{ data: { id: string }[] }>(platform.test, "/console/deliveries");
    const { attempts } = await ask<{
      attempts: { signature: { timestamp: number; signed: string; signatures: { secret: string; current: boolean }[] } }[];
    }>(platform.test, `/console/deliveries/${data[0]?.id}`);
    const signature = attempts[0]?.signature;
    expect(signature?.signed).toBe(`${signature?.timestamp}.{body}`);
    expect(signature?.signatures).toMatchObject([
      { secret: expect.stringMatching(/^whsec_\*{4}\w{4}$/), current: true },
      { secret: `whsec_****${works.secret?.slice(-4)}`, current: false },
    ]);
  });
});
