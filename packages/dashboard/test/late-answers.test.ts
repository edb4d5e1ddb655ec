import { type Carabiner, startCarabiner } from "@carabiner/server";
import type { Browser, Page } from "playwright-core";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { openDashboard } from "./opened-dashboard.ts";

let server: Carabiner;
let chromium: Browser;
beforeAll(async () => {
  [server, chromium] = await Promise.all([startCarabiner(), startChromium()]);
}, 60_000);
afterAll(async () => {
  await chromium.close();
  await server.close();
});

/** A platform's own client. */
const client = (): Stripe =>
  new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });

/**
 * Keeps back the page's next call that matches: `answered` once the server has answered it, until `release` is called.
 */
async function hold(page: Page, matches: (url: URL, method: string) => boolean): Promise<{ answered: Promise<void>; release(): void }> {
  const answered = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let isHeld = false;
  await page.route("**/*", async (route, request) => {
    if (isHeld || !matches(new URL(request.url()), request.method())) return route.fallback();
    isHeld = true;
    const response = await route.fetch();
    answered.resolve();
    await released.promise;
    // The page may have given the call up meanwhile.
    await route.fulfill({ response }).catch(() => undefined);
  });
  return { answered: answered.promise, release: () => released.resolve() };
}

test("what happens while a list is first on its way shows in it without a reload", async () => {
  const stripe = client();
  const account = await stripe.accounts.create({
    type: "express",
    business_profile: { mcc: "5734" },
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
  });
  await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${account.id}/complete_onboarding`, { verification: "immediate" });
  const { page, open, close, complaints } = await openDashboard(chromium, server.url);
  // The first answer is of before the payout, and comes once the page has been told of the payout.
  const { answered, release } = await hold(page, ({ pathname }) => pathname.endsWith("/v1/payouts"));
  await open(`/test/accounts/${account.id}`);
  await answered;
  const on = { stripeAccount: account.id };
  await stripe.charges.create({ amount: 5_000, currency: "usd", source: "tok_bypassPending" }, on);
  const told = page.waitForRequest((request) => new URL(request.url()).pathname === `/v1/accounts/${account.id}`);
  await stripe.payouts.create({ amount: 1_234, currency: "usd" }, on);
  await told;
  release();
  const details = page.getByRole("region", { name: "Details" });
  await details.getByRole("listitem").filter({ hasText: "$12.34" }).waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test("a list that is scrolled down shows what happened to a row while the row was being loaded", async () => {
  const stripe = client();
  const name = (business: string) => ({ business_profile: { name: business } });
  const first = await stripe.accounts.create({ type: "express", ...name("Before") });
  for (let n = 0; n < 55; n++) await stripe.accounts.create({ type: "express", ...name(`Account ${n}`) });
  const { page, open, close } = await openDashboard(chromium, server.url);
  const { answered, release } = await hold(
    page,
    ({ pathname, searchParams }) => pathname === "/v1/accounts" && searchParams.has("starting_after"),
  );
  await open("/test/accounts");
  await page.getByText("Account 54").waitFor();
  await page.evaluate("document.querySelector('.rows-scroll').scrollTo(0, 1e6)");
  await answered;
  const told = page.waitForResponse((response) => {
    const { pathname, searchParams } = new URL(response.url());
    return pathname === "/v1/accounts" && searchParams.get("limit") === "50" && !searchParams.has("starting_after");
  });
  await stripe.accounts.update(first.id, name("Afterwards"));
  await (await told).finished();
  release();
  await page.evaluate("document.querySelector('.rows-scroll').scrollTo(0, 1e6)");
  await page.getByText("Before").or(page.getByText("Afterwards")).first().waitFor();
  await page.evaluate("document.querySelector('.rows-scroll').scrollTo(0, 1e6)");
  await page.getByText("Afterwards").waitFor();
  await close();
});

test("the page says that an endpoint is deleted once its list shows it no more", async () => {
  const { id } = await client().webhookEndpoints.create({ url: "https://hooks.example.com/deleted", enabled_events: ["*"] });
  const { page, open, close } = await openDashboard(chromium, server.url);
  await open(`/test/endpoints/${id}`);
  await page.getByRole("button", { name: "Delete…" }).click();
  let isDeleted = false;
  const { answered, release } = await hold(page, ({ pathname }, method) => {
    isDeleted ||= method === "DELETE";
    return isDeleted && method === "GET" && pathname === "/console/webhook_endpoints";
  });
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await answered;
  expect(await page.getByText("hooks.example.com/deleted").count()).toBeGreaterThan(0);
  expect(await page.getByText("The endpoint is deleted.").count()).toBe(0);
  release();
  await page.getByText("The endpoint is deleted.").waitFor();
  expect(await page.getByText("hooks.example.com/deleted").count()).toBe(0);
  await close();
});

test("a user who has gone to another page sees the result of an act, and stays there", async () => {
  const { page, open, turnTo, close } = await openDashboard(chromium, server.url);
  await open("/test/endpoints");
  await page.getByRole("button", { name: "New endpoint…" }).click();
  await page.getByLabel("URL").fill("https://hooks.example.com/closed");
  const creating = await hold(page, ({ pathname }, method) => method === "POST" && pathname === "/v1/webhook_endpoints");
  await page.getByRole("button", { name: "Create" }).click();
  await creating.answered;
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  creating.release();
  await page.getByText("The endpoint is registered.").waitFor();
  await page.getByRole("link", { name: "Show" }).click();

  await page.getByRole("button", { name: "Delete…" }).click();
  const deleting = await hold(page, (_, method) => method === "DELETE");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await deleting.answered;
  await page.keyboard.press("Escape");
  await turnTo("/test/system");
  await page.getByRole("heading", { name: "System" }).waitFor();
  deleting.release();
  await page.getByText("The endpoint is deleted.").waitFor();
  expect(page.url()).toContain("/test/system");
  await close();
});

test("a search that is answered once something else is shown leads nowhere", async () => {
  const stripe = client();
  const { id } = await stripe.accounts.create({ type: "express" });
  const person = await stripe.accounts.createPerson(id, { first_name: "Ada" });
  const { page, open, turnTo, complaints, close } = await openDashboard(chromium, server.url);
  await open("/test/system");
  const { answered, release } = await hold(page, ({ pathname }) => pathname === "/console/search");
  await page.getByLabel("Search an id").fill(person.id);
  await page.keyboard.press("Enter");
  await answered;
  await turnTo("/test/publish");
  await page.getByLabel("The object, as JSON").waitFor();
  release();
  await page.evaluate("fetch('/readyz')");
  expect(page.url()).toContain("/test/publish");
  await page.getByLabel("Search an id").fill(person.id);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/test/accounts/${id}`);
  expect(complaints).toEqual([]);
  await close();
});

test("a message stays while the pointer is on it, and disappears afterwards", async () => {
  const { id } = await client().webhookEndpoints.create({ url: "https://hooks.example.com/pointed", enabled_events: ["*"] });
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  await page.clock.install();
  await open(`/test/endpoints/${id}`);
  await page.getByRole("button", { name: "Pause…" }).click();
  await page.getByText("Nothing is sent until the endpoint is resumed").waitFor();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  const message = page.getByText("The endpoint is paused: its queue is kept.");
  await message.hover();
  await page.clock.fastForward(60_000);
  expect(await message.count()).toBe(1);
  await page.mouse.move(0, 0);
  await page.clock.fastForward(10_000);
  await message.waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
  await close();
});

test("a server that hangs counts as away, and the page continues when the server does", async () => {
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  await page.clock.install();
  await open("/test/endpoints");
  await page.getByRole("heading", { name: "Endpoints" }).waitFor({ state: "attached" });
  const standing = "**/{readyz,console,v1}{,/**}";
  await page.route(standing, () => undefined);
  const asked = page.waitForRequest("**/readyz");
  await page.clock.runFor(10_000);
  await asked;
  await page.clock.runFor(8_000);
  await page.getByText("The server does not answer.").waitFor();
  await page.unroute(standing);
  await page.clock.runFor(2_000);
  await page.getByText("The server does not answer.").waitFor({ state: "detached" });
  // One that answers that it cannot work is not away.
  const unable = { status: 503, json: { status: "unavailable", reason: "Nothing can be stored: the disk is full." } };
  await page.route("**/readyz", (route) => route.fulfill(unable));
  await page.clock.runFor(10_000);
  await page.getByText("The server says that it cannot work now: “Nothing can be stored: the disk is full.”").waitFor();
  expect(await page.getByText("The server does not answer.").count()).toBe(0);
  await page.unroute("**/readyz");
  await page.clock.runFor(2_000);
  await page.getByText("The server says that it cannot work now").waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
  await close();
});
