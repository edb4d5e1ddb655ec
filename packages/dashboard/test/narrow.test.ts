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

test("the exact time of a row shows as long as it has the focus, within the screen", async () => {
  const { page, open } = dashboard;
  const exact = page.locator(".exact-time");
  for (const width of [360, 1_280]) {
    await page.setViewportSize({ width, height: 740 });
    await open("/test/events");
    await page.locator(".rows li a").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const row = page.locator(".rows li a:focus");
    expect(await exact.textContent()).toBe(await row.locator("time").getAttribute("data-exact"));
    expect(await exact.textContent()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+/);
    const { x, width: wide } = (await exact.boundingBox()) ?? { x: -1, width: 0 };
    expect(x >= 0 && x + wide <= width).toBe(true);
    if (width > 1_000) {
      // What is opened beside the list makes the row narrower: the exact time goes along.
      await page.keyboard.press("Enter");
      await page.getByRole("region", { name: "Details" }).getByRole("heading", { level: 1 }).waitFor();
      const apart = `(() => {
        const [at, shown] = [".rows li a:focus time", ".exact-time"].map((one) => document.querySelector(one)?.getBoundingClientRect());
        if (at === undefined || shown === undefined) return null;
        return Math.abs(shown.top - at.bottom - 4) + Math.min(Math.abs(shown.left - at.left), Math.abs(shown.right - at.right));
      })()`;
      await expect.poll(() => page.evaluate(apart)).toBeLessThan(1);
      await page.locator(".rows li a:focus").press("Escape");
      continue;
    }
    await page.keyboard.press("Escape");
    await exact.waitFor({ state: "detached" });
  }
  // A time that is part of nothing else has the focus itself.
  await open("/test/system");
  await page.getByRole("table").locator("time").first().focus();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Tab");
  expect(await exact.textContent()).toBe(await page.locator("time:focus").getAttribute("data-exact"));
  await page.setViewportSize({ width: 360, height: 740 });
});

test("a name from right to left is cut at its end, and the id beside it stays", async () => {
  const stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  const name = "فرع الرياض للتجارة والتوزيع المحدودة مع اسم طويل جدا جدا جدا";
  const { id } = await stripe.accounts.create({ type: "express", country: "US", business_profile: { name } });
  const { page, open } = dashboard;
  await open("/test/accounts");
  const account = page.getByTitle(`${name} · ${id}`);
  await account.waitFor();
  const [cell, text, code] = await Promise.all([
    account.boundingBox(),
    account.locator("bdi").boundingBox(),
    account.locator("code").boundingBox(),
  ]);
  expect((code?.x ?? 0) + (code?.width ?? 0)).toBeLessThanOrEqual((cell?.x ?? 0) + (cell?.width ?? 0) + 1);
  expect((text?.x ?? 0) + (text?.width ?? 0)).toBeLessThanOrEqual(code?.x ?? 0);
  // Its beginning is on the right, and in view.
  const begins = await page.evaluate(`(() => {
    const box = document.querySelector('[title$="${id}"] bdi');
    const range = document.createRange();
    range.setStart(box.firstChild, 0);
    range.setEnd(box.firstChild, 3);
    const [at, all] = [range.getBoundingClientRect(), box.getBoundingClientRect()];
    return at.left >= all.left - 1 && at.right <= all.right + 1;
  })()`);
  expect(begins).toBe(true);
  await expectNoOverflow(page, "a list with a name from right to left");
});

test("paper shows what is open, whole", async () => {
  const { page, open } = dashboard;
  await open("/test/deliveries");
  await page.locator(".rows li a").first().click();
  await page.getByRole("region", { name: "Signature" }).waitFor();
  await page.emulateMedia({ media: "print" });
  const cut = (): Promise<unknown> =>
    page.evaluate(
      "[...document.querySelectorAll('html, body, .shell, #content, .panes, .detail-pane, .page')].filter((box) => box.clientHeight + 1 < box.scrollHeight && box !== document.documentElement).map((box) => box.className)",
    );
  expect(await cut()).toEqual([]);
  expect(await page.locator("nav, .filter-bar, .rows").filter({ visible: true }).count()).toBe(0);
  await page.emulateMedia({ media: null });
  await open("/test/system");
  await page.getByText("Limits in force").waitFor();
  await page.emulateMedia({ media: "print" });
  expect(await cut()).toEqual([]);
  await page.emulateMedia({ media: null });
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
