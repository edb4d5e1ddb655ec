import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../../src/index.ts";
import { platformOfItsOwn } from "../../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const asked = { amount: 2_000, currency: "usd", confirm: true } as const;
const numbered = (number: string, more: object = {}, billing_details: object = {}) =>
  ({
    ...asked,
    payment_method_data: { type: "card", card: { number, exp_month: 12, exp_year: 2040, ...more }, billing_details },
    expand: ["latest_charge"],
  }) as unknown as Stripe.PaymentIntentCreateParams;

/** Name, error code, decline code, advice, and what the network said: as recorded of version 2026-06-24.dahlia. */
const RECORDED = [
  ["chargeDeclined", "card_declined", "generic_decline", "try_again_later", undefined, "01", undefined],
  ["chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds", "try_again_later", "02", "51", undefined],
  ["chargeDeclinedLostCard", "card_declined", "lost_card", "do_not_try_again", "01", "41", undefined],
  ["chargeDeclinedStolenCard", "card_declined", "stolen_card", "do_not_try_again", "01", "43", undefined],
  ["chargeDeclinedExpiredCard", "expired_card", "expired_card", "confirm_card_data", "03", "54", "exp_month"],
  ["chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "confirm_card_data", "03", "N7", "cvc"],
  ["chargeDeclinedProcessingError", "processing_error", "processing_error", "try_again_later", undefined, "06", undefined],
  ["chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded", "try_again_later", "02", "61", undefined],
] as const;

describe("a declined card says what its bank and the network advise", () => {
  test.each(RECORDED)("%s", async (name, code, decline_code, advice_code, network_advice_code, network_decline_code, param) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const said = JSON.parse(JSON.stringify({ code, decline_code, advice_code, network_advice_code, network_decline_code, param }));
    const error = await stripe.paymentIntents.create({ ...asked, payment_method: `pm_card_${name}` }).catch((thrown) => thrown.raw);
    expect(error).toMatchObject({ ...said, type: "card_error", doc_url: expect.stringContaining(code.replaceAll("_", "-")) });
    const { last_payment_error } = error.payment_intent as Stripe.PaymentIntent;
    expect(last_payment_error).toMatchObject({ ...said, charge: error.charge, doc_url: error.doc_url, message: error.message });
    expect(error.payment_method).toMatchObject({ card: { checks: { cvc_check: "pass" } }, customer: null });
    expect(last_payment_error?.payment_method).toEqual(error.payment_method);
    expect(await stripe.paymentMethods.retrieve(error.payment_method.id)).toEqual(error.payment_method);
    const charge = await stripe.charges.retrieve(error.charge);
    expect(charge).toMatchObject({ failure_code: code, failure_message: error.message });
    expect(charge.outcome).toMatchObject({
      advice_code,
      network_advice_code: network_advice_code ?? null,
      network_decline_code,
      network_status: "declined_by_network",
      reason: decline_code,
      type: "issuer_declined",
    });
  });

  test("also when it is set up", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const error = await stripe.setupIntents
      .create({ confirm: true, payment_method: "pm_card_chargeDeclinedExpiredCard" })
      .catch((thrown) => thrown.raw);
    const said = { code: "expired_card", decline_code: "expired_card", advice_code: "confirm_card_data", param: "exp_month" };
    expect(error).toMatchObject({ ...said, setup_intent: { last_setup_error: said } });
  });

  test("but for one that Stripe blocks, which no bank was asked about", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    for (const name of ["radarBlock", "riskLevelHighest"]) {
      const error = await stripe.paymentIntents.create({ ...asked, payment_method: `pm_card_${name}` }).catch((thrown) => thrown.raw);
      expect(error).toMatchObject({ code: "card_declined", decline_code: "fraudulent" });
      expect(error.advice_code).toBeUndefined();
      expect((await stripe.charges.retrieve(error.charge)).outcome).toMatchObject({
        type: "blocked",
        network_status: "not_sent_to_network",
      });
    }
  });
});

test("an intent shows by default that it may redirect, and takes an empty name of who is shipped to", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { confirm: _, ...open } = asked;
  const made = await stripe.paymentIntents.create({ ...open, automatic_payment_methods: { enabled: true } });
  expect(made.automatic_payment_methods).toEqual({ allow_redirects: "always", enabled: true });
  const shipping = { name: "", address: { country: "US" } } as Stripe.PaymentIntentCreateParams.Shipping;
  expect((await stripe.paymentIntents.create({ ...open, shipping })).shipping).toMatchObject({ name: "", address: { country: "US" } });
  const setup = await stripe.setupIntents.create({ automatic_payment_methods: { enabled: true, allow_redirects: "never" } });
  expect(setup.automatic_payment_methods).toEqual({ allow_redirects: "never", enabled: true });
});

test("a card whose security code is wrong is declined only if it was given one", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  await expect(stripe.paymentIntents.create(numbered("4000000000000101", { cvc: "123" }))).rejects.toMatchObject({ code: "incorrect_cvc" });
  expect(await stripe.paymentIntents.create(numbered("4000000000000101"))).toMatchObject({ status: "succeeded" });
});

test.each([
  ["4000000000000010", "fail", "fail"],
  ["4000000000000028", "fail", "pass"],
  ["4000000000000036", "pass", "fail"],
  ["4000000000000044", "unavailable", "unavailable"],
])("the card %s pays, and says how the checks of its address ended", async (number, line1, postalCode) => {
  const { test: stripe } = await platformOfItsOwn(server);
  const checks = { address_line1_check: line1, address_postal_code_check: postalCode };
  const address = { line1: "1 Main Street", postal_code: "94107" };
  const paid = await stripe.paymentIntents.create(numbered(number, {}, { address }));
  expect((paid.latest_charge as Stripe.Charge).payment_method_details?.card).toMatchObject({ checks });
  expect(await stripe.paymentMethods.retrieve(paid.payment_method as string)).toMatchObject({ card: { checks } });
  const without = await stripe.paymentIntents.create(numbered(number));
  expect((without.latest_charge as Stripe.Charge).payment_method_details?.card?.checks).toMatchObject({
    address_line1_check: null,
    address_postal_code_check: null,
  });
});

test("a card that asks its holder is declined while they are absent, in the bank's words", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  for (const [name, country, decline_code] of [
    ["authenticationRequired", "DE", "authentication_required"],
    ["threeDSecureRequired", "US", "generic_decline"],
  ]) {
    const { id: customer } = await stripe.customers.create();
    const method = await stripe.paymentMethods.attach(`pm_card_${name}`, { customer });
    expect(method.card?.country).toBe(country);
    const error = await stripe.paymentIntents
      .create({ ...asked, customer, payment_method: method.id, off_session: true })
      .catch((thrown) => thrown.raw);
    expect(error, name).toMatchObject({ decline_code });
  }
});
