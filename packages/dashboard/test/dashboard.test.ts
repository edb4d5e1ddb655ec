import { type Carabiner, startCarabiner } from "@carabiner/server";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { everyPage } from "./every-page.ts";
import { expectNoOverflow, flaws, type OpenedDashboard, openDashboard } from "./opened-dashboard.ts";
import { type PlatformWithHistory, platformWithHistory } from "./platform-with-history.ts";

/** Where screenshots of the pages go, for anyone who wants to look at them. */
const PICTURES = process.env.CARABINER_PICTURES;

let server: Carabiner;
let chromium: Browser;
let platform: PlatformWithHistory;
let dashboard: OpenedDashboard;
beforeAll(async () => {
  [server, chromium] = await Promise.all([startCarabiner(), startChromium()]);
  platform = await platformWithHistory(server);
  dashboard = await openDashboard(chromium, server.url);
}, 60_000);
afterAll(async () => {
  await chromium.close();
  platform.receiver.closeAllConnections();
  platform.receiver.close();
  await server.close();
});

/** A page at three widths, in both themes. */
async function takePictures(page: Page, path: string): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [width, height] of [
      [360, 740],
      [1_280, 800],
      [2_560, 1_440],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: `${path}-${colorScheme}-${width}.png` });
    }
  }
}

test("every page is accessible in both themes, stays within its policy, and fits from 360 px on", async () => {
  const opened = await openDashboard(chromium, server.url, { colorScheme: "light" });
  const { page } = opened;
  const found: string[] = [];
  await opened.open("/test/live");
  for (const [path, text] of everyPage(platform)) {
    await opened.turnTo(path);
    await page.getByText(text).first().waitFor();
    const name = path.slice(1).replaceAll("/", "-");
    found.push(...(await flaws(page)).map((flaw) => `${path} ${flaw}`));
    await page.emulateMedia({ colorScheme: "dark" });
    found.push(...(await flaws(page, ["color-contrast"])).map((flaw) => `${path}, dark: ${flaw}`));
    for (const width of [2_560, 1_280, 768, 360]) {
      await page.setViewportSize({ width, height: width === 2_560 ? 1_440 : 740 });
      await expectNoOverflow(page, path);
    }
    if (PICTURES !== undefined) await takePictures(page, `${PICTURES}/${name}`);
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1_280, height: 800 });
  }
  expect([...found, ...opened.complaints]).toEqual([]);
  await opened.close();
}, 120_000);

const FAILED = "payout.failed";

describe("what happens", () => {
  test("shows at once on Live, without a reload", async () => {
    const { page, open } = dashboard;
    await open("/test/live");
    await page.getByText(FAILED).first().waitFor();
    const { id } = await platform.stripe.accounts.create({ type: "express", business_profile: { name: "New on the block" } });
    await page.getByTitle(id).first().waitFor();
    expect(
      await page
        .getByRole("link", { name: /account\.application\.authorized/ })
        .filter({ has: page.getByTitle(id) })
        .count(),
    ).toBe(1);
    await platform.stripe.accounts.del(id);
  });

  test("waits above the list while someone reads", async () => {
    const { page, open } = dashboard;
    await open(`/test/live/${platform.failing}`);
    await page.getByRole("heading", { name: "Attempt 1" }).waitFor();
    const first = await page.locator(".rows li a").first().getAttribute("href");
    await platform.stripe.accounts.update(platform.bakery, { metadata: { order: "1" } });
    await page.getByRole("button", { name: /\d+ new/ }).waitFor();
    expect(await page.locator(".rows li a").first().getAttribute("href")).toBe(first);
    await page.getByRole("button", { name: /\d+ new/ }).click();
    await page.locator(".rows li").first().getByText("Tiny Bakery").waitFor();
  });
});

describe("a delivery that failed", () => {
  test("says why, what to do, what was sent, how it was signed, and what was answered", async () => {
    const { page, open } = dashboard;
    await open(`/test/deliveries/${platform.failing}`);
    const detail = page.getByRole("region", { name: "Details" });
    await detail.getByText("The handler failed").first().waitFor();
    await detail.getByText("Next try").waitFor();
    await detail.getByRole("row", { name: /stripe-signature t=\d+,v1=/ }).waitFor();
    expect(await detail.locator("pre.body").textContent()).toContain("<b>TypeError</b>");
    const sent = platform.received.findLast(({ path }) => path === "/broken");
    const secret = (
      (await platform.stripe.rawRequest("POST", `/console/webhook_endpoints/${platform.broken}/reveal_secret`)) as unknown as {
        secrets: { secret: string }[];
      }
    ).secrets[0]?.secret;
    await detail.getByText(/made with whsec_\*\*\*\*\S+, its current secret/).waitFor();
    await detail.getByText("Check a body and a secret against it").click();
    await detail.getByLabel("Secret").fill(secret ?? "");
    await detail.getByLabel("Raw body").fill(sent?.body ?? "");
    await detail.getByRole("button", { name: "Check" }).click();
    await detail.getByText("This secret made this signature of this body.").waitFor();
    await detail.getByLabel("Raw body").fill(`${sent?.body} `);
    await detail.getByRole("button", { name: "Check" }).click();
    await detail.getByText("This secret makes another signature").waitFor();
  });

  test("is sent again with the button, and with the key", async () => {
    const { page, open } = dashboard;
    await open(`/test/deliveries/${platform.failing}`);
    const before = platform.received.filter(({ path }) => path === "/broken").length;
    await page.getByRole("button", { name: "Resend", exact: true }).first().click();
    await page.getByText("is sent again").first().waitFor();
    await page.keyboard.press("r");
    await expect.poll(() => platform.received.filter(({ path }) => path === "/broken").length).toBe(before + 2);
    await server.idle();
  });
});

describe("an endpoint", () => {
  test("is created, tested, rolled with an overlap, disabled and deleted", async () => {
    const { page, open } = dashboard;
    await open("/test/endpoints");
    await page.getByRole("button", { name: "New endpoint…" }).click();
    const url = new URL("/connect?second", (await platform.stripe.webhookEndpoints.retrieve(platform.healthy)).url).href;
    await page.getByLabel("URL").fill(url);
    await page.getByLabel("Event types").fill("account.updated\npayout.failed");
    await page.getByRole("button", { name: "Create" }).click();
    const secret = await page.getByRole("dialog").locator("code").textContent();
    expect(secret).toMatch(/^whsec_/);
    await page.getByRole("button", { name: "Close", exact: true }).click();

    await page.getByRole("button", { name: "Send test event" }).click();
    await page.getByText("A test event is sent.").waitFor();
    await page.getByRole("button", { name: "Secret…" }).click();
    await page.getByRole("button", { name: "Reveal" }).click();
    await page
      .getByRole("dialog")
      .getByText(secret ?? "")
      .waitFor();
    await page.getByRole("button", { name: "Roll…" }).click();
    await page.getByRole("button", { name: "Roll", exact: true }).click();
    await page.getByRole("dialog", { name: "The secret is rolled" }).waitFor();
    await page.getByRole("button", { name: "Close", exact: true }).click();
    const sent = page.waitForResponse((response) => response.url().endsWith("/test"));
    await page.getByRole("button", { name: "Send test event" }).click();
    await sent;
    await server.idle();
    const last = platform.received.findLast(({ path }) => path === "/connect?second");
    expect(last?.signature.match(/v1=/g)).toHaveLength(2);

    await page.getByRole("button", { name: "Pause…" }).click();
    await page.getByText("Nothing is sent until the endpoint is resumed").waitFor();
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await page.getByText("It is paused since").waitFor();
    await page.getByRole("button", { name: "Resume…" }).click();
    await page.getByRole("button", { name: "Resume", exact: true }).click();
    await page.getByText("It is paused since").waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Disable…" }).click();
    await page.getByText("are cancelled as they fall due").waitFor();
    await page.getByRole("button", { name: "Disable", exact: true }).click();
    await page.getByText("You disabled it.").waitFor();
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("The endpoint is deleted.").waitFor();
    expect(await page.getByText("/connect?second").count()).toBe(0);
  });

  test("recovers what was cancelled while it was disabled: counted first, then sent", async () => {
    const { page, open } = dashboard;
    const { url } = await platform.stripe.webhookEndpoints.retrieve(platform.healthy);
    const { id } = await platform.stripe.webhookEndpoints.create({
      url: `${url}?missed`,
      enabled_events: ["account.updated"],
      connect: true,
    });
    await platform.stripe.webhookEndpoints.update(id, { disabled: true });
    await platform.stripe.accounts.update(platform.florist, { metadata: { missed: "yes" } });
    await server.idle();
    await platform.stripe.webhookEndpoints.update(id, { disabled: false });
    await open(`/test/endpoints/${id}`);
    await page.getByRole("button", { name: "Recover…" }).click();
    await page.getByRole("button", { name: "Count" }).click();
    await page.getByText("1 delivery is to be sent again.").waitFor();
    expect(platform.received.some(({ path }) => path.endsWith("?missed"))).toBe(false);
    await page.getByRole("button", { name: "Send 1" }).click();
    await page.getByText("1 sent again.").waitFor();
    await server.idle();
    expect(platform.received.filter(({ path }) => path.endsWith("?missed"))).toHaveLength(1);
    await platform.stripe.webhookEndpoints.del(id);
  });

  test("that cannot be is refused in the dialog, with the reason, and nothing typed is lost", async () => {
    const { page, open } = dashboard;
    await open("/test/endpoints");
    await page.getByRole("button", { name: "New endpoint…" }).click();
    await page.getByLabel("URL").fill("https://example.com/hook");
    await page.getByLabel("Event types").fill("account.misspelt");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("dialog").getByRole("alert").waitFor();
    expect(await page.getByLabel("URL").inputValue()).toBe("https://example.com/hook");
    await page.keyboard.press("Escape");
    expect(await page.getByRole("dialog").count()).toBe(0);
  });
});

describe("an account", () => {
  test("shows what is due and why, and a test helper completes it", async () => {
    const { page, open } = dashboard;
    await open(`/test/accounts/${platform.bakery}`);
    await page.getByRole("row", { name: /external_account past due/ }).waitFor();
    await page.getByRole("button", { name: "Complete onboarding…" }).click();
    await page.getByRole("button", { name: "Complete", exact: true }).click();
    await page.getByText("The onboarding is complete.").waitFor();
    await page.getByRole("region", { name: "Details" }).getByText("nothing due").waitFor();
    await page.getByRole("button", { name: "Make due…" }).click();
    await page.getByRole("textbox", { name: "Requirement" }).fill("individual.verification.document");
    await page.getByRole("combobox", { name: "Past due" }).selectOption("7");
    await page.getByRole("button", { name: "Make it due" }).click();
    await page.getByRole("row", { name: /individual\.verification\.document due in 6 d/ }).waitFor();
  });

  test("shows its configurations with their capabilities, as the v2 API has them", async () => {
    const { page, open } = dashboard;
    const requested = { requested: true };
    const { id } = await platform.stripe.v2.core.accounts.create({
      display_name: "Both buyer and seller",
      contact_email: "both@example.com",
      dashboard: "none",
      identity: { country: "us" },
      defaults: { responsibilities: { fees_collector: "application", losses_collector: "application" } },
      configuration: {
        customer: { capabilities: { automatic_indirect_tax: requested } },
        merchant: { capabilities: { card_payments: requested } },
      },
    });
    await open(`/test/accounts/${id}`);
    const configurations = page.getByRole("region", { name: "Configurations" });
    const merchant = configurations.getByRole("list", { name: "Capabilities of merchant" }).getByRole("listitem");
    await merchant.filter({ hasText: "card_payments" }).getByText("restricted").waitFor();
    await merchant.filter({ hasText: "stripe_balance.payouts" }).getByText("something that it needs is past due").waitFor();
    const customer = configurations.getByRole("list", { name: "Capabilities of customer" });
    await customer.getByText("automatic_indirect_tax").waitFor();
    expect(await configurations.getByText("recipient").count()).toBe(0);
    // The result shows without a reload.
    await platform.stripe.v2.core.accounts.update(id, { configuration: { customer: { applied: false } } });
    await configurations.getByText("not applied").waitFor();
    expect(await flaws(page)).toEqual([]);
  });

  test("shows its payouts, and fails one", async () => {
    const { page, open } = dashboard;
    await open(`/test/accounts/${platform.florist}`);
    await page.getByText("could_not_process").waitFor();
    await page.getByText("$50.00").first().waitFor();
  });
});

describe("an account's test helpers", () => {
  /** A separate, complete account, on its page. */
  async function onAccount(type: "express" | "standard", name: string): Promise<{ id: string; detail: Locator }> {
    const { id } = await platform.stripe.accounts.create({
      type,
      business_profile: { name, mcc: "5734" },
      ...(type === "express" ? { capabilities: { card_payments: { requested: true }, transfers: { requested: true } } } : {}),
    });
    await platform.stripe.rawRequest("POST", `/v1/test_helpers/accounts/${id}/complete_onboarding`, { verification: "immediate" });
    await dashboard.open(`/test/accounts/${id}`);
    return { id, detail: dashboard.page.getByRole("region", { name: "Details" }) };
  }

  test("stop its payouts and start them again", async () => {
    const { page } = dashboard;
    const { id, detail } = await onAccount("express", "Stopped");
    const choose = async (value: string): Promise<void> => {
      await page.getByRole("button", { name: "Stop or resume…" }).click();
      await page.getByRole("combobox", { name: "Payouts" }).selectOption(value);
      await page.getByRole("button", { name: "Apply" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
    };
    await choose("true");
    await detail.getByText("Payouts are off:").waitFor();
    expect((await platform.stripe.accounts.retrieve(id)).payouts_enabled).toBe(false);
    await choose("false");
    await detail.getByText("Payouts are off:").waitFor({ state: "detached" });
    expect((await platform.stripe.accounts.retrieve(id)).payouts_enabled).toBe(true);
  });

  test("take it across a threshold of charges, and decide its verification", async () => {
    const { page } = dashboard;
    const { detail } = await onAccount("express", "Threshold");
    const due = detail.getByRole("region", { name: "Requirements" }).getByRole("row");
    await page.getByRole("button", { name: "Cross a threshold…" }).click();
    await page.getByRole("combobox", { name: "Which" }).selectOption("payout_block");
    await page.getByRole("button", { name: "Cross it" }).click();
    await due.filter({ hasText: "past due" }).first().waitFor();
    await detail.getByText("Payouts are off:").waitFor();
    await page.getByRole("button", { name: "Verify…" }).click();
    await page.getByRole("combobox", { name: "Outcome" }).selectOption("failed");
    await page.getByRole("button", { name: "Decide" }).click();
    await page.getByText("The verification is decided.").waitFor();
  });

  test("disconnect it: its page then says that there is nothing by its id", async () => {
    const { page } = dashboard;
    const { detail } = await onAccount("standard", "Leaving");
    const connections = detail.getByRole("region", { name: "Connections" });
    await connections.getByText("may read and write").waitFor();
    await connections.getByText("connected").waitFor();
    await page.getByRole("button", { name: "Disconnect…" }).click();
    await page.getByRole("button", { name: "Disconnect", exact: true }).click();
    await page.getByText("The account is disconnected.").waitFor();
    await page.getByRole("heading", { name: "There is nothing by this id" }).waitFor();
  });

  test("pay a payout now", async () => {
    const { id: account, detail } = await onAccount("express", "Paid");
    const on = { stripeAccount: account };
    await platform.stripe.paymentIntents.create(
      {
        amount: 5_000,
        currency: "usd",
        payment_method: "pm_card_bypassPending",
        confirm: true,
        automatic_payment_methods: { enabled: true, allow_redirects: "never" },
      },
      on,
    );
    const { id } = await platform.stripe.payouts.create({ amount: 1_234, currency: "usd" }, on);
    const line = detail.getByRole("listitem").filter({ hasText: "$12.34" });
    await line.getByRole("button", { name: "Pay now" }).click();
    await line.locator(".state.good", { hasText: "paid" }).waitFor();
    expect((await platform.stripe.payouts.retrieve(id, {}, on)).status).toBe("paid");
  });
});

test("the clock goes to what falls due next, and says what happened on the way", async () => {
  const { page, open } = dashboard;
  const { data } = (await platform.stripe.rawRequest("GET", "/console/upcoming")) as unknown as { data: { kind: string; at: number }[] };
  // So that nothing falls due before the next attempt, as a day's payouts do at midnight, and it waits for the click.
  await server.clock.freeze();
  await server.clock.advance({ to: (data.find(({ kind }) => kind === "attempt")?.at ?? Number.NaN) - 1 });
  await open("/test/clock");
  await page.getByRole("link", { name: FAILED }).first().waitFor();
  await page.getByRole("button", { name: /To the next/ }).click();
  const happened = page.getByRole("region", { name: "What happened on the way" });
  await happened.getByText(FAILED).first().waitFor();
  await page.getByRole("button", { name: "Let it run" }).click();
  await page.getByRole("button", { name: "+ an hour" }).click();
  await page.getByRole("link", { name: /clock .* ahead/ }).waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  await expectNoOverflow(page, "a page that says how far the clock is ahead");
  if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/turned-clock-360.png` });
  await page.setViewportSize({ width: 1_280, height: 800 });
});

test("a request that was refused says what was wrong, and with which parameter", async () => {
  const { page, open } = dashboard;
  await open("/test/requests?status=4xx");
  await page.getByRole("link", { name: /POST\s*\/v1\/accounts.*400/ }).click();
  await page.getByText("Look at the parameter country.").waitFor();
});

test("a request shows its path with ids, its query, its parameters and the answer, without secrets", async () => {
  const { page, open, turnTo } = dashboard;
  const read = await platform.stripe.accounts.retrieve(platform.florist, { expand: ["settings"] });
  await open("/test/requests?method=GET");
  await page.getByTitle(`/v1/accounts/${platform.florist}`, { exact: true }).first().click();
  const detail = page.getByRole("region", { name: "Details" });
  await detail.getByRole("region", { name: "Query" }).getByText("expand[").first().waitFor();
  await detail
    .getByRole("region", { name: "Answer" })
    .getByText(read.email ?? read.id)
    .first()
    .waitFor();
  const made = await platform.stripe.webhookEndpoints.create({ url: "https://example.com/kept", enabled_events: ["*"] });
  await turnTo("/test/requests?method=POST");
  await page.locator(`a[href*="${made.lastResponse.requestId}"]`).click();
  await detail.getByRole("region", { name: "Parameters" }).getByText("enabled_events").first().waitFor();
  await detail.getByRole("region", { name: "Answer" }).getByText("****").waitFor();
  expect(await page.content()).not.toContain(made.secret);
  await platform.stripe.webhookEndpoints.del(made.id);
});

test("the system's state is shown with its figures, its disk use and the limits in force", async () => {
  const { page, open } = dashboard;
  await open("/test/system");
  await page.getByRole("region", { name: "Deliveries of the whole server" }).getByText("Due now").waitFor();
  await page.getByRole("region", { name: "Server" }).getByText("SQLite").waitFor();
  await page
    .getByRole("region", { name: "Disk use" })
    .getByText(/^[\d.]+ [kM]B$/)
    .first()
    .waitFor();
  await page.getByText(/\d+ limits, by the names/).click();
  await page.getByRole("row", { name: "attemptDeadlineMs 30 s" }).waitFor();
  expect(await flaws(page)).toEqual([]);
  expect(await page.content()).not.toContain(server.keys.test.secret);
});

test("an event is published, and followed to its delivery", async () => {
  const { page, open } = dashboard;
  await open("/test/publish");
  await page.getByRole("combobox", { name: "Event type" }).fill("failed payout");
  await page.getByRole("option", { name: "payout.failed" }).waitFor();
  expect(await flaws(page)).toEqual([]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const object = page.getByLabel("The object, as JSON");
  await expect.poll(() => object.inputValue()).toContain('"status": "failed"');
  // Another type brings its own sample, but never over what was typed.
  await page.getByRole("combobox", { name: "Event type" }).fill("payout.paid");
  await expect.poll(() => object.inputValue()).toContain('"status": "paid"');
  await page.getByRole("combobox", { name: "On the account" }).fill(platform.florist);
  await object.fill("[1]");
  await page.getByRole("combobox", { name: "Event type" }).fill(FAILED);
  await page.getByRole("button", { name: "Replace it with the sample of payout.failed" }).waitFor();
  expect(await object.inputValue()).toBe("[1]");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("alert").getByText("The object of an event is a JSON object").waitFor();
  await page.getByRole("button", { name: "Replace it with the sample of payout.failed" }).click();
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("link", { name: "Follow it" }).click();
  await page.getByRole("heading", { name: FAILED }).waitFor();
});

test("the keyboard alone leads from any page to a delivery and back", async () => {
  const { page, open } = dashboard;
  await open("/test/system");
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await page.getByText(FAILED).first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Details" }).getByRole("heading").first().waitFor();
  expect(page.url()).toMatch(/\/deliveries\/dlv_/);
  const before = page.url();
  await page.keyboard.press("j");
  await page.waitForURL((url) => url.href !== before && url.pathname.includes("/deliveries/dlv_"));
  await page.keyboard.press("Escape");
  await page.waitForURL("**/test/deliveries");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.type(platform.hostile);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/test/events/${platform.hostile}`);
  const { data: payouts } = await platform.stripe.payouts.list({}, { stripeAccount: platform.florist });
  await page.keyboard.press("/");
  await page.keyboard.type(payouts[0]?.id ?? "");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/test/accounts/${platform.florist}`);
  await page.keyboard.press("/");
  await page.keyboard.type("po_nothing");
  await page.keyboard.press("Enter");
  await page.getByText("Nothing has this id in this mode.").waitFor();
});

test("a payload is text, whatever is in it", async () => {
  const { page, open, complaints } = dashboard;
  await open(`/test/events/${platform.hostile}`);
  const object = page.getByRole("region", { name: "The object", exact: true });
  await object.getByText("<svg xmlns").waitFor();
  await object.getByText("<b>markup</b>").waitFor();
  expect(await object.locator("svg:not([aria-hidden]), script, img, b").count()).toBe(0);
  expect(await object.getByRole("link", { name: /javascript/ }).count()).toBe(0);
  await object.getByRole("button", { name: /989,700 more characters/ }).click();
  await object.getByRole("button", { name: /969,700 more characters/ }).waitFor();
  await expectNoOverflow(page, "a long payload");
  await object.getByRole("searchbox").fill("onload");
  await object.getByText("1 match").waitFor();
  expect(await page.title()).toBe("Events · Carabiner");
  expect(complaints).toEqual([]);
});

test("an id that is not there, and one of the other mode, say so", async () => {
  const { page, open } = dashboard;
  for (const path of [
    "/test/events/evt_nothing",
    `/deliveries/${platform.failing}`,
    "/test/endpoints/we_x",
    "/test/requests/req_x",
    "/test/accounts/acct_x",
    "/accounts/acct_x",
  ]) {
    await open(path);
    await page.getByRole("heading", { name: "There is nothing by this id" }).waitFor();
  }
});

test("an address that names live mode leads to its page", async () => {
  await dashboard.open("/live/accounts?due=past");
  await dashboard.page.waitForURL("**/dashboard/accounts?due=past");
  await dashboard.page.getByText("Live mode").waitFor();
});

test("a filter that cannot be is refused, and not left out", async () => {
  const { page, open } = dashboard;
  for (const path of ["/test/live?since=ever", "/test/deliveries?since=ever", "/test/requests?since=ever", "/test/deliveries?state=lost"]) {
    await open(path);
    await page.getByRole("heading", { name: "This cannot be asked for" }).waitFor();
    if (path.includes("since")) await page.getByText("The filter since takes one of 15m, 1h, 24h, 7d, 30d.").waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    await page.locator(".rows li").first().waitFor();
  }
});

test("requests the stream again after an answer that is not a stream", async () => {
  const opened = await openDashboard(chromium, server.url);
  const { page } = opened;
  await page.clock.install();
  await page.route("**/console/stream?*", (route) => route.fulfill({ status: 502, contentType: "text/html", body: "Bad Gateway" }), {
    times: 1,
  });
  await opened.open("/test/live");
  await page.getByText(FAILED).first().waitFor();
  const again = page.waitForResponse((response) => response.url().includes("/console/stream") && response.ok());
  await page.clock.fastForward(6_000);
  await again;
  await opened.close();
});

test("a thin event is listed and shown among whole ones", async () => {
  const { id } = await platform.stripe.v2.core.eventDestinations.create({
    name: "thin",
    type: "webhook_endpoint",
    event_payload: "thin",
    events_from: ["@self"],
    enabled_events: ["v1.customer.created"],
    webhook_endpoint: { url: `${server.url}/thin` },
  });
  await platform.stripe.customers.create();
  const { page, open, turnTo } = dashboard;
  await open("/test/endpoints");
  await page.getByText("/thin").first().waitFor();
  await turnTo("/test/events");
  await page.getByText("v1.customer.created").first().click();
  await page.getByText("As the API shows it").click();
  await page.getByText("snapshot_event").first().waitFor();
  expect(dashboard.complaints).toEqual([]);
  await platform.stripe.v2.core.eventDestinations.del(id);
});

test("deliveries are charted by day, for an endpoint and for an account, with the same figures as a table", async () => {
  const { page, open } = dashboard;
  await platform.stripe.rawRequest("POST", "/v1/test_helpers/clock/advance", { seconds: 86_400 });
  await platform.stripe.accounts.update(platform.florist, { metadata: { day: "2" } });
  await server.idle();
  for (const path of [`/test/endpoints/${platform.healthy}`, `/test/accounts/${platform.florist}`]) {
    await open(path);
    const chart = page.getByRole("figure", { name: "Deliveries by day" });
    await chart.locator("canvas").waitFor();
    await chart.getByRole("button", { name: "As a table" }).click();
    const rows = chart.getByRole("row").filter({ hasText: /^\d{4}-\d\d-\d\d/ });
    const days = await rows.count();
    expect(days, path).toBeGreaterThan(1);
    const last = await rows.last().getByRole("cell").allTextContents();
    expect(Number(last[0]), path).toBeGreaterThan(0);
    await chart.getByRole("button", { name: "As a chart" }).click();
    await chart.locator("canvas").waitFor();
    expect(await flaws(page)).toEqual([]);
  }
});
