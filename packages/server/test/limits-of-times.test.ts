import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../src/index.ts";
import { platformOfItsOwn } from "./platform-of-its-own.ts";

/** How long something is valid, and when something happens automatically: all far from their defaults. */
const LIMITS = {
  pageLinkMs: 60_000,
  pageLinkKeptMs: 600_000,
  pageSessionMs: 90_000,
  ephemeralKeyMs: 40_000,
  disputeResponseMs: 3 * 24 * 3_600_000,
  disputeReviewMs: 30_000,
  liveRetryMs: 1_234,
  listenRedialMs: 17_000,
  disputeEvidenceChars: 20,
  platformSettingShortestMs: 120_000,
  endpointRuleLongestMs: 20 * 24 * 3_600_000,
};

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner({ limits: LIMITS });
  await server.clock.freeze();
});
afterAll(() => server.close());

const seconds = (): number => Math.floor(server.clock.now() / 1_000);

test("links to pages, sessions of embedded components and ephemeral keys say when they end", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id: account } = await stripe.accounts.create({ type: "express" });
  const link = await stripe.accountLinks.create({
    account,
    type: "account_onboarding",
    refresh_url: "https://example.com/again",
    return_url: "https://example.com/done",
  });
  expect(link.expires_at).toBe(seconds() + 60);
  const session = await stripe.accountSessions.create({ account, components: { account_onboarding: { enabled: true } } });
  expect(session.expires_at).toBe(seconds() + 90);
  const { id: customer } = await stripe.customers.create();
  expect((await stripe.ephemeralKeys.create({ customer }, { apiVersion: "2024-06-20" })).expires).toBe(seconds() + 40);
});

test("a link is followed until it ends, and no longer", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id: account } = await stripe.accounts.create({ type: "express" });
  const urls = { refresh_url: "https://example.com/again", return_url: "https://example.com/done" };
  const followed = async (after: number) => {
    const { url } = await stripe.accountLinks.create({ account, type: "account_onboarding", ...urls });
    await server.clock.advance({ seconds: after });
    return (await fetch(url, { redirect: "manual" })).headers.get("location");
  };
  expect(await followed(59)).not.toBe(urls.refresh_url);
  expect(await followed(60)).toBe(urls.refresh_url);
  // It is remembered for longer, so that a user who opens it late is sent back.
  expect(await followed(599)).toBe(urls.refresh_url);
  expect(await followed(600)).toBeNull();
});

test("a dispute is due, and decided, as long after as the limits say, and its evidence is bounded", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const intent = await stripe.paymentIntents.create({
    amount: 2_000,
    currency: "usd",
    payment_method: "pm_card_createDispute",
    confirm: true,
  });
  const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data;
  const days = ((dispute?.evidence_details.due_by ?? 0) - seconds()) / 86_400;
  expect(Math.ceil(days)).toBe(4);
  const id = dispute?.id ?? "";
  await expect(stripe.disputes.update(id, { evidence: { uncategorized_text: "x".repeat(21) } })).rejects.toThrow(/20/);
  await stripe.disputes.update(id, { evidence: { uncategorized_text: "winning_evidence" }, submit: true });
  await server.clock.advance({ seconds: 29 });
  expect((await stripe.disputes.retrieve(id)).status).toBe("under_review");
  await server.clock.advance({ seconds: 1 });
  expect((await stripe.disputes.retrieve(id)).status).toBe("won");
});

test("what a platform sets for its events and endpoints is no shorter, and no longer, than it may be", async () => {
  const { live: stripe } = await platformOfItsOwn(server);
  const asked = (name: string, seconds: number) => stripe.rawRequest("POST", "/console/platform", { [name]: seconds, dry_run: true });
  for (const [name, seconds, beyond] of [
    ["events_kept_seconds", 120, 119],
    ["endpoint_disable_seconds", 20 * 86_400, 20 * 86_400 + 1],
  ] as const) {
    await asked(name, seconds);
    await expect(asked(name, beyond), name).rejects.toThrow(name);
  }
});

test("a client of the dashboard's stream, and the official CLI, are told when to come back", async () => {
  const { keys } = await platformOfItsOwn(server);
  const headers = { authorization: `Bearer ${keys.test.secret}` };
  const stream = await fetch(`${server.url}/console/stream`, { headers });
  const { value } = (await stream.body?.getReader().read()) ?? {};
  expect(new TextDecoder().decode(value)).toContain("retry: 1234\n");
  const session = await fetch(`${server.url}/v1/stripecli/sessions`, {
    method: "POST",
    headers,
    body: new URLSearchParams({ device_name: "laptop", "websocket_features[]": "webhooks" }),
  });
  expect(await session.json()).toMatchObject({ reconnect_delay: 17 });
});
