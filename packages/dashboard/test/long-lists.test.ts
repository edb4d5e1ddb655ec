import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Carabiner, startCarabiner } from "@carabiner/server";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { type OpenedDashboard, openDashboard } from "./opened-dashboard.ts";

/** Events that existed before anyone looked. */
const BEFORE = 2_100;

let server: Carabiner;
let chromium: Browser;
let dashboard: OpenedDashboard;
/** Their ids, oldest first. */
let ids: string[];
beforeAll(async () => {
  [server, chromium] = await Promise.all([startCarabiner(), startChromium()]);
  ids = [...(await publish(BEFORE / 3)), ...(await publish(BEFORE / 3)), ...(await publish(BEFORE / 3))];
  dashboard = await openDashboard(chromium, server.url);
}, 60_000);
afterAll(async () => {
  await chromium.close();
  await server.close();
});

/** Publishes that many events at once, which no endpoint is owed. */
async function publish(count: number): Promise<string[]> {
  const events = Array.from({ length: count }, (_, n) => ({
    type: "customer.created",
    data: { object: { id: `cus_${n}`, object: "customer" } },
  }));
  const answer = await fetch(`${server.url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.keys.test.secret}`, "content-type": "application/json" },
    body: JSON.stringify({ events }),
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
}

/**
 * Runs in the page: scrolls down until nothing comes any more, or until `last` is seen, and returns the ids of all rows
 * that were seen. A row that is not there yet is waited for.
 */
const readDown = (last: string | null): string => `(async () => {
  const scroller = document.querySelector(".rows-scroll");
  const seen = new Set();
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  for (;;) {
    await frame();
    if (document.querySelector(".row.missing") !== null) continue;
    for (const link of document.querySelectorAll(".rows a.row")) seen.add(link.pathname.split("/").at(-1));
    const atEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;
    if (seen.has(${JSON.stringify(last)}) || (atEnd && document.querySelector(".rows-end") !== null)) return [...seen];
    // Rows are measured as they come, which moves those below a little.
    scroller.scrollBy(0, scroller.clientHeight * 0.8);
  }
})()`;

test("more rows than are kept are scrolled through without loss, down and up again", async () => {
  const { page, open, complaints } = dashboard;
  await open("/test/events");
  await page.getByText("customer.created").first().waitFor();
  const seen = new Set((await page.evaluate(readDown(null))) as string[]);
  expect(ids.filter((id) => !seen.has(id))).toEqual([]);
  // What is in view is drawn, and little more.
  expect(await page.locator(".rows li").count()).toBeLessThan(100);
  // The rows in the middle were released: they are requested again, and appear in their old places.
  const again = page.waitForRequest((request) => request.url().includes("/console/events?") && request.url().includes("starting_after="));
  const middle = ids[BEFORE / 2] ?? "";
  await page.evaluate("document.querySelector('.rows-scroll').scrollTo(0, document.querySelector('.rows-scroll').scrollHeight / 2)");
  await again;
  await page.locator(`.rows a[href*="${middle}"]`).waitFor();
  await page.evaluate("document.querySelector('.rows-scroll').scrollTo(0, 0)");
  await page.locator(`.rows a[href*="${ids.at(-1)}"]`).waitFor();
  expect(complaints).toEqual([]);
}, 60_000);

test("more than a page of new rows at once waits above the rows that someone reads, and nothing in between is lost", async () => {
  const { page, open, turnTo } = dashboard;
  const reading = ids.at(-1) ?? "";
  await open(`/test/events/${reading}`);
  await page.getByRole("region", { name: "Details" }).getByRole("heading", { name: "customer.created" }).waitFor();
  const first = page.locator(".rows li a").first();
  await page.locator(`.rows a[href*="${reading}"]`).waitFor();
  const before = await first.getAttribute("href");
  const more = await publish(130);
  const bar = page.getByRole("button", { name: /^↑ \d+\+ new$/ });
  await bar.waitFor();
  expect(await first.getAttribute("href")).toBe(before);
  await bar.click();
  await page.locator(`.rows a[href*="${more.at(-1)}"]`).waitFor();
  const seen = new Set((await page.evaluate(readDown(reading))) as string[]);
  expect([...more, reading].filter((id) => !seen.has(id))).toEqual([]);
  // A user who reads nothing sees the newest rows at once.
  await page.evaluate("document.querySelector('.rows-scroll').scrollTo(0, 0)");
  await turnTo("/test/events");
  const last = (await publish(130)).at(-1) ?? "";
  await page.locator(`.rows a[href*="${last}"]`).waitFor();
  expect(await bar.count()).toBe(0);
});

test("a row far down the list, and a row that others came above, are kept up to date", async () => {
  let status = 500;
  const receiver = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const call = async (path: string, form: Record<string, string>): Promise<{ id: string }> => {
    const answer = await fetch(server.url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${server.keys.test.secret}` },
      body: new URLSearchParams(form),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as { id: string };
  };
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const { id: endpoint } = await call("/v1/webhook_endpoints", { url, "enabled_events[]": "customer.created" });
  const made = await publish(160);
  await server.idle();
  const { page, open } = dashboard;
  const rowOf = (event: string) => page.locator(`.rows a[href*="${event}"]`);
  await open("/test/events");
  await rowOf(made.at(-1) ?? "").waitFor();
  const [deep, second] = [made[20] ?? "", made[21] ?? ""];
  await page.evaluate(readDown(deep));
  await rowOf(deep).getByText("1 of 1 failing").waitFor();
  status = 200;
  await call(`/v1/events/${deep}/retry`, { webhook_endpoint: endpoint });
  await rowOf(deep).getByText("Delivered").waitFor();
  // More than a page of new rows: the visible rows are no longer next to the newest ones.
  await page.evaluate("document.querySelector('.rows-scroll').scrollTo(0, 400)");
  const read = made.at(-15) ?? "";
  await rowOf(read).getByText("1 of 1 failing").waitFor();
  await publish(130);
  await page.getByRole("button", { name: /^↑ \d+\+ new$/ }).waitFor();
  await call(`/v1/events/${read}/retry`, { webhook_endpoint: endpoint });
  await rowOf(read).getByText("Delivered").waitFor();
  await page.evaluate(readDown(second));
  await rowOf(second).getByText("1 of 1 failing").waitFor();
  receiver.closeAllConnections();
  receiver.close();
}, 60_000);
