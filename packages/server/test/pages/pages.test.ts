import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChromium } from "../../../../scripts/start-chromium.ts";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { type Platform, platformOfItsOwn } from "../platform-of-its-own.ts";
import { authorizePath, withRedirects } from "./oauth/consent.ts";

/** Where screenshots of the pages go, for anyone who wants to look at them. */
const PICTURES = process.env.CARABINER_PICTURES;

let server: Carabiner;
let chromium: Browser;
/** The platform's own site: the users come back to it. */
let site: Server;
let home: string;
beforeAll(async () => {
  server = await startCarabiner();
  chromium = await startChromium();
  site = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://site");
    const fields = ["form_token", "action"].map((name) => `<input type="hidden" name="${name}" value="${searchParams.get(name)}">`);
    const form = `<form method="post" action="${searchParams.get("to")?.replaceAll("&", "&amp;")}">${fields.join("")}<button>Go on</button></form>`;
    response.setHeader("content-type", "text/html");
    response.end(`<title>The platform</title>Welcome back.${searchParams.has("to") ? form : ""}`);
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

/** Opens a new page, and checks that it loads nothing from elsewhere and reports no errors. */
async function browse(use: (page: Page) => Promise<void>, options: BrowserContextOptions = {}): Promise<void> {
  const context = await chromium.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (origin !== server.url && origin !== home) complaints.push(`asked for ${request.url()}`);
  });
  try {
    await use(page);
    expect(complaints.filter((text) => !/status of 4\d\d|favicon/.test(text))).toEqual([]);
  } finally {
    await context.close();
  }
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
}

/** What axe finds wrong by the rules of WCAG 2.2 AA. It is run past the page's own policy, which lets no script in. */
async function flaws(page: Page): Promise<string[]> {
  // On a phone only the width differs, which has a separate test.
  if (page.viewportSize()?.width === SIZES.phone.width) return [];
  await page.evaluate(await axeSource());
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })`,
  )) as { violations: { id: string; nodes: { html: string }[] }[] };
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}
async function axeSource(): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
}

const platform = async (): Promise<Platform> => {
  const p = await platformOfItsOwn(server);
  await withRedirects(p, "https://platform.example");
  await p.test.rawRequest("POST", "/console/application", { name: "Rocket Rides", redirect_uris: [`${home}/connected`] });
  return p;
};
const consentUrl = (p: Platform, more: Record<string, string> = {}) =>
  server.url + authorizePath({ client_id: p.applications.test, state: "s1", ...more });
const codeOf = (page: Page) => new URL(page.url()).searchParams.get("code") ?? "";

const SIZES = { wide: { width: 1_100, height: 900 }, phone: { width: 375, height: 812 } } as const;
const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) =>
  (["wide", "phone"] as const).map((size) => ({ name: `${colorScheme}-${size}`, options: { colorScheme, viewport: SIZES[size] } })),
);

const capabilities = { card_payments: { requested: true }, transfers: { requested: true } };

describe("the consent page", () => {
  test("connects a new account that the user describes", async () => {
    const p = await platform();
    await browse(async (page) => {
      await page.goto(consentUrl(p, { "stripe_user[business_name]": "Ada & Sons" }));
      await page.getByLabel("Email address").fill("ada@example.com");
      await page.getByLabel("Country").selectOption("DE");
      await page.getByRole("button", { name: "Create the account and connect it" }).click();
      await page.waitForURL(`${home}/connected?**`);
      expect(new URL(page.url()).searchParams.get("state")).toBe("s1");
      const token = await p.test.oauth.token({ grant_type: "authorization_code", code: codeOf(page) });
      const account = await p.test.accounts.retrieve(token.stripe_user_id ?? "");
      expect(account).toMatchObject({
        type: "standard",
        country: "DE",
        email: "ada@example.com",
        business_profile: { name: "Ada & Sons" },
      });
    });
  });

  test("works with the keyboard alone, and without script", async () => {
    const p = await platform();
    const { id } = await p.test.accounts.create({ type: "standard", business_profile: { name: "Keyboard Inc" } });
    await browse(
      async (page) => {
        await page.goto(consentUrl(p, { stripe_landing: "login" }));
        await page.keyboard.press("Tab");
        expect(await page.locator(":focus").textContent()).toBe("Skip to the content");
        await page.keyboard.press("Tab");
        expect(await page.locator(":focus").getAttribute("type")).toBe("radio");
        await page.keyboard.press("Space");
        for (let presses = 0; (await page.locator(":focus").inputValue()) !== id; presses++) {
          expect(presses).toBeLessThan(10);
          await page.keyboard.press("ArrowDown");
        }
        await page.keyboard.press("Enter");
        await page.waitForURL(`${home}/connected?**`);
        expect((await p.test.oauth.token({ grant_type: "authorization_code", code: codeOf(page) })).stripe_user_id).toBe(id);
      },
      { javaScriptEnabled: false },
    );
  });

  test("lets the user go back", async () => {
    const p = await platform();
    await browse(async (page) => {
      await page.goto(consentUrl(p));
      await page.getByRole("button", { name: "Go back to Rocket Rides" }).click();
      await page.waitForURL(`${home}/connected?**`);
      expect(new URL(page.url()).searchParams.get("error")).toBe("access_denied");
    });
  });

  test("has a form that can be skipped in test mode", async () => {
    const p = await platform();
    await browse(async (page) => {
      await page.goto(consentUrl(p));
      await page.getByRole("button", { name: "Skip this form" }).click();
      await page.waitForURL(`${home}/connected?**`);
      expect(codeOf(page)).toMatch(/^ac_/);
    });
  });

  test("takes no form from a neighbour, who may even have set its cookie", async () => {
    const p = await platform();
    const url = consentUrl(p);
    // A neighbour has opened the page itself, and has cookie and token of the server's making.
    const opened = await fetch(url);
    const [, form_token = ""] = /name="form_token" value="(\w+)"/.exec(await opened.text()) ?? [];
    const [name = "", value = ""] = (opened.headers.getSetCookie()[0]?.split(";")[0] ?? "").split("=");
    await browse(async (page) => {
      await page.context().addCookies([{ name, value, url: server.url }]);
      await page.goto(`${home}/?${new URLSearchParams({ to: url, form_token, action: "skip" })}`);
      const answered = page.waitForResponse((response) => response.url() === url);
      await page.getByRole("button", { name: "Go on" }).click();
      const answer = await answered;
      expect((await answer.request().allHeaders())["sec-fetch-site"]).toBe("same-site");
      expect(answer.status()).toBe(403);
      await page.getByRole("heading", { name: "This form was sent from another site" }).waitFor();
      await page.goto(url);
      await page.getByRole("button", { name: "Skip this form" }).click();
      await page.waitForURL(`${home}/connected?**`);
    });
  });

  test.each(LOOKS)("is accessible and fits: $name", async ({ name, options }) => {
    const p = await platform();
    await p.test.accounts.create({ type: "standard", email: "jo@example.com", business_profile: { name: "Jo's Bicycles" } });
    await browse(async (page) => {
      await page.goto(consentUrl(p, { stripe_landing: "login" }));
      await picture(page, `consent-${name}`);
      expect(await flaws(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
      await page.getByRole("button", { name: "Connect this account" }).click();
      await page.getByRole("alert").waitFor();
      await picture(page, `consent-error-${name}`);
      expect(await flaws(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
    }, options);
  });
});

/** By how many pixels a page is wider than its window. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate("Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)");

describe("the onboarding page", () => {
  const link = async (p: Platform, account: string) =>
    (await p.test.accountLinks.create({ account, type: "account_onboarding", refresh_url: `${home}/again`, return_url: `${home}/done` }))
      .url;

  test.each([true, false])("leads from a link to an enabled account and back (script: %s)", async (javaScriptEnabled) => {
    const p = await platform();
    const { id } = await p.test.accounts.create({ type: "express", capabilities });
    const url = await link(p, id);
    await browse(
      async (page) => {
        await page.goto(url);
        await page.getByLabel("Kind of business").selectOption("individual");
        await page.getByRole("button", { name: "Agree and continue" }).click();
        await page.getByRole("status").waitFor();
        await page.getByRole("button", { name: "Use test values" }).click();
        expect(await page.getByLabel("First name").inputValue()).toBe("Jenny");
        await page.getByLabel("First name").fill("Ada");
        await page.getByRole("button", { name: "Agree and continue" }).click();
        await page.waitForURL(`${home}/done`);
        await server.clock.advance({ seconds: 600 });
        expect(await p.test.accounts.retrieve(id)).toMatchObject({
          charges_enabled: true,
          payouts_enabled: true,
          details_submitted: true,
          individual: { first_name: "Ada" },
        });
        await page.goto(url);
        await page.waitForURL(`${home}/again`);
      },
      { javaScriptEnabled },
    );
  });

  test("leads a company through the people behind it, by keyboard", async () => {
    const p = await platform();
    const { id } = await p.test.accounts.create({ type: "express", country: "DE", business_type: "company", capabilities });
    const press = async (page: Page, name: string) => {
      await page.getByRole("button", { name }).focus();
      const arrived = page.waitForEvent("load");
      await page.keyboard.press("Enter");
      await arrived;
    };
    const url = await link(p, id);
    await browse(async (page) => {
      await page.goto(url);
      for (let step = 0; page.url() !== `${home}/done`; step++) {
        expect(step).toBeLessThan(6);
        await press(page, "Use test values");
        await press(page, "Agree and continue");
      }
      await server.clock.advance({ seconds: 600 });
      expect(await p.test.accounts.retrieve(id)).toMatchObject({ charges_enabled: true, payouts_enabled: true });
    });
  });

  test("fits the narrowest window with a name of any length", async () => {
    const p = await platform();
    const name = "x".repeat(100);
    const { id } = await p.test.accounts.create({ type: "express", business_profile: { name }, capabilities });
    const url = await link(p, id);
    await browse(
      async (page) => {
        await page.goto(url);
        expect(await overflow(page)).toBe(0);
        await p.test.rawRequest("POST", `/v1/test_helpers/accounts/${id}/complete_onboarding`, { verification: "immediate" });
        await page.goto((await p.test.accounts.createLoginLink(id)).url);
        await page.getByRole("heading", { name }).waitFor();
        expect(await overflow(page)).toBe(0);
      },
      { viewport: { width: 320, height: 740 } },
    );
  });

  test.each(LOOKS)("is accessible and fits: $name", async ({ name, options }) => {
    const p = await platform();
    const { id } = await p.test.accounts.create({ type: "express", business_type: "individual", capabilities });
    const url = await link(p, id);
    await browse(async (page) => {
      await page.goto(url);
      await picture(page, `setup-${name}`);
      expect(await flaws(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
      await page.getByLabel("First name").fill("Ada");
      await page.getByRole("button", { name: "Agree and continue" }).click();
      await page.getByRole("alert").waitFor();
      await picture(page, `setup-error-${name}`);
      expect(await flaws(page)).toEqual([]);
      await page.getByRole("button", { name: "Use test values" }).click();
      await page.getByRole("button", { name: "Agree and continue" }).click();
      await page.waitForURL(`${home}/done`);
      const login = await p.test.accounts.createLoginLink(id);
      await page.goto(login.url);
      await picture(page, `express-${name}`);
      expect(await flaws(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
    }, options);
  });
});
