import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Carabiner, startCarabiner } from "@carabiner/server";
import type { Browser } from "playwright-core";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { openDashboard } from "./opened-dashboard.ts";

let server: Carabiner;
let chromium: Browser;
let receiver: Server;
let at: string;
beforeAll(async () => {
  receiver = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(request.url === "/down" ? 500 : 200).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  at = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  [server, chromium] = await Promise.all([
    startCarabiner({ limits: { breakerFailures: 2, breakerOpenMs: 3_600_000, breakerOpenLongestMs: 3_600_000 } }),
    startChromium(),
  ]);
}, 60_000);
afterAll(async () => {
  await chromium.close();
  await server.close();
  receiver.closeAllConnections();
  receiver.close();
});

/** A platform's own client. */
const client = (): Stripe =>
  new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });

/** This many customers are created, and every endpoint gets an event for each. */
async function happen(stripe: Stripe, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    await stripe.customers.create({});
    await server.idle();
  }
}

test("an endpoint that is held back says so in the list, on its page and with its deliveries, and continues when it is resumed", async () => {
  const stripe = client();
  const down = await stripe.webhookEndpoints.create({ url: `${at}/down`, enabled_events: ["customer.created"] });
  const paused = await stripe.webhookEndpoints.create({ url: `${at}/paused`, enabled_events: ["customer.created"] });
  await stripe.rawRequest("POST", `/console/webhook_endpoints/${paused.id}/pause`);
  await happen(stripe, 5);
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  await open("/test/endpoints");
  const row = (path: string) => page.getByRole("link").filter({ hasText: path });
  await row("/down").getByText("5 deliveries wait, the next try in").waitFor();
  expect(await row("/down").textContent()).toContain("Held back");
  await row("/paused").getByText("5 deliveries wait").waitFor();
  await row("/down").click();
  const why = page.getByText("It is held back: it failed too often in a row.");
  await why.waitFor();
  expect(await why.textContent()).toMatch(/The next try, with one delivery, is in \d+ min · .*5 deliveries wait/);
  await why.getByRole("link", { name: "5 deliveries wait" }).click();
  await page.getByText("the endpoint is held back").first().waitFor();
  expect(await page.getByText("the endpoint is held back").count()).toBe(5);

  await open(`/test/endpoints/${down.id}`);
  await page.getByRole("button", { name: "Resume…" }).click();
  await page.getByText("5 deliveries wait, 3 of them due. What is due is tried again, one at a time until one arrives.").waitFor();
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await page.getByText("in 3 attempts").waitFor();
  expect(complaints).toEqual([]);
  await close();
  for (const { id } of [down, paused]) await stripe.webhookEndpoints.del(id);
}, 60_000);

test("what was given up shows on the first page, with its endpoint and as a list, until it is received", async () => {
  const stripe = client();
  const { id } = await stripe.webhookEndpoints.create({ url: `${at}/down`, enabled_events: ["customer.created"] });
  await happen(stripe, 2);
  await server.clock.advance({ seconds: 80 * 3_600 });
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  await open("/test/live");
  const told = page.getByRole("region", { name: "List" }).getByText("2 deliveries were given up and not received since, and nothing");
  await told.waitFor();
  await page.getByRole("link", { name: "2 given up" }).click();
  expect(new URL(page.url()).search).toBe("?state=exhausted");
  await told.getByRole("link", { name: "2 to /down" }).click();
  await page.getByRole("region", { name: "List" }).getByText("Given up", { exact: true }).nth(2).waitFor();
  expect(new URL(page.url()).search).toBe(`?endpoint=${id}&state=unreceived`);
  await open(`/test/endpoints/${id}`);
  await page.getByText("2 deliveries were given up and not received since").waitFor();
  await page.getByRole("region", { name: "Its 2 deliveries" }).getByRole("link", { name: "2", exact: true }).waitFor();

  // The counts above the list lead to what they count.
  await page.getByRole("link", { name: "1 failing or held back" }).click();
  expect(new URL(page.url()).search).toBe("?standing=failing");
  await page.getByLabel("All endpoints").selectOption("paused");
  await page.getByText("No endpoint is like this").waitFor();

  await stripe.webhookEndpoints.update(id, { url: `${at}/well` });
  await open("/test/live");
  await page.getByRole("button", { name: "Resend all…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Count" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Send 2" }).click();
  await page.getByText("2 sent again.").waitFor();
  await told.waitFor({ state: "hidden" });
  expect(complaints).toEqual([]);
  await close();
  await stripe.webhookEndpoints.del(id);
}, 60_000);

test("a pause can be undone at once, from the message about it", async () => {
  const stripe = client();
  const { id } = await stripe.webhookEndpoints.create({ url: `${at}/well`, enabled_events: ["customer.created"] });
  const { page, open, complaints, close } = await openDashboard(chromium, server.url);
  await open(`/test/endpoints/${id}`);
  await page.getByRole("button", { name: "Pause…" }).click();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByText("It is paused since").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("The endpoint is resumed.").waitFor();
  await page.getByText("It is paused since").waitFor({ state: "hidden" });
  expect(await stripe.rawRequest("GET", `/console/webhook_endpoints/${id}`)).toMatchObject({ paused_at: null });
  expect(complaints).toEqual([]);
  await close();
  await stripe.webhookEndpoints.del(id);
}, 60_000);
