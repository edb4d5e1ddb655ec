import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { type Carabiner, startCarabiner } from "@carabiner/server";
import type { Browser } from "playwright-core";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { openDashboard } from "./opened-dashboard.ts";

/** What the next POST's connection does: it breaks once the server has answered, before the browser has heard. */
let breaks = false;
let posts = 0;

/** Passes on what a browser sends, and breaks the connection of a POST when it is told to. */
const proxy: Server = createServer((from) => {
  const to = connect(server.port, "127.0.0.1");
  let isBroken = false;
  from.on("data", (sent) => {
    if (sent.toString("latin1").startsWith("POST ")) {
      posts++;
      isBroken = breaks;
      breaks = false;
    }
    to.write(sent);
  });
  to.on("data", (answered) => (isBroken ? from.destroy() : from.write(answered)));
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const) {
    one.on("error", () => undefined);
    one.on("close", () => other.destroy());
  }
});

let server: Carabiner;
let chromium: Browser;
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  [server, chromium] = await Promise.all([startCarabiner({ publicUrl: url }), startChromium()]);
}, 60_000);
afterAll(async () => {
  await chromium.close();
  await server.close();
  proxy.close();
});

/** A platform's own client. */
const client = (): Stripe =>
  new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });

// Chromium automatically repeats a POST if its connection had been used before and breaks before an answer.
test("an act that the browser sends twice on its own is done once", async () => {
  const { page, open, close } = await openDashboard(chromium, url);
  await open("/test/endpoints");
  await page.getByRole("button", { name: "New endpoint…" }).click();
  await page.getByLabel("URL").fill("https://example.com/once");
  posts = 0;
  breaks = true;
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("dialog").getByText("whsec_").waitFor();
  expect(posts).toBe(2);
  expect((await client().webhookEndpoints.list()).data).toHaveLength(1);
  await close();
});

test("a day for which the browser asks twice passes once", async () => {
  const { page, open, close } = await openDashboard(chromium, url);
  const clock = async (): Promise<number> =>
    ((await client().rawRequest("GET", "/v1/test_helpers/clock")) as unknown as { now: number }).now;
  await open("/test/clock");
  const before = await clock();
  posts = 0;
  breaks = true;
  await page.getByRole("button", { name: "+ a day" }).click();
  await page.getByRole("region", { name: "What happened on the way" }).waitFor();
  expect(posts).toBe(2);
  expect(Math.round(((await clock()) - before) / 3_600)).toBe(24);
  await page.getByLabel("To a date").fill("2020-01-01T00:00");
  await page.getByRole("button", { name: "Go there" }).click();
  await page.locator(".toast.bad").waitFor();
  await close();
});

test("an endpoint whose deletion the browser asks for twice is deleted", async () => {
  const { id } = await client().webhookEndpoints.create({ url: "https://example.com/deleted", enabled_events: ["*"] });
  const { page, open, close } = await openDashboard(chromium, url);
  await open(`/test/endpoints/${id}`);
  await page.getByRole("button", { name: "Delete…" }).click();
  await page.route(`**/v1/webhook_endpoints/${id}`, async (route, request) => {
    if (request.method() === "DELETE") await route.fetch();
    await route.continue();
  });
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("The endpoint is deleted.").waitFor();
  await close();
});
