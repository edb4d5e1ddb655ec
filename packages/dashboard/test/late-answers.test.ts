import { type Carabiner, startCarabiner } from "@carabiner/server";
import type { Browser } from "playwright-core";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { openDashboard } from "./opened-dashboard.ts";

let server: Carabiner;
let chromium: Browser;
beforeAll(async () => {
  [server, chromium] = await Promise.all([startCarabiner(), startChromium()]);
}, 60_000);
afterAll(async () => {
  await chromium.close();
  await server.close();
});

test("what happens while a list is first on its way shows in it without a reload", async () => {
  const stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  const account = await stripe.accounts.create({
    type: "express",
    business_profile: { mcc: "5734" },
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
  });
  await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${account.id}/complete_onboarding`, { verification: "immediate" });
  const { page, open, close, complaints } = await openDashboard(chromium, server.url);
  const answered = Promise.withResolvers<void>();
  const happened = Promise.withResolvers<void>();
  // The first answer is of before the payout, and comes once the page has been told of the payout.
  await page.route(
    (url) => url.pathname.endsWith("/v1/payouts"),
    async (route) => {
      const response = await route.fetch();
      answered.resolve();
      await happened.promise;
      await route.fulfill({ response });
    },
    { times: 1 },
  );
  await open(`/test/accounts/${account.id}`);
  await answered.promise;
  const on = { stripeAccount: account.id };
  await stripe.charges.create({ amount: 5_000, currency: "usd", source: "tok_bypassPending" }, on);
  const told = page.waitForRequest((request) => new URL(request.url()).pathname === `/v1/accounts/${account.id}`);
  await stripe.payouts.create({ amount: 1_234, currency: "usd" }, on);
  await told;
  happened.resolve();
  const details = page.getByRole("region", { name: "Details" });
  await details.getByRole("listitem").filter({ hasText: "$12.34" }).waitFor();
  expect(complaints).toEqual([]);
  await close();
});
