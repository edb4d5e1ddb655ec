import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Carabiner, createPlatform, openOperator, startCarabiner } from "@carabiner/server";
import type { Browser } from "playwright-core";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { flaws, type OpenedDashboard, openDashboard } from "./opened-dashboard.ts";

/** The tests sign in more often than people do. */
const SIGN_INS = { dashboardSignInsPerMinute: 1_000 };

let folder: string;
let store: { file: string };
let server: Carabiner;
let chromium: Browser;
let keys: Awaited<ReturnType<typeof createPlatform>>["keys"];
let readOnly: { key: string; hint: string };
let dashboard: OpenedDashboard;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dashboard-"));
  store = { file: join(folder, "carabiner.db") };
  chromium = await startChromium();
  ({ keys } = await createPlatform({ store, name: "Rocket Rides" }));
  await createPlatform({ store, name: "Other Rides" });
  const operator = await openOperator({ store });
  const added = await operator.ask("POST", "/operator/operators", { name: "rita", read_only: true });
  readOnly = JSON.parse(added.body) as typeof readOnly;
  await operator.close();
  server = await startCarabiner({ mode: "serve", store, limits: SIGN_INS });
  dashboard = await openDashboard(chromium, server.url);
}, 60_000);
afterAll(async () => {
  await chromium.close();
  await server.close();
  await rm(folder, { recursive: true });
});

test("a key opens the requested page, only in its mode; signing out closes it", async () => {
  const { page, open, complaints } = dashboard;
  await open("/test/system?kept=yes");
  await page.getByLabel("Secret key").fill("sk_test_wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  expect(await flaws(page)).toEqual([]);
  await page.getByLabel("Secret key").fill(keys.test.secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "System" }).waitFor();
  expect(page.url()).toContain("/test/system?kept=yes");
  expect(await page.getByRole("link", { name: "Clock" }).count()).toBe(0);
  // The page that one is on stays in view among the others, also when the window becomes narrow.
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole("link", { name: "System" }).click({ trial: true });
  const box = await page.getByRole("link", { name: "System" }).boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(360);
  await page.setViewportSize({ width: 1_280, height: 800 });
  expect(await page.getByText("Switch to live").count()).toBe(0);

  await open("/events");
  await page.getByText("This session has no key for live mode").waitFor();
  await page.getByLabel("Secret key").fill(keys.live.secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Live mode").waitFor();
  await page.getByText("Switch to test").waitFor();

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Secret key").waitFor();
  expect(await page.evaluate("document.cookie + JSON.stringify(localStorage)")).not.toContain("sk_");
  expect(complaints).toEqual([]);
});

test("a session that ends while the page is open leads to signing in, and back to where one was, with what was typed", async () => {
  const { page, open, turnTo } = dashboard;
  await open("/test/requests");
  await page.getByLabel("Secret key").fill(keys.test.secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Requests" }).waitFor({ state: "attached" });
  await turnTo("/test/publish");
  await page.getByLabel("The object, as JSON").fill('{"half": "typed"}');
  await turnTo("/test/endpoints");
  await page.getByRole("button", { name: "New endpoint…" }).click();
  await page.getByLabel("URL").fill("https://hooks.example.com/half");
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Create" }).click();
  const again = page.getByRole("dialog", { name: "Your session has ended." });
  await again.waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  expect(await flaws(page)).toEqual([]);
  // Nothing of the page can be seen or reached.
  expect(await page.evaluate("document.elementFromPoint(300, 100).className")).toBe("sign-in-again");
  const backdrop = await page.evaluate<string>(`getComputedStyle(document.querySelector(".sign-in-again"), "::backdrop").backgroundColor`);
  expect(backdrop).toMatch(/^rgb\(/);
  await page.getByLabel("Secret key").fill(keys.test.secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await again.waitFor({ state: "detached" });
  expect(await page.getByLabel("URL").inputValue()).toBe("https://hooks.example.com/half");
  // The stream continues in the new session.
  const stripe = new Stripe(keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  await page.keyboard.press("Escape");
  await page.getByText("No endpoint yet").waitFor();
  const { id } = await stripe.webhookEndpoints.create({ url: "https://hooks.example.com/made", enabled_events: ["*"] });
  await page.getByText("hooks.example.com/made").waitFor();
  await stripe.webhookEndpoints.del(id);
});

test("a first visit requests its list before the page knows who is signed in", async () => {
  const { page, open } = dashboard;
  const paths: string[] = [];
  page.on("request", (request) => paths.push(new URL(request.url()).pathname));
  const asked = page.waitForRequest((request) => request.url().includes("/console/events"));
  await page.route("**/console/session", async (route) => {
    await asked;
    await route.continue();
  });
  await open("");
  await page.getByText("Nothing has happened yet").waitFor();
  await page.unroute("**/console/session");
  // And once alone: the list is not asked for again before the stream, which tells what came in between.
  await expect.poll(() => paths.indexOf("/console/stream")).toBeGreaterThan(0);
  expect(paths.slice(0, paths.indexOf("/console/stream")).filter((path) => path === "/console/events")).toHaveLength(1);
  expect(await page.evaluate("document.querySelector('link[rel=icon]').getAttribute('href')")).toMatch(/^http/);
});

test("what was typed in a session that has ended is not for another's", async () => {
  const { page, turnTo } = dashboard;
  await turnTo("/test/publish");
  await page.getByLabel("The object, as JSON").fill('{"half": "typed"}');
  await page.context().request.delete(`${server.url}/console/session`, { headers: { "carabiner-mode": "test" } });
  await page.getByRole("dialog", { name: "Your session has ended." }).waitFor();
  await page.getByLabel("operator key").fill(readOnly.key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Rocket Rides" }).click();
  await page.getByText("you can change nothing here").waitFor();
  await turnTo("/test/clock");
  await page.getByText("This server keeps real time.").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Secret key").fill(keys.test.secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("This server keeps real time.").waitFor();
});

test("while a user types for long, the page asks now and then who is signed in, so that the session does not end under a form", async () => {
  const { page, open, close } = await openDashboard(chromium, server.url);
  await open("/test/publish");
  await page.getByLabel("Secret key").fill(keys.test.secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("The object, as JSON").fill('{"still": "typing"}');
  await page.keyboard.press("End");
  const asked = await page.waitForRequest((request) => request.url().endsWith("/console/session"), { timeout: 30_000 });
  expect(asked.headers()["carabiner-background"]).toBeUndefined();
  await close();
});

test("the tabs of a browser sign in and out together", async () => {
  const { page, open } = dashboard;
  await open("/test/accounts");
  const other = await page.context().newPage();
  await other.goto(`${server.url}/dashboard/test/publish`);
  await other.getByLabel("The object, as JSON").fill('{"half": "typed"}');
  await page.getByRole("button", { name: "Sign out" }).click();
  const ended = other.getByRole("dialog", { name: "Your session has ended." });
  await ended.waitFor();
  await page.getByLabel("Secret key").fill(keys.test.secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await ended.waitFor({ state: "detached" });
  expect(await other.getByLabel("The object, as JSON").inputValue()).toBe('{"half": "typed"}');
  await other.close();
});

test("a late answer about who is signed in changes nothing once someone else is", async () => {
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  await open("/test/publish");
  await page.getByLabel("Secret key").fill(keys.test.secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("The object, as JSON").waitFor();
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  await page.route(
    "**/console/session",
    async (route) => {
      const response = await route.fetch();
      asked.resolve();
      await released.promise;
      await route.fulfill({ response });
    },
    { times: 1 },
  );
  // Like another tab in which someone has signed in.
  await page.evaluate("new BroadcastChannel('carabiner session ').postMessage(null)");
  await asked.promise;
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("operator key").fill(readOnly.key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Rocket Rides" }).click();
  await page.getByText("you can change nothing here").waitFor();
  released.resolve();
  await page.evaluate("fetch('/health')");
  await page.getByRole("button", { name: "Rocket Rides" }).waitFor();
  expect(await page.getByText("you can change nothing here").count()).toBe(1);
  expect(complaints).toEqual([]);
  await close();
});

test("a restricted key is named as one, and what it may not see says so, without asking for it again", async () => {
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  const stripe = new Stripe(keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  const restricted = (await stripe.rawRequest("POST", "/console/keys", { type: "restricted", permissions: ["event_read"] })) as unknown as {
    secret: string;
  };
  await open("/test/accounts");
  await page.getByLabel("Secret key").fill(restricted.secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Your key may not see this" }).waitFor();
  await page.getByText("rak_connected_account_read").waitFor();
  await page.getByText("restricted key", { exact: true }).waitFor();
  expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0);
  expect(await flaws(page)).toEqual([]);
  await open("/test/clock");
  await page.getByText("This server keeps real time.").waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test("a server that goes away is reported, and the page continues on its own when it is back, in the same session", async () => {
  const { page, open } = dashboard;
  await open("/test/accounts");
  await page.getByText("No connected account").waitFor();
  const { port } = server;
  await server.close();
  await page.getByText("The server does not answer.").waitFor();
  await page.getByText("No connected account").waitFor();
  server = await startCarabiner({ mode: "serve", store, port, limits: SIGN_INS });
  await page.getByText("The server does not answer.").waitFor({ state: "detached" });
  const stripe = new Stripe(keys.test.secret, { host: server.host, port, protocol: "http", telemetry: false });
  await stripe.accounts.create({ type: "express", business_profile: { name: "Back again" } });
  await page.getByText("Back again").waitFor();
});

test("a read-only operator chooses a platform, sees it in both modes, and finds nothing to change it with", async () => {
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  const stripe = new Stripe(keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  await stripe.webhookEndpoints.create({ url: "https://hooks.example.com/rides", enabled_events: ["*"] });
  await open("/test/endpoints");
  await page.getByLabel("operator key").fill(readOnly.key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Other Rides" }).waitFor();
  expect(await flaws(page)).toEqual([]);
  await page.getByRole("button", { name: "Rocket Rides" }).click();
  await page.getByText("read only", { exact: true }).waitFor();
  await page.getByText("/rides").first().click();
  await page.getByText("hooks.example.com").first().waitFor();
  for (const act of ["New endpoint…", "Send test event", "Secret…", "Disable…", "Delete…"])
    expect([act, await page.getByRole("button", { name: act }).count()]).toEqual([act, 0]);
  expect(await page.getByRole("link", { name: "Publish" }).count()).toBe(0);
  expect(await flaws(page)).toEqual([]);
  await page.getByText("Switch to live").click();
  await page.getByText("Live mode").waitFor();
  await page.getByText("No endpoint yet").waitFor();
  await page.getByRole("button", { name: "Rocket Rides" }).click();
  await page.getByRole("button", { name: "Other Rides" }).click();
  await page.getByText("No endpoint yet").waitFor();
  await open("/test/publish");
  await page.getByText("you can change nothing here").waitFor();
  expect(await page.evaluate("document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")).not.toContain("op_");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("operator key").waitFor();
  expect(complaints).toEqual([]);
  await close();
});
