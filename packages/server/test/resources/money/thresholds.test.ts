import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { platformOfItsOwn } from "../../platform-of-its-own.ts";
import { verifiedAccount } from "../accounts/verified-account.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const updates = async (stripe: Stripe, stripeAccount: string) =>
  (await stripe.events.list({ type: "account.updated", limit: 100 }, { stripeAccount })).data.length;

const charge = { amount: 2_000, currency: "usd" } as const;

test.each([
  ["tok_visa_triggerNextRequirements", { charges_enabled: true, payouts_enabled: true }],
  ["tok_visa_triggerVerification", { charges_enabled: true, payouts_enabled: true }],
  ["tok_visa_triggerChargeBlock", { charges_enabled: false, payouts_enabled: true }],
  ["tok_visa_triggerPayoutBlock", { charges_enabled: true, payouts_enabled: false }],
  ["tok_visa_triggerTransferBlock", { charges_enabled: true, payouts_enabled: false }],
])("%s crosses a threshold by a direct charge", async (source, expected) => {
  const { test: stripe } = await platformOfItsOwn(server);
  const account = await verifiedAccount(server, stripe);
  const before = await updates(stripe, account);
  await stripe.charges.create({ ...charge, source }, { stripeAccount: account });
  expect(await updates(stripe, account)).toBe(before + 1);
  const after = await stripe.accounts.retrieve(account);
  expect(after).toMatchObject(expected);
  expect(after.requirements?.currently_due).toEqual(["individual.id_number"]);
});

test("a card's number crosses it by on_behalf_of, and not by a charge of the platform's own", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const account = await verifiedAccount(server, stripe);
  const before = await updates(stripe, account);
  const payment_method_data = { type: "card", card: { number: "4000000000004210", exp_month: 12, exp_year: 2040 } };
  const confirmed = { ...charge, confirm: true, payment_method_data } as unknown as Stripe.PaymentIntentCreateParams;
  await stripe.paymentIntents.create({ ...confirmed, transfer_data: { destination: account } });
  expect(await updates(stripe, account)).toBe(before);
  await stripe.paymentIntents.create({ ...confirmed, on_behalf_of: account, transfer_data: { destination: account } });
  expect(await updates(stripe, account)).toBe(before + 1);
  expect(await stripe.accounts.retrieve(account)).toMatchObject({ charges_enabled: false });
});
