import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Carabiner, createPlatform, startCarabiner } from "@carabiner/server";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { everyPage } from "../every-page.ts";
import { expectNoOverflow, flaws } from "../opened-dashboard.ts";
import { type PlatformWithHistory, platformWithHistory } from "../platform-with-history.ts";
import type { FirefoxPage } from "./firefox-page.ts";
import { type Firefox, startFirefox } from "./start-firefox.ts";

/** Where screenshots of the pages go, for anyone who wants to look at them. */
const PICTURES = process.env.CARABINER_PICTURES;

/** As long as something on the page is waited for. */
const POLLED = { timeout: 30_000 };

let server: Carabiner;
let firefox: Firefox;
let platform: PlatformWithHistory;
let page: FirefoxPage;
beforeAll(async () => {
  [server, firefox] = await Promise.all([startCarabiner(), startFirefox()]);
  platform = await platformWithHistory(server);
  page = await firefox.open(server.url);
  await page.resize(1_280, 800);
});
afterAll(async () => {
  await firefox.close();
  platform.receiver.closeAllConnections();
  platform.receiver.close();
  await server.close();
});

const open = async (path: string): Promise<void> => {
  await page.goto(`${server.url}/dashboard${path}`);
  await page.see({ role: "main" });
};
const turnTo = (path: string): Promise<void> => page.turnTo(`/dashboard${path}`);

test("every page is accessible in both themes, stays within its policy, and fits from 360 px on", async () => {
  const found: string[] = [];
  await open("/test/live");
  for (const [path, text] of everyPage(platform)) {
    await turnTo(path);
    await page.see(text);
    for (const [theme, rules] of [["light", null] as const, ["dark", ["color-contrast"]] as const]) {
      await page.evaluate(`void (document.documentElement.dataset.theme = "${theme}")`);
      found.push(...(await flaws(page, rules)).map((flaw) => `${path}, ${theme}: ${flaw}`));
      for (const width of [2_560, 1_280, 768, 360]) {
        await page.resize(width, 800);
        await expectNoOverflow(page, path);
        if (PICTURES !== undefined)
          await writeFile(`${PICTURES}/firefox-${path.slice(1).replaceAll("/", "-")}-${theme}-${width}.png`, await page.picture());
      }
      await page.resize(1_280, 800);
    }
  }
  expect([...found, ...page.complaints]).toEqual([]);
});

test("what happens shows at once, and waits above the list while somebody reads", async () => {
  await open("/test/live");
  await page.see("payout.failed");
  await platform.stripe.accounts.create({ type: "express", business_profile: { name: "New on the block" } });
  await page.see("New on the block");
  await turnTo(`/test/live/${platform.failing}`);
  await page.see("Attempt 1");
  await platform.stripe.accounts.update(platform.bakery, { metadata: { order: "1" } });
  await page.see("↑ 1 new");
});

test("a tab that is hidden lets go of the stream, and has lost nothing when it is seen again", async () => {
  await open("/test/live");
  await page.see("payout.failed");
  const show = await page.hide();
  await page.until("document.hidden", "the tab to be hidden");
  for (const name of ["First unseen", "Second unseen"])
    await platform.stripe.accounts.create({ type: "express", business_profile: { name } });
  expect(await page.evaluate("document.body.textContent.includes('unseen')")).toBe(false);
  await show();
  await page.see("First unseen");
  await page.see("Second unseen");
});

test("a delivery is sent again with the button, and with the key", async () => {
  await open(`/test/deliveries/${platform.failing}`);
  const before = platform.received.length;
  await page.click({ role: "button", name: "Resend" });
  await page.see("is sent again");
  await expect.poll(() => platform.received.length, POLLED).toBe(before + 1);
  // Pressed twice in a row it sends once.
  await page.until("!document.querySelector('.detail-head .actions button').disabled", "the button to be ready again");
  await page.press("r");
  await expect.poll(() => platform.received.length, POLLED).toBe(before + 2);
});

test("a secret is rolled with an overlap", async () => {
  await open(`/test/endpoints/${platform.healthy}`);
  await page.click({ role: "button", name: "Secret…" });
  await page.click({ role: "button", name: "Roll…" });
  await page.click({ role: "button", name: "Roll" });
  await page.see({ role: "dialog", name: "The secret is rolled" });
  await page.click({ role: "button", name: "Close" });
  await page.click({ role: "button", name: "Send test event" });
  await page.see("A test event is sent.");
  await server.idle();
  expect(platform.received.findLast(({ path }) => path === "/connect")?.signature.match(/v1=/g)).toHaveLength(2);
});

test("the clock goes to what falls due next", async () => {
  await open("/test/clock");
  await page.click("To the next");
  await page.see("What happened on the way");
  await page.click({ role: "button", name: "+ an hour" });
  await page.see(" ahead");
});

test("the keyboard alone leads from any page to a delivery and back", async () => {
  await open("/test/system");
  await page.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the content");
  await page.press("g", "d");
  await page.see("payout.failed");
  await page.press("j", "j", "k", "Enter");
  await page.until("location.pathname.includes('/deliveries/dlv_')", "a delivery");
  await page.press("Escape");
  await page.until("location.pathname.endsWith('/test/deliveries')", "the list");
  await page.press("?");
  await page.see({ role: "dialog", name: "Keyboard shortcuts" });
  await page.press("Escape");
  await page.miss({ role: "dialog" });
  await page.press("/", ...platform.hostile, "Enter");
  await page.until(`location.pathname.endsWith("/test/events/${platform.hostile}")`, "the event that was searched");
});

test("a payload is text, whatever is in it", async () => {
  await open(`/test/events/${platform.hostile}`);
  await page.see("<svg xmlns");
  const within = `document.querySelector("section[aria-label='The object']")`;
  expect(await page.evaluate(`${within}.querySelectorAll("svg:not([aria-hidden]), script, img, b, a[href^=javascript]").length`)).toBe(0);
  await page.click("more characters");
  await page.see("969,700 more characters");
  await expectNoOverflow(page, "a long payload");
  expect(await page.evaluate("document.title")).toBe("Events · Carabiner");
});

test("an id that is not there, and a filter that cannot be, say so", async () => {
  await open("/test/events/evt_nothing");
  await page.see("There is nothing by this id");
  await open("/test/deliveries?since=ever");
  await page.see("The filter since takes one of 15m, 1h, 24h, 7d, 30d.");
  expect(page.complaints).toEqual([]);
});

test("a session opens with a key, ends with what was typed, and goes on over a server that went away", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dashboard-firefox-"));
  const store = { file: join(folder, "carabiner.db") };
  const { keys } = await createPlatform({ store, name: "Rocket Rides" });
  let own = await startCarabiner({ mode: "serve", store });
  const { url, host, port } = own;
  const signIn = async (key: string): Promise<void> => {
    await signed.fill("Secret key or operator key", key);
    await signed.click({ role: "button", name: "Sign in" });
  };
  const signed = await firefox.open(url);
  await signed.resize(1_280, 800);
  await signed.goto(`${url}/dashboard/test/publish`);
  await signIn("sk_test_wrong");
  await signed.see({ role: "alert" });
  await signIn(keys.test.secret);
  await signed.fill("The object, as JSON", '{"half": "typed"}');
  await signed.forgetCookies();
  await signed.see("Your session has ended.");
  expect(await flaws(signed)).toEqual([]);
  await signed.press("Escape");
  await signIn(keys.test.secret);
  await signed.miss("Your session has ended.");
  await signed.see('{"half": "typed"}');

  await signed.turnTo("/dashboard/test/accounts");
  await signed.see("No connected account");
  await own.close();
  await signed.see("The server does not answer.");
  own = await startCarabiner({ mode: "serve", store, port });
  const stripe = new Stripe(keys.test.secret, { host, port, protocol: "http", telemetry: false });
  await stripe.accounts.create({ type: "express", business_profile: { name: "Back again" } });
  await signed.see("Back again");
  await signed.click({ role: "button", name: "Sign out" });
  await signed.see({ role: "button", name: "Sign in" });
  expect(await signed.evaluate("document.cookie + JSON.stringify(localStorage)")).not.toContain("sk_");
  await signed.close();
  await own.close();
  await rm(folder, { recursive: true });
});
