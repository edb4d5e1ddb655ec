import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { type Carabiner, startCarabiner } from "@carabiner/server";
import type { Browser } from "playwright-core";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { type OpenedDashboard, openDashboard } from "./opened-dashboard.ts";

let server: Carabiner;
let chromium: Browser;
let dashboard: OpenedDashboard;
let receiver: Server;
let secret = "";
/** What came, and whether the endpoint's secret signed it. */
const received: { body: string; isSigned: boolean }[] = [];
beforeAll(async () => {
  [server, chromium] = await Promise.all([startCarabiner(), startChromium()]);
  dashboard = await openDashboard(chromium, server.url, { permissions: ["clipboard-read", "clipboard-write"] });
  receiver = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString("utf8");
    let isSigned = true;
    try {
      // The server has its own clock.
      Stripe.webhooks.constructEvent(body, request.headers["stripe-signature"] ?? "", secret, Number.MAX_SAFE_INTEGER);
    } catch {
      isSigned = false;
    }
    received.push({ body, isSigned });
    response.writeHead(isSigned ? 204 : 400).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
}, 60_000);
afterAll(async () => {
  await chromium.close();
  receiver.closeAllConnections();
  receiver.close();
  await server.close();
});

const run = promisify(execFile);

/** Runs a copied command in a shell, and fails when the server refuses what it asks. */
const paste = async (command: string): Promise<void> => void (await run("sh", ["-c", `${command} -sS --fail-with-body -o /dev/null`]));

test("the command of every empty page works when it is pasted, and the page shows what it did", async () => {
  const { page, turnTo } = dashboard;
  await dashboard.open("/live");
  const commands: string[] = [];
  for (const path of ["/live", "/test/live", "/test/events", "/test/deliveries", "/test/endpoints", "/test/accounts", "/test/requests"]) {
    await turnTo(path);
    await page.getByRole("heading", { level: 1, name: new RegExp(path.split("/").at(-1) ?? "", "i") }).waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Copy the command" }).click();
    commands.push(await page.evaluate("navigator.clipboard.readText()"));
    expect(commands.at(-1)).toBe(await page.locator(".command code").textContent());
  }
  expect(new Set(commands).size).toBe(4);
  for (const command of commands) await paste(command);
  await page.locator(".rows li").nth(5).waitFor();
  await turnTo("/live");
  await page.getByText("account.application.authorized").waitFor();
  await turnTo("/test/requests?status=5xx");
  await page.getByText("No request is like this").waitFor();
  expect(await page.locator(".command").count()).toBe(0);
});

test("a copied request is the same bytes, so that its signature holds, also in another version of the API", async () => {
  const { page, open } = dashboard;
  const stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/connect`;
  const made = await stripe.webhookEndpoints.create({ url, connect: true, enabled_events: ["account.updated"], api_version: "2022-11-15" });
  secret = made.secret ?? "";
  const { data: accounts } = await stripe.accounts.list();
  await stripe.accounts.update(accounts[0]?.id ?? "", { metadata: { note: "it's `x` and $(y) …" } });
  await server.idle();
  const list = (await stripe.rawRequest("GET", `/console/deliveries?endpoint=${made.id}`)) as unknown as { data: { id: string }[] };
  await open(`/test/deliveries/${list.data[0]?.id}`);
  await page.getByRole("button", { name: "Copy as curl" }).click();
  await page.getByText("2022-11-15").waitFor({ state: "attached" });
  await paste(await page.evaluate("navigator.clipboard.readText()"));
  await page.getByRole("button", { name: "as a test" }).click();
  const test = await page.evaluate<string>("navigator.clipboard.readText()");
  await run(process.execPath, ["--input-type=module", "--eval", test], {
    cwd: import.meta.dirname,
    env: { ...process.env, WEBHOOK_SECRET: secret },
  });
  expect(received).toHaveLength(3);
  expect(received).toEqual(received.map(() => ({ body: received[0]?.body, isSigned: true })));
});

test("a secret in a dialog can be copied on a page that is not secure, where browsers have no clipboard for scripts", async () => {
  const { page, turnTo } = dashboard;
  await dashboard.open("/test/live");
  await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
  await turnTo("/test/endpoints");
  await page.getByRole("button", { name: "New endpoint…" }).click();
  await page.getByLabel("URL").fill("https://example.com/copied");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("dialog").getByText("whsec_").waitFor();
  const made = await page.getByRole("dialog").locator("code").textContent();
  await page.getByRole("button", { name: "Copy the secret" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await page.evaluate("document.activeElement.className")).toContain("copy");
  await dashboard.open("/test/live");
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(made);
});
