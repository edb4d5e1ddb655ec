import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { type Activity, type Carabiner, startCarabiner } from "../../src/index.ts";
import { platformOfItsOwn } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

type Attempt = Extract<Activity, { kind: "attempt" }>;

describe.each(["memory", "postgres"] as const)("what a server does, on %s", (kind) => {
  const told: Activity[] = [];
  let server: Carabiner;
  let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
  let drop: () => Promise<void> = async () => undefined;

  beforeAll(async () => {
    const database = kind === "postgres" ? await createTestDatabase() : null;
    if (database !== null) drop = database.drop;
    receiver = await startWebhookReceiver(({ path }) => (path === "/bad" ? 500 : 200));
    server = await startCarabiner({
      store: database === null ? "memory" : { url: database.url },
      onActivity: (activity) => told.push(activity),
    });
  });
  afterAll(async () => {
    await server.close();
    await receiver.close();
    await drop();
  });

  test("is told once it is stored: the event, then each attempt with its outcome and what follows", async () => {
    const { test: stripe, account: platform } = await platformOfItsOwn(server);
    const good = await stripe.webhookEndpoints.create({ url: receiver.url("/good"), enabled_events: ["account.updated"], connect: true });
    const bad = await stripe.webhookEndpoints.create({ url: receiver.url("/bad"), enabled_events: ["account.updated"], connect: true });
    const account = await stripe.accounts.create({ type: "custom", country: "US" });
    told.length = 0;
    await stripe.accounts.update(account.id, { metadata: { plan: "gold" } });
    await server.idle();
    const [event] = (await stripe.events.list({ type: "account.updated" }, { stripeAccount: account.id })).data;
    await waitFor(() => told.length === 3);
    expect(account.id).not.toBe(platform);
    expect(told[0]).toEqual({
      kind: "event",
      at: expect.any(Number),
      event: event?.id,
      type: "account.updated",
      account: account.id,
      livemode: false,
      owedTo: 2,
    });
    const attempts = told.slice(1) as Attempt[];
    expect(attempts.find(({ endpoint }) => endpoint === good.id)).toMatchObject({
      kind: "attempt",
      event: event?.id,
      type: "account.updated",
      account: account.id,
      url: receiver.url("/good"),
      number: 1,
      outcome: "succeeded",
      status: 200,
      state: "succeeded",
      nextAttemptAt: null,
    });
    const failed = attempts.find(({ endpoint }) => endpoint === bad.id);
    expect(failed).toMatchObject({ outcome: "status", status: 500, reason: expect.stringContaining("500"), state: "pending" });
    expect(failed?.nextAttemptAt).toBeGreaterThan(failed?.at ?? Number.POSITIVE_INFINITY);
  });

  test("a request that is refused records nothing, and nothing is told of it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const account = await stripe.accounts.create({ type: "custom", country: "US" });
    told.length = 0;
    await expect(stripe.accounts.update(account.id, { email: "x".repeat(10_000) })).rejects.toThrow();
    await server.idle();
    expect(told).toEqual([]);
  });

  test("a delivery that is cancelled since its endpoint was disabled is told as cancelled", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const bad = await stripe.webhookEndpoints.create({ url: receiver.url("/bad"), enabled_events: ["account.updated"], connect: true });
    const account = await stripe.accounts.create({ type: "custom", country: "US" });
    await stripe.accounts.update(account.id, { metadata: { plan: "gold" } });
    await server.idle();
    await stripe.webhookEndpoints.update(bad.id, { disabled: true });
    told.length = 0;
    await server.clock.advance({ seconds: 3_600 });
    await waitFor(() => told.some((activity) => activity.kind === "cancelled"));
    expect(told).toContainEqual(expect.objectContaining({ kind: "cancelled", endpoint: bad.id, account: account.id, url: bad.url }));
  });
});

test("an observer of failures alone is told of nothing else", async () => {
  const told: Activity[] = [];
  const receiver = await startWebhookReceiver(({ path }) => (path === "/bad" ? 500 : 200));
  const quiet = await startCarabiner({ activities: "failures", onActivity: (activity) => told.push(activity) });
  try {
    const { test: stripe } = await platformOfItsOwn(quiet);
    await stripe.webhookEndpoints.create({ url: receiver.url("/good"), enabled_events: ["account.updated"], connect: true });
    const bad = await stripe.webhookEndpoints.create({ url: receiver.url("/bad"), enabled_events: ["account.updated"], connect: true });
    const account = await stripe.accounts.create({ type: "custom", country: "US" });
    await stripe.accounts.update(account.id, { metadata: { plan: "gold" } });
    await quiet.idle();
    await stripe.webhookEndpoints.update(bad.id, { disabled: true });
    await quiet.clock.advance({ seconds: 3_600 });
    await waitFor(() => told.some((activity) => activity.kind === "cancelled"));
  } finally {
    await quiet.close();
    await receiver.close();
  }
  expect(told).toMatchObject([
    { kind: "attempt", outcome: "status", url: receiver.url("/bad") },
    { kind: "cancelled", url: receiver.url("/bad") },
  ]);
});

/** What is told of attempts is read in the background. */
async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
