import pino from "pino";
import type Stripe from "stripe";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { type Carabiner, createPlatform, startCarabiner } from "../../src/index.ts";
import { connect, withRedirects } from "../pages/oauth/consent.ts";
import { client, type Platform, platformOfItsOwn, refusal } from "../platform-of-its-own.ts";
import { TEST_SECRET } from "../store/store-fixture.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

const DAY_S = 24 * 3_600;
const FAILING = "carabiner.webhook_endpoint.failing";
const DISABLED = "carabiner.webhook_endpoint.disabled";
const RECOVERED = "carabiner.webhook_endpoint.recovered";
const TOLD = [FAILING, DISABLED, RECOVERED];

type Receiver = Awaited<ReturnType<typeof startWebhookReceiver>>;
type Answer = Record<string, unknown> & { id: string };

/** The SDK's types know the catalogue alone; its code takes any type. */
const types = (...names: string[]) => names as Stripe.WebhookEndpointCreateParams.EnabledEvent[];
const idOf = (object: unknown) => (object as { id: string }).id;
const console_ = async (stripe: Stripe, path: string) => (await stripe.rawRequest("GET", `/console/${path}`)) as unknown as Answer;
const listed = async (stripe: Stripe, path: string) => (await console_(stripe, path)).data as Answer[];

describe.each(["memory", "postgres"] as const)("an endpoint that fails, on %s", (kind) => {
  const lines: Record<string, unknown>[] = [];
  let server: Carabiner;
  let drop: () => Promise<void> = async () => undefined;
  let receiver: Receiver;
  let answers: Record<string, number>;
  let platform: Platform;
  let stripe: Stripe;
  /** The endpoint that fails; it names the events that tell of it, as the one at `/ops` does. */
  let bad: Stripe.WebhookEndpoint;
  let ops: Stripe.WebhookEndpoint;

  beforeAll(async () => {
    const database = kind === "postgres" ? await createTestDatabase() : null;
    if (database !== null) drop = database.drop;
    const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    // The weeks that pass here must not open a new partition: that has its own tests.
    const limits = { partitionMs: 365 * DAY_S * 1_000 };
    server = await startCarabiner({ store: database === null ? "memory" : { url: database.url }, log, limits });
  });
  afterAll(async () => {
    await server.close();
    await drop();
  });
  beforeEach(async () => {
    answers = {};
    receiver = await startWebhookReceiver(({ path }) => answers[path.split("?")[0] ?? ""] ?? 200);
    platform = await platformOfItsOwn(server);
    stripe = platform.test;
    bad = await stripe.webhookEndpoints.create({
      url: receiver.url("/bad?token=hidden"),
      enabled_events: types("customer.created", ...TOLD),
    });
    ops = await stripe.webhookEndpoints.create({ url: receiver.url("/ops"), enabled_events: types("customer.deleted", ...TOLD) });
    await stripe.webhookEndpoints.create({ url: receiver.url("/all"), enabled_events: ["*"] });
  });
  afterEach(() => receiver.close());

  /** A customer each day, for which the endpoint gets an event. */
  async function days(count: number): Promise<void> {
    for (let day = 0; day < count; day++) {
      await stripe.customers.create();
      await server.clock.advance({ seconds: DAY_S });
    }
  }
  const told = () => receiver.at("/ops").map(({ event }) => event.type as string);
  const health = async () => (await console_(stripe, `webhook_endpoints/${bad.id}`)).health as Record<string, unknown>;

  test("is told of after three days, disabled after nine, and told of when it is good again: each once", async () => {
    answers["/bad"] = 500;
    expect(await health()).toEqual({
      status: "healthy",
      failing_since: null,
      failed_attempts: 0,
      last_failure: null,
      disabled_after: null,
      held_until: null,
      held_by: null,
    });
    const started = Math.floor(server.clock.now() / 1000);
    await days(3);
    expect(told()).toEqual([]);
    const now = await health();
    expect(now).toMatchObject({
      status: "failing",
      failed_attempts: 12,
      last_failure: { outcome: "status", status: 500, reason: expect.stringContaining("500") },
      disabled_after: (now.failing_since as number) + 9 * DAY_S,
    });
    expect((now.failing_since as number) - started).toBeLessThan(60);
    await days(1);
    expect(told()).toEqual([FAILING]);
    const { event } = receiver.at("/ops")[0] as Receiver["received"][number];
    expect(event.account).toBeUndefined();
    expect(event.data.object).toMatchObject({
      id: bad.id,
      object: "webhook_endpoint",
      url: `${new URL(bad.url).origin}/`,
      status: "enabled",
      health: { status: "failing", failing_since: now.failing_since, failed_attempts: 13, disabled_after: now.disabled_after },
    });
    expect(JSON.stringify(event)).not.toMatch(/hidden|whsec_/);
    await days(5);
    expect(told()).toEqual([FAILING]);
    expect(await stripe.webhookEndpoints.retrieve(bad.id)).toMatchObject({ status: "enabled" });
    await days(1);
    expect(told()).toEqual([FAILING, DISABLED]);
    expect(await console_(stripe, `webhook_endpoints/${bad.id}`)).toMatchObject({
      status: "disabled",
      disabled_reason: "failing",
      health: { status: "disabled", failing_since: now.failing_since },
    });
    expect(receiver.at("/ops")[1]?.event.data.object).toMatchObject({ status: "disabled", health: { status: "disabled" } });

    answers["/bad"] = 200;
    await stripe.webhookEndpoints.update(bad.id, { disabled: false });
    expect(await health()).toMatchObject({ status: "healthy" });
    await days(2);
    expect(told()).toEqual([FAILING, DISABLED, RECOVERED]);

    const { data } = await stripe.events.list({ types: TOLD });
    expect(data.map(({ type }) => type as string)).toEqual([RECOVERED, DISABLED, FAILING]);
    expect((await stripe.events.retrieve(data[0]?.id ?? "")).data.object).toMatchObject({ id: bad.id });
    for (const path of ["/bad?token=hidden", "/all"])
      expect(
        receiver.at(path).filter(({ event }) => TOLD.includes(event.type)),
        path,
      ).toEqual([]);
    const seen = lines.filter(({ endpoint }) => endpoint === bad.id);
    expect(seen.map(({ level, outcome }) => [level, outcome])).toEqual([
      [40, "status"],
      [40, "status"],
      [30, "status"],
    ]);
    expect(JSON.stringify(seen)).not.toContain("hidden");
  });

  test("that answers again is told of after a warning alone, and a warning comes again for new failures", async () => {
    answers["/bad"] = 500;
    await days(1);
    answers["/bad"] = 200;
    await days(4);
    expect(told()).toEqual([]);
    answers["/bad"] = 500;
    await days(4);
    answers["/bad"] = 200;
    await days(1);
    expect(told()).toEqual([FAILING, RECOVERED]);
    answers["/bad"] = 500;
    await days(4);
    expect(told()).toEqual([FAILING, RECOVERED, FAILING]);
  });

  test("and is itself the one to hear of others is told of without being told of itself", async () => {
    answers["/bad"] = 500;
    answers["/ops"] = 500;
    const customer = await stripe.customers.create();
    await stripe.customers.del(customer.id);
    await days(4);
    await server.clock.advance({ seconds: DAY_S });
    const about = async (id: string) =>
      (await stripe.events.list({ limit: 100, types: TOLD })).data.filter(({ data }) => idOf(data.object) === id);
    expect((await about(bad.id)).map(({ type }) => type as string)).toEqual([FAILING]);
    for (const event of await about(ops.id)) {
      const { data } = await console_(stripe, `deliveries?event=${event.id}`);
      expect((data as Answer[]).map(({ webhook_endpoint }) => webhook_endpoint)).toEqual([bad.id]);
      expect(await refusal(stripe.rawRequest("POST", `/v1/events/${event.id}/retry`, { webhook_endpoint: ops.id }))).toMatchObject({
        status: 400,
      });
    }
  });

  test.each(["failing", "owner"])(
    "and is disabled (%s) keeps what it was not sent in view, to be sent once it is enabled",
    async (reason) => {
      if (reason === "failing") {
        answers["/bad"] = 500;
        await days(10);
      } else await stripe.webhookEndpoints.update(bad.id, { disabled: true });
      expect(await console_(stripe, `webhook_endpoints/${bad.id}`)).toMatchObject({ status: "disabled", disabled_reason: reason });
      const before = receiver.at("/bad?token=hidden").length;
      const customer = await stripe.customers.create();
      await server.idle();
      const [event] = (await stripe.events.list({ type: "customer.created" })).data;
      expect(event).toMatchObject({ data: { object: { id: customer.id } }, pending_webhooks: 0 });
      const skipped = (await listed(stripe, `deliveries?endpoint=${bad.id}&state=cancelled`)).find(
        (delivery) => delivery.event === event?.id,
      );
      expect(skipped).toMatchObject({
        state: "cancelled",
        attempt_count: 0,
        next_attempt_at: null,
        reason: "The endpoint was disabled when the event was recorded.",
      });
      const retry = () => stripe.rawRequest("POST", `/v1/events/${event?.id}/retry`, { webhook_endpoint: bad.id });
      expect((await refusal(retry())).message).toContain("disabled");

      answers["/bad"] = 200;
      await stripe.webhookEndpoints.update(bad.id, { disabled: false });
      await server.clock.advance({ seconds: 5 * DAY_S });
      expect(receiver.at("/bad?token=hidden").length).toBe(before);
      await retry();
      await server.idle();
      expect(receiver.at("/bad?token=hidden").at(-1)?.event).toMatchObject({ id: event?.id });
      expect((await listed(stripe, `deliveries?event=${event?.id}&endpoint=${bad.id}`)).map(({ state }) => state)).toEqual([
        "succeeded",
        "cancelled",
      ]);
    },
  );

  test("is no business of a platform that acts for the account, and nobody publishes what tells of it", async () => {
    answers["/bad"] = 500;
    await days(4);
    const [event] = (await stripe.events.list({ types: TOLD })).data;
    expect(event?.type).toBe(FAILING);
    const acting = await withRedirects(await platformOfItsOwn(server));
    const as = { stripeAccount: platform.account };
    await connect(server, acting, "test", { action: "connect", account: platform.account });
    await acting.test.webhookEndpoints.create({ url: receiver.url("/acting"), enabled_events: types(...TOLD, "customer.updated") }, as);
    expect((await acting.test.events.list({ types: TOLD }, as)).data).toEqual([]);
    expect((await acting.test.events.list({ limit: 100 }, as)).data.map(({ type }) => type as string)).not.toContain(FAILING);
    expect(await refusal(acting.test.events.retrieve(event?.id ?? "", {}, as))).toMatchObject({ status: 404 });
    await days(6);
    expect(told()).toEqual([FAILING, DISABLED]);
    expect(receiver.at("/acting")).toEqual([]);
    expect(
      await refusal(
        stripe.rawRequest("POST", "/v1/events", { type: FAILING, data: { object: { id: bad.id, object: "webhook_endpoint" } } }),
      ),
    ).toMatchObject({ status: 400, param: "type" });
  });
});

test("of two nodes that find at once that an endpoint fails one disables it, and its owner is told once", async () => {
  const database = await createTestDatabase();
  const receiver = await startWebhookReceiver(() => 500);
  const secretKeys = { keys: TEST_SECRET };
  const { keys } = await createPlatform({ store: { url: database.url }, secretKeys, name: "Acme" });
  const nodes: Carabiner[] = [];
  try {
    for (let n = 0; n < 3; n++)
      nodes.push(
        await startCarabiner({
          mode: "serve",
          store: { url: database.url },
          secretKeys,
          allowLocalEndpoints: true,
          limits: { endpointFailingMs: 0, claimsAtOnce: 4, settleWithinMs: 0 },
        }),
      );
    const stripe = client(nodes[0] as Carabiner, keys.test.secret);
    const endpoints: Stripe.WebhookEndpoint[] = [];
    for (let n = 0; n < 4; n++)
      endpoints.push(await stripe.webhookEndpoints.create({ url: receiver.url(`/${n}`), enabled_events: ["customer.created"] }));
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => client(nodes[n % 3] as Carabiner, keys.test.secret).customers.create({ name: `${n}` })),
    );
    const told = async () =>
      (await stripe.events.list({ limit: 100, types: TOLD })).data.map(({ type, data }) => [type as string, idOf(data.object)]);
    await vi.waitFor(async () => expect((await told()).length).toBeGreaterThanOrEqual(4), { timeout: 15_000 });
    await Promise.all(nodes.map((node) => node.idle()));
    expect((await told()).sort()).toEqual(endpoints.map(({ id }) => [DISABLED, id]).sort());
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
    await receiver.close();
    await database.drop();
  }
});
