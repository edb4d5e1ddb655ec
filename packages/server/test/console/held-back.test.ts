import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { platformOfItsOwn, publish } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

/** Failures in a row after which the server leaves an endpoint alone. */
const BREAKER = 2;

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
beforeAll(async () => {
  server = await startCarabiner({ limits: { breakerFailures: BREAKER, breakerOpenMs: 60_000 } });
  receiver = await startWebhookReceiver(({ path }) => (path === "/down" ? 500 : 200));
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const ask = <Answer>(stripe: Stripe, path: string) => stripe.rawRequest("GET", path) as unknown as Promise<Answer>;
const nowInSeconds = (): number => Math.floor(server.clock.now() / 1_000);

interface Shown {
  health: { status: string; held_until: number | null; held_by: string | null };
}

interface Queue {
  webhook_endpoint: string;
  pending: number;
  pending_complete: boolean;
  next_attempt_at: number | null;
  due?: number;
  oldest_due_at?: number | null;
}

test("an endpoint that is left alone says until when and why, how many wait, and when the next of them is tried", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id } = await stripe.webhookEndpoints.create({ url: receiver.url("/down"), enabled_events: ["*"] });
  const well = await stripe.webhookEndpoints.create({ url: receiver.url("/well"), enabled_events: ["*"] });
  const path = `/console/webhook_endpoints/${id}`;
  const since = nowInSeconds();
  const event = () => publish(stripe, { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
  for (let n = 0; n < BREAKER; n++) await event();
  await server.idle();
  for (let n = 0; n < 3; n++) await event();
  await server.idle();

  const { health } = await ask<Shown>(stripe, path);
  expect(health).toMatchObject({ status: "failing", held_by: "breaker" });
  const until = health.held_until as number;
  expect(until - since).toBeGreaterThan(50);
  expect(until - since).toBeLessThanOrEqual(61);
  const { data: shown } = await ask<{ data: (Shown & { id: string })[] }>(stripe, "/console/webhook_endpoints");
  expect(shown.map((one) => [one.id, one.health.held_until])).toEqual([
    [well.id, null],
    [id, until],
  ]);

  const figures = await ask<Queue>(stripe, `${path}/figures`);
  expect(figures).toMatchObject({ pending: 5, pending_complete: true, next_attempt_at: until, due: 3 });
  expect(figures.oldest_due_at).toBeGreaterThanOrEqual(since);
  expect(figures.oldest_due_at).toBeLessThanOrEqual(nowInSeconds());
  const { data: listed } = await ask<{ data: Queue[] }>(stripe, "/console/endpoint_figures");
  expect(listed.find((one) => one.webhook_endpoint === id)).toMatchObject({ pending: 5, pending_complete: true, next_attempt_at: until });
  expect(listed.find((one) => one.webhook_endpoint === well.id)).toMatchObject({ pending: 0, next_attempt_at: null });

  // What is tried next by itself comes after that, and hides nothing that comes before.
  const { data: next } = await ask<{ data: { kind: string; at: number }[] }>(stripe, "/console/upcoming?limit=2");
  expect(next).toMatchObject([
    { kind: "attempt", at: until },
    { kind: "attempt", at: until },
  ]);

  await server.clock.advance({ seconds: until - nowInSeconds() + 1 });
  expect((await ask<Shown>(stripe, path)).health.held_until).toBeGreaterThan(until + 60);
  expect(await stripe.rawRequest("POST", `${path}/resume`, { dry_run: true })).toMatchObject({
    changes: true,
    words: expect.stringMatching(/5 deliveries wait, \d of them due\. What is due is tried again, one at a time/),
  });
  expect(await stripe.rawRequest("POST", `${path}/resume`)).toMatchObject({ health: { held_until: null }, effect: { changes: true } });
  await server.idle();
  expect((await ask<Shown>(stripe, path)).health.held_until).toBeGreaterThan(until);
  await stripe.rawRequest("POST", path, { url: receiver.url("/well") });
  expect((await ask<Shown>(stripe, path)).health).toMatchObject({ status: "failing", held_until: null, held_by: null });
  await server.idle();
  expect((await ask<Shown>(stripe, path)).health).toMatchObject({ status: "healthy", held_until: null });
});

test("nothing of a paused endpoint is tried next", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id } = await stripe.webhookEndpoints.create({ url: receiver.url("/well"), enabled_events: ["*"] });
  await stripe.rawRequest("POST", `/console/webhook_endpoints/${id}/pause`);
  await publish(stripe, { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
  await server.idle();
  const figures = await ask<Queue>(stripe, `/console/webhook_endpoints/${id}/figures`);
  expect(figures).toMatchObject({ pending: 1, next_attempt_at: null });
});
