import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChromium } from "../../../../scripts/start-chromium.ts";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { platformOfItsOwn } from "../platform-of-its-own.ts";

/** Where screenshots of the page go, for anyone who wants to look at them. */
const PICTURES = process.env.CARABINER_PICTURES;

let server: Carabiner;
let chromium: Browser;
/** The platform's own site: customers come back to it. */
let site: Server;
let home: string;
beforeAll(async () => {
  server = await startCarabiner();
  chromium = await startChromium();
  site = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<title>The shop</title>Thank you.");
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  home = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await chromium.close();
  site.closeAllConnections();
  site.close();
  await server.close();
});

/** What axe finds wrong by the rules of WCAG 2.2 AA. */
async function flaws(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })`,
  )) as { violations: { id: string; nodes: { html: string }[] }[] };
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

describe("the checkout page", { timeout: 60_000 }, () => {
  const open = async (more: object = {}) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const session = await stripe.checkout.sessions.create({
      mode: "payment",
      line_items: [{ price_data: { currency: "usd", unit_amount: 2_000, product_data: { name: "Ride" } }, quantity: 2 }],
      success_url: `${home}/done?session={CHECKOUT_SESSION_ID}`,
      cancel_url: `${home}/cart`,
      ...more,
    });
    return { stripe, session };
  };

  test.each([320, 1_024])("fits a window of %i px with names of any length", async (width) => {
    const word = "x".repeat(250);
    const prices = [word, "فرع الرياض للتجارة", "株式会社とても長い名前の花屋さん".repeat(15)].map((name) => ({
      price_data: { currency: "usd", unit_amount: 33_333_333, product_data: { name } },
    }));
    const { session } = await open({ line_items: prices.map((price) => ({ ...price, quantity: 1 })) });
    const page = await chromium.newPage({ viewport: { width, height: 740 } });
    await page.goto(session.url as string);
    await page.getByText(word).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    // An amount stays in one line.
    const spaces = await page.evaluate("[...document.querySelectorAll('th + td')].map((cell) => getComputedStyle(cell).whiteSpace)");
    expect(spaces).toEqual(Array.from({ length: 4 }, () => "nowrap"));
    await page.close();
  });

  test("is paid by keyboard alone, without script, after a card was declined", async () => {
    const { stripe, session } = await open();
    const context = await chromium.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(session.url as string);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    /** From the top of the page: past the link to the content, over the fields in their order, to the button. */
    const fill = async (number: string) => {
      await page.locator("#email").focus();
      for (const text of ["jenny@example.com", number, "04 / 40", "123", "Jenny Rosen"]) {
        await press("Control+A");
        await page.keyboard.type(text);
        await press("Tab");
      }
      await press("Enter");
    };
    await press("Tab", "Tab");
    await page.locator("#email:focus").waitFor();
    await fill("4000000000000002");
    expect(await page.locator("[role=alert]").textContent()).toContain("Your card was declined.");
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/checkout-declined.png`, fullPage: true });
    await fill("4242424242424242");
    await page.waitForURL(`${home}/done?session=${session.id}`);
    expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe("paid");
    await context.close();
  });

  test("leads back to the shop, and has no flaw that axe can find", async () => {
    const { session } = await open({
      allow_promotion_codes: true,
      billing_address_collection: "required",
      phone_number_collection: { enabled: true },
    });
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.goto(session.url as string);
    expect(await flaws(page)).toEqual([]);
    await page.getByRole("button", { name: "Pay $40.00" }).click();
    expect(await page.locator("[role=alert] li").count()).toBeGreaterThan(5);
    expect(await flaws(page)).toEqual([]);
    await page.getByRole("button", { name: "Go back" }).click();
    await page.waitForURL(`${home}/cart`);
    await context.close();
  });
});
