import { type Carabiner, startCarabiner } from "@carabiner/server";
import type { Browser } from "playwright-core";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { expectNoOverflow, type OpenedDashboard, openDashboard } from "./opened-dashboard.ts";

let server: Carabiner;
let chromium: Browser;
let dashboard: OpenedDashboard;
beforeAll(async () => {
  [server, chromium] = await Promise.all([startCarabiner(), startChromium()]);
  const stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  await stripe.webhookEndpoints.create({ url: `${server.url}/nowhere`, enabled_events: ["customer.created"] });
  for (let n = 0; n < 60; n++) await stripe.customers.create();
  await server.idle();
  dashboard = await openDashboard(chromium, server.url, { viewport: { width: 360, height: 740 } });
}, 60_000);
afterAll(async () => {
  await chromium.close();
  await server.close();
});

test("the focus goes along with what is opened, and back to its row", async () => {
  const { page, open } = dashboard;
  await open("/test/deliveries");
  await page.locator(".rows li a").nth(1).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Details" }).getByRole("heading", { level: 1 }).waitFor();
  expect(await page.evaluate("document.activeElement === document.querySelector('.detail h1')")).toBe(true);
  await page.keyboard.press("Escape");
  await expect.poll(() => page.evaluate("document.activeElement.closest('.rows li')?.dataset.index")).toBe("1");
});

test("a list is where it was when what was opened is closed", async () => {
  const { page, open } = dashboard;
  await open("/test/deliveries");
  const row = page.locator(".rows li").filter({ visible: true });
  const seen = (): Promise<unknown> =>
    page.evaluate(
      "[...document.querySelectorAll('.rows li')].filter((row) => row.getBoundingClientRect().bottom > 200).map((row) => row.dataset.index + ' ' + Math.round(row.getBoundingClientRect().top)).slice(0, 4)",
    );
  for (const top of [0, 1_200]) {
    await row.first().waitFor();
    await page.evaluate(`document.querySelector('.rows-scroll').scrollTo(0, ${top})`);
    const middle = page.locator(".rows li").and(page.locator(`[data-index="${top === 0 ? 2 : 13}"]`));
    await middle.waitFor();
    const before = await seen();
    await middle.getByRole("link").click();
    await page.getByRole("region", { name: "Details" }).getByText("Attempt 1").first().waitFor();
    await page.keyboard.press("Escape");
    await row.first().waitFor();
    await expect.poll(seen).toEqual(before);
  }
});

test("a long address of an endpoint can be read whole where it is cut", async () => {
  const stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  const url = `${server.url}/${"hooks-".repeat(300)}`;
  const { id } = await stripe.webhookEndpoints.create({ url, enabled_events: ["*"] });
  const { page, open, complaints } = dashboard;
  await open("/test/endpoints");
  await page.getByTitle(url).waitFor();
  await expectNoOverflow(page, "a list with a long address");
  await open(`/test/endpoints/${id}`);
  await page.getByText(url).last().waitFor();
  await expectNoOverflow(page, "an endpoint with a long address");
  expect(complaints).toEqual([]);
});
