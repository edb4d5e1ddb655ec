import { type Carabiner, startCarabiner } from "@carabiner/server";
import type { Browser, Page } from "playwright-core";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { flaws, openDashboard } from "./opened-dashboard.ts";

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

const AWAY = "The server does not answer";

/** Waits, in the page's time, until a text shows. */
async function passUntil(page: Page, text: string): Promise<void> {
  await expect
    .poll(async () => {
      await page.clock.runFor(1_000);
      return page.getByText(text).count();
    })
    .toBeGreaterThan(0);
}

/** Answers to calls that match with a refusal of the server's, until it is undone. */
async function refuse(page: Page, path: string): Promise<void> {
  const error = { type: "api_error", message: "The server cannot store anything at the moment, and changed nothing." };
  await page.route(`**${path}`, (route) => route.fulfill({ status: 503, json: { error } }));
}

test("a list over a dead connection says so in time, does not mean that the server is away, and recovers on its own", async () => {
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  await page.clock.install();
  await page.route("**/console/deliveries?*", () => undefined);
  await open("/test/deliveries");
  await passUntil(page, "Waiting for the server…");
  await passUntil(page, "The server has not answered within 20 seconds.");
  expect(await page.getByText(AWAY).count()).toBe(0);
  await page.unroute("**/console/deliveries?*");
  await passUntil(page, "No delivery");
  expect(complaints).toEqual([]);
  await close();
});

test("what one call cannot read now is said where it belongs, and the server is not away", async () => {
  const { id } = await client().accounts.create({ type: "express", business_profile: { name: "Partly read" } });
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  await page.clock.install();
  await refuse(page, `/v1/accounts/${id}/persons?*`);
  await open(`/test/accounts/${id}`);
  await page.getByRole("region", { name: "Requirements" }).waitFor();
  await passUntil(page, "A part of this page could not be read");
  await page.getByText("cannot store anything at the moment").waitFor();
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await flaws(page, ["color-contrast"], ".banner")).toEqual([]);
  }
  expect(await page.getByText(AWAY).count()).toBe(0);
  expect(await page.getByRole("region", { name: "People" }).count()).toBe(0);
  await page.unroute(`**/v1/accounts/${id}/persons?*`);
  await expect
    .poll(async () => {
      await page.clock.runFor(1_000);
      return page.getByRole("region", { name: "People" }).count();
    })
    .toBe(1);
  await page.getByText("A part of this page").waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
  await close();
});

test("a list that cannot be read further is not requested in a loop", async () => {
  const stripe = client();
  for (let n = 0; n < 55; n++) await stripe.accounts.create({ type: "express" });
  const { page, open, close } = await openDashboard(chromium, server.url);
  const older = "/v1/accounts?*starting_after*";
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("starting_after")) asked++;
  });
  await refuse(page, older);
  await open("/test/accounts");
  await page.locator(".rows li").first().waitFor();
  await page.evaluate("document.querySelector('.rows-scroll').scrollTo(0, 1e6)");
  await page.getByText("cannot store anything at the moment").waitFor();
  // The page asks for more at once, or not at all: as often as it draws itself here.
  await page.evaluate(
    "new Promise((resolve) => { let left = 60; const next = () => (left-- > 0 ? requestAnimationFrame(next) : resolve()); next(); })",
  );
  expect(asked).toBeLessThan(5);
  await page.unroute(`**${older}`);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("cannot store anything at the moment").waitFor({ state: "detached" });
  await close();
});

test("an act without an answer is not repeated, says that its result is unknown, and is done once when the user repeats it", async () => {
  const url = "https://hooks.example.com/once";
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  await page.clock.install();
  await open("/test/endpoints");
  await page.getByRole("button", { name: "New endpoint…" }).click();
  await page.getByLabel("URL").fill(url);
  let posts = 0;
  // The server does it, and its answer is lost.
  await page.route("**/v1/webhook_endpoints", async (route) => {
    posts++;
    await route.fetch();
  });
  await page.getByRole("button", { name: "Create" }).click();
  await expect.poll(() => posts).toBe(1);
  await passUntil(page, "Whether this was done is not known.");
  expect(posts).toBe(1);
  await page.unroute("**/v1/webhook_endpoints");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("dialog").getByText("whsec_").waitFor();
  const { data } = await client().webhookEndpoints.list();
  expect(data.filter((endpoint) => endpoint.url === url)).toHaveLength(1);
  expect(complaints).toEqual([]);
  await close();
});

test("a failure that nobody saw stays until it is dismissed", async () => {
  const { id } = await client().webhookEndpoints.create({ url: "https://hooks.example.com/unseen", enabled_events: ["*"] });
  const { page, open, close } = await openDashboard(chromium, server.url);
  await page.clock.install();
  await open(`/test/endpoints/${id}`);
  await refuse(page, `/console/webhook_endpoints/${id}/test`);
  await page.getByRole("button", { name: "Send test event" }).click();
  const message = page.getByText("cannot store anything at the moment");
  await message.waitFor();
  await page.clock.fastForward(60_000);
  expect(await message.count()).toBe(1);
  await page.getByRole("button", { name: "Dismiss" }).click();
  await message.waitFor({ state: "detached" });
  await close();
});

test("an answer that a page cannot show leaves the other pages, and one in the server's place is said to be that", async () => {
  const { page, open, close } = await openDashboard(chromium, server.url);
  await page.route("**/console/system", (route) => route.fulfill({ json: { scope: "server" } }));
  await open("/test/system");
  await page.getByRole("heading", { name: "This page cannot be shown" }).waitFor();
  await page.getByRole("link", { name: "Endpoints" }).click();
  await page.getByRole("button", { name: "New endpoint…" }).waitFor();
  await page.route("**/console/requests?*", (route) => route.fulfill({ contentType: "text/html", body: "<h1>Guests</h1>" }));
  await page.getByRole("link", { name: "Requests" }).click();
  await page.getByText("Something else answered in the place of the server, with status 200").waitFor();
  await close();
});

test("an id is one part of an address, whatever is in it", async () => {
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  for (const id of ["evt_100%25", "evt_%2F..%2Fdeliveries", "evt_a%3Fb%23c", `evt_${"x".repeat(3_000)}`]) {
    await open(`/test/events/${id}`);
    await page.getByRole("heading", { name: "There is nothing by this id" }).waitFor();
  }
  expect(complaints).toEqual([]);
  await close();
});

test("accounts that something is due of are found behind many that are not like that", async () => {
  const first = await startCarabiner();
  try {
    const own = new Stripe(first.keys.test.secret, { host: first.host, port: first.port, protocol: "http", telemetry: false });
    const { id } = await own.accounts.create({ type: "express", business_profile: { name: "Far down" } });
    for (let n = 0; n < 60; n++) await own.accounts.create({ type: "standard" });
    const { page, open, close } = await openDashboard(chromium, first.url);
    // None of the newest has anything due.
    await page.route("**/v1/accounts?limit=50", async (route) => {
      const response = await route.fetch();
      const list = (await response.json()) as Stripe.ApiList<Stripe.Account>;
      const nothing = { currently_due: [], past_due: [], eventually_due: [], pending_verification: [], errors: [], disabled_reason: null };
      const data = list.data.map((account) => ({ ...account, charges_enabled: true, payouts_enabled: true, requirements: nothing }));
      await route.fulfill({ response, json: { ...list, data } });
    });
    await open("/test/accounts?show=due");
    await page.getByTitle(id).waitFor();
    await close();
  } finally {
    await first.close();
  }
});

test("an event that one of its endpoints could not be sent again to is not sent twice to the others", async () => {
  const stripe = client();
  for (const { id } of (await stripe.webhookEndpoints.list()).data) await stripe.webhookEndpoints.del(id);
  const create = (path: string) => stripe.webhookEndpoints.create({ url: `${server.url}/${path}`, enabled_events: ["customer.created"] });
  const endpoints = [await create("first"), await create("second")];
  await stripe.customers.create();
  const { data } = await stripe.events.list({ type: "customer.created" });
  const { page, open, close } = await openDashboard(chromium, server.url);
  await open(`/test/events/${data[0]?.id}`);
  await page.getByRole("button", { name: "Resend…" }).click();
  const sent: string[] = [];
  let fails = true;
  await page.route("**/v1/events/*/retry", async (route, request) => {
    sent.push(new URLSearchParams(request.postData() ?? "").get("webhook_endpoint") ?? "");
    if (fails && sent.length === 2) await route.fulfill({ status: 503, json: { error: { message: "Not now." } } });
    else await route.fallback();
  });
  await page.getByRole("button", { name: "Resend", exact: true }).click();
  await page.getByRole("dialog").getByRole("alert").getByText("Not now.").waitFor();
  fails = false;
  await page.getByRole("button", { name: "Resend", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const [one, two, three] = sent;
  expect(sent).toHaveLength(3);
  expect(three).toBe(two);
  expect(new Set([one, two])).toEqual(new Set(endpoints.map(({ id }) => id)));
  for (const { id } of endpoints) await stripe.webhookEndpoints.del(id);
  await close();
});

test("what the key may no longer see does not stay on the page", async () => {
  const { id } = await client().accounts.create({ type: "express", business_profile: { name: "Seen before" } });
  const { page, open, close } = await openDashboard(chromium, server.url);
  await open(`/test/accounts/${id}`);
  await page.getByText("Seen before").nth(1).waitFor();
  const error = { type: "invalid_request_error", message: "The key lacks a permission." };
  await page.route(/\/v1\/accounts[/?]/, (route) => route.fulfill({ status: 403, json: { error } }));
  await client().accounts.update(id, { metadata: { order: "1" } });
  await page.getByRole("heading", { name: "Your key may not see this" }).nth(1).waitFor();
  expect(await page.getByText("Seen before").count()).toBe(0);
  await close();
});

test("a page whose script does not come says so after a while", async () => {
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.route("**/assets/*.js", (route) => route.abort());
  await page.goto(`${server.url}/dashboard/test/live`);
  const late = page.getByText("The page's script has not come.");
  expect(await late.isVisible()).toBe(false);
  await page.evaluate("document.getAnimations()[0].finish()");
  await late.waitFor();
  await context.close();
});

test("a browser whose clock is an hour wrong shows the server's time, and finds what happened just now", async () => {
  await client().accounts.create({ type: "express" });
  for (const wrongBy of [3_600_000, -3_600_000]) {
    const { page, open, close } = await openDashboard(chromium, server.url);
    await page.clock.install({ time: Date.now() + wrongBy });
    await open("/test/events?since=15m");
    await page
      .getByRole("link", { name: /account\.application\.authorized/ })
      .first()
      .waitFor();
    await page
      .getByText(/^(now|\d+ (s|min) ago)$/)
      .first()
      .waitFor();
    expect(await page.getByText(/^clock .*(ahead|behind)$/).count()).toBe(0);
    await close();
  }
});
