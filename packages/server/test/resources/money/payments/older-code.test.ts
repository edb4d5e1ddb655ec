import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../../src/index.ts";
import { platformOfItsOwn, refusal } from "../../../platform-of-its-own.ts";
import { payableAccount } from "../payable-account.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

async function story() {
  const { test: stripe } = await platformOfItsOwn(server);
  const { as } = await payableAccount(server, { stripe });
  return { stripe, as, account: as.stripeAccount };
}

const charged = { amount: 1_000, currency: "usd", source: "tok_visa" };

describe("a charge of code from before 2019", () => {
  test("names the account that receives it, in whole or in part, and the platform's fee", async () => {
    const { stripe, as, account } = await story();
    const create = (params: object) => stripe.charges.create({ ...charged, ...params }, { expand: ["transfer"] } as object);
    const [part, whole, kept] = [
      await create({ destination: { account, amount: 800 } }),
      await create({ destination: account }),
      await create({ destination: { account }, application_fee: 100 }),
    ];
    expect(part).toMatchObject({ destination: account, transfer_data: { destination: account, amount: 800 } });
    expect(whole).toMatchObject({ destination: account, transfer_data: { destination: account, amount: null } });
    expect(kept).toMatchObject({ destination: account, application_fee_amount: 100 });
    const transfers = (await stripe.transfers.list()).data;
    expect(transfers.map(({ amount }) => amount)).toEqual([1_000, 1_000, 800]);
    expect(await stripe.charges.create({ ...charged, application_fee: 100 }, as)).toMatchObject({
      application_fee_amount: 100,
      destination: null,
    });
  });

  test.each<[object, string]>([
    [{ application_fee: 1, application_fee_amount: 1 }, "application_fee"],
    [{ destination: "acct_1", transfer_data: { destination: "acct_1" } }, "destination"],
  ])("is refused with both names: %o", async (params, param) => {
    const { stripe } = await story();
    expect(await refusal(stripe.charges.create({ ...charged, ...params }))).toMatchObject({ code: "parameters_exclusive", param });
  });

  test("is of a customer made with a card", async () => {
    const { stripe } = await story();
    const customer = await stripe.customers.create({ card: "tok_visa" } as Stripe.CustomerCreateParams);
    expect(customer.default_source).toMatch(/^card_/);
  });
});

test("a charge names the account that receives it, and its dispute", async () => {
  const { stripe, account } = await story();
  const paid = { amount: 1_000, currency: "usd", confirm: true };
  const sent = await stripe.paymentIntents.create({ ...paid, payment_method: "pm_card_visa", transfer_data: { destination: account } });
  expect(await stripe.charges.retrieve(sent.latest_charge as string)).toMatchObject({ destination: account, dispute: null, order: null });
  const lost = await stripe.paymentIntents.create({ ...paid, payment_method: "pm_card_createDispute" });
  const [dispute] = (await stripe.disputes.list()).data;
  expect(await stripe.charges.retrieve(lost.latest_charge as string)).toMatchObject({ destination: null, dispute: dispute?.id });
  const [updated] = (await stripe.events.list({ type: "charge.updated" })).data;
  expect(updated?.data).toMatchObject({ object: { dispute: dispute?.id }, previous_attributes: { dispute: null, disputed: false } });
});

test("a charge shows its card's fingerprint and whose card it is", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const billing_details = { name: "Jenny Rosen", email: "jenny@example.com", address: { line1: "1 Main Street", postal_code: "94107" } };
  const method = await stripe.paymentMethods.create({ type: "card", card: { token: "tok_visa" }, billing_details });
  const intent = await stripe.paymentIntents.create({
    amount: 1_000,
    currency: "usd",
    confirm: true,
    payment_method: method.id,
  });
  const charge = await stripe.charges.retrieve(intent.latest_charge as string);
  expect(charge.billing_details).toMatchObject(billing_details);
  expect(charge.payment_method_details?.card).toMatchObject({
    checks: { address_line1_check: "pass", address_postal_code_check: "pass" },
    fingerprint: method.card?.fingerprint,
    network_token: { used: false },
    overcapture: { maximum_amount_capturable: 1_000, status: "unavailable" },
  });
});

test("a refund of a charge that sent a part on takes the fee's parameter, though there is no fee", async () => {
  const { stripe, account } = await story();
  const charge = await stripe.charges.create({ ...charged, transfer_data: { destination: account, amount: 900 } });
  const refund = await stripe.refunds.create({ charge: charge.id, amount: 500, reverse_transfer: true, refund_application_fee: true });
  expect(refund).toMatchObject({ status: "succeeded", amount: 500 });
  const [transfer] = (await stripe.transfers.list()).data;
  expect(transfer).toMatchObject({ amount_reversed: 450 });
  const plain = await stripe.charges.create(charged);
  expect(await refusal(stripe.refunds.create({ charge: plain.id, refund_application_fee: true }))).toMatchObject({
    status: 400,
    param: "refund_application_fee",
  });
});

test("a charge shows what the cardholder's statement says of the account that it is of", async () => {
  const { stripe, as, account } = await story();
  const settings = { payments: { statement_descriptor: "JENNYS RIDES" }, card_payments: { statement_descriptor_prefix: "JENNYS" } };
  await stripe.accounts.update(account, { settings });
  const own = (await stripe.accounts.retrieveCurrent()).settings?.payments?.statement_descriptor ?? "";
  expect(own).not.toBe("");
  const to = { transfer_data: { destination: account } };
  const said = async (params: object, of?: Stripe.RequestOptions) =>
    (await stripe.charges.create({ ...charged, ...params }, of)).calculated_statement_descriptor;
  const theirs = "JENNYS RIDES";
  expect(await said({})).toBe(own);
  expect(await said(to)).toBe(own);
  expect(await said({ ...to, on_behalf_of: account })).toBe(theirs);
  expect(await said({}, as)).toBe(theirs);
  expect(await said({ statement_descriptor_suffix: "Trip to X" }, as)).toBe("JENNYS* TRIP TO X");
  expect(await said({ statement_descriptor: "A long way home" }, as)).toBe("JENNYS* A LONG WAY HOM");
  const paid = { amount: 1_000, currency: "usd", confirm: true, statement_descriptor_suffix: "trip" };
  const { latest_charge } = await stripe.paymentIntents.create({ ...paid, payment_method: "pm_card_visa", ...to });
  const charge = await stripe.charges.retrieve(latest_charge as string);
  expect(charge.calculated_statement_descriptor).toBe(`${own.slice(0, 10).trim()}* TRIP`);
  const [payment] = (await stripe.charges.list({ limit: 1 }, as)).data;
  expect(payment).toMatchObject({ object: "charge", calculated_statement_descriptor: null });
});

test("a charge of an account that has no descriptor shows its platform's, also when it is declined", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id, settings } = await stripe.accounts.create({ type: "custom", capabilities: { card_payments: { requested: true } } });
  expect(settings?.payments?.statement_descriptor).toBeNull();
  const own = (await stripe.accounts.retrieveCurrent()).settings?.payments?.statement_descriptor;
  const as = { stripeAccount: id };
  expect((await stripe.charges.create(charged, as)).calculated_statement_descriptor).toBe(own);
  await refusal(stripe.charges.create({ ...charged, source: "tok_chargeDeclined" }, as));
  expect((await stripe.charges.list({ limit: 1 }, as)).data).toMatchObject([{ status: "failed", calculated_statement_descriptor: own }]);
});

test("what code sends for any payment method is taken with a card, too", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const mandate_data = { customer_acceptance: { type: "online", online: { ip_address: "203.0.113.7", user_agent: "test" } } } as const;
  const asked = {
    amount: 2_000,
    currency: "usd",
    confirm: true,
    mandate_data,
    payment_method: "pm_card_visa",
    payment_method_types: ["card", "us_bank_account"],
  };
  const paid = await stripe.paymentIntents.create(asked);
  expect(paid).toMatchObject({ status: "succeeded", payment_method_types: ["card", "us_bank_account"] });
  const saving = { payment_method: "pm_card_visa", payment_method_types: ["link", "card"] };
  const setup = await stripe.setupIntents.create(saving);
  expect(await stripe.setupIntents.confirm(setup.id, { mandate_data })).toMatchObject({
    status: "succeeded",
    payment_method_types: ["link", "card"],
  });
  const away = { amount: 2_000, currency: "usd", confirm: true, payment_method: "pm_card_visa", off_session: "recurring" } as const;
  expect(await stripe.paymentIntents.create(away)).toMatchObject({ status: "succeeded" });
  expect(await stripe.paymentIntents.retrieve(paid.id, { client_secret: paid.client_secret as string })).toMatchObject({ id: paid.id });
  expect(await refusal(stripe.paymentIntents.retrieve(paid.id, { client_secret: "pi_1_secret_2" }))).toMatchObject({
    param: "client_secret",
  });
});
