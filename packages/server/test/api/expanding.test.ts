import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { consent, withRedirects } from "../pages/oauth/consent.ts";
import { type Platform, platformOfItsOwn, refusal } from "../platform-of-its-own.ts";
import { png } from "../resources/files/image-fixtures.ts";
import { payableAccount, topUp } from "../resources/money/payable-account.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

interface Connected extends Platform {
  connected: string;
  /** For calls on the connected account's behalf. */
  as: { stripeAccount: string };
}

async function connected(type: "custom" | "standard" = "custom"): Promise<Connected> {
  const platform = await platformOfItsOwn(server);
  const capabilities = { card_payments: { requested: true }, transfers: { requested: true } };
  const { id } = await platform.test.accounts.create({ type, capabilities });
  return { ...platform, connected: id, as: { stripeAccount: id } };
}

const paid = { amount: 10_000, currency: "usd", payment_method: "pm_card_visa", confirm: true } as const;

describe("a charge that the platform takes part in", () => {
  test("shows the application, the customer, the fee and what the fee was taken of", async () => {
    const { test: stripe, as, applications, account, connected: id } = await connected();
    const customer = await stripe.customers.create({ name: "Jenny" }, as);
    const intent = await stripe.paymentIntents.create({ ...paid, application_fee_amount: 1_000, customer: customer.id }, as);
    const charge = await stripe.charges.retrieve(
      intent.latest_charge as string,
      { expand: ["application", "application_fee.charge", "application_fee.application", "customer", "payment_intent.application"] },
      as,
    );
    const application = { id: applications.test, object: "application", name: "Platform" };
    expect(charge).toMatchObject({
      application,
      application_fee: { object: "application_fee", account: id, charge: { id: charge.id, application: applications.test }, application },
      customer: { id: customer.id, name: "Jenny" },
      payment_intent: { id: intent.id, application },
    });
    const fees = await stripe.applicationFees.list({ expand: ["data.charge.balance_transaction", "data.account"] });
    expect(fees.data).toMatchObject([{ account: { id }, charge: { id: charge.id, balance_transaction: { source: charge.id } } }]);
    await stripe.customers.del(customer.id, {}, as);
    const later = await stripe.charges.retrieve(charge.id, { expand: ["customer"] }, as);
    expect(later.customer).toEqual({ id: customer.id, object: "customer", deleted: true });
    expect(account).not.toBe(id);
  });

  test("is found again from what its account received, and from what came back", async () => {
    const { test: stripe, as, connected: destination } = await connected();
    const intent = await stripe.paymentIntents.create({ ...paid, on_behalf_of: destination, transfer_data: { destination } });
    const expanded = await stripe.paymentIntents.retrieve(intent.id, { expand: ["on_behalf_of", "transfer_data.destination"] });
    expect(expanded).toMatchObject({ on_behalf_of: { id: destination }, transfer_data: { destination: { id: destination } } });
    const received = await stripe.balanceTransactions.list({ expand: ["data.source.source_transfer.source_transaction"] }, as);
    expect(received.data).toMatchObject([
      { type: "payment", source: { source_transfer: { object: "transfer", source_transaction: { id: intent.latest_charge } } } },
    ]);
    const refund = await stripe.refunds.create({ payment_intent: intent.id, reverse_transfer: true, expand: ["transfer_reversal"] });
    const { transfer } = refund.transfer_reversal as Stripe.TransferReversal;
    const { data } = await stripe.transfers.listReversals(transfer as string, {
      expand: ["data.source_refund", "data.destination_payment_refund", "data.transfer"],
    });
    expect(data).toMatchObject([
      {
        source_refund: { id: refund.id },
        destination_payment_refund: {
          object: "refund",
          source_transfer_reversal: (refund.transfer_reversal as Stripe.TransferReversal).id,
        },
        transfer: { object: "transfer" },
      },
    ]);
    const reversals = await stripe.transfers.retrieve(transfer as string, { expand: ["reversals.data.source_refund"] });
    expect(reversals.reversals.data).toMatchObject([{ source_refund: { id: refund.id } }]);
  });

  test("is not seen by another platform of the same account: the id stays", async () => {
    const { test: stripe, connected: account, as } = await connected("standard");
    const other = await withRedirects(await platformOfItsOwn(server));
    const { code } = await consent(server, { client_id: other.applications.test }, { action: "connect", account });
    await other.test.oauth.token({ grant_type: "authorization_code", code });
    const charge = await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_visa", application_fee_amount: 100 }, as);
    const seen = await other.test.charges.retrieve(charge.id, { expand: ["application_fee"] }, as);
    expect(seen.application_fee).toBe(charge.application_fee);
    expect(charge.application_fee).toMatch(/^fee_/);
  });

  test("is not seen any more once its account has left: the id stays", async () => {
    const { test: stripe, connected: account, as, applications } = await connected("standard");
    const charge = await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_visa", application_fee_amount: 100 }, as);
    const fee = () => stripe.applicationFees.retrieve(charge.application_fee as string, { expand: ["charge"] });
    expect((await fee()).charge).toMatchObject({ id: charge.id });
    await stripe.oauth.deauthorize({ client_id: applications.test, stripe_user_id: account });
    expect((await fee()).charge).toBe(charge.id);
  });
});

describe("lists that are there only when they are expanded", () => {
  test("a charge's refunds, with what they hold, and the rest of them", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_visa" });
    const made: string[] = [];
    for (let i = 0; i < 11; i++) made.unshift((await stripe.refunds.create({ charge: id, amount: 10 })).id);
    expect(await stripe.charges.retrieve(id)).not.toHaveProperty("refunds");
    const { refunds } = await stripe.charges.retrieve(id, { expand: ["refunds.data.balance_transaction"] });
    expect(refunds).toMatchObject({ object: "list", has_more: true, url: `/v1/charges/${id}/refunds` });
    expect(refunds?.data.map((refund) => refund.id)).toEqual(made.slice(0, 10));
    expect(refunds?.data[0]?.balance_transaction).toMatchObject({ source: made[0] });
    const next = await stripe.rawRequest("GET", `${refunds?.url}?starting_after=${made[9]}`);
    expect(next).toMatchObject({ data: [{ id: made[10] }], has_more: false });
    expect(await stripe.charges.list({ expand: ["data.refunds"] })).toMatchObject({ data: [{ refunds: { has_more: true } }] });
  });
});

describe("what a balance could pay out at once", () => {
  test("is told for each external account that takes instant payouts", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id, as } = await payableAccount(server, { stripe });
    const { id: card } = await stripe.accounts.createExternalAccount(id, { external_account: "tok_visa_debit" });
    await stripe.paymentIntents.create({ ...paid, payment_method: "pm_card_bypassPending" }, as);
    const plain = await stripe.balance.retrieve({}, as);
    expect(plain.instant_available?.[0]).not.toHaveProperty("net_available");
    const { instant_available } = await stripe.balance.retrieve({ expand: ["instant_available.net_available"] }, as);
    const [row] = instant_available ?? [];
    expect(row?.amount).toBeGreaterThan(0);
    expect(row?.net_available).toContainEqual({ amount: row?.amount, destination: card, source_types: row?.source_types });
  });
});

describe("what is not there", () => {
  test("a payout's destination that was removed shows as deleted", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id, as, bankId } = await payableAccount(server, { stripe });
    await stripe.paymentIntents.create({ ...paid, payment_method: "pm_card_bypassPending" }, as);
    const payout = await stripe.payouts.create({ amount: 100, currency: "usd" }, as);
    const bank = { country: "US", currency: "usd", object: "bank_account", routing_number: "110000000", account_number: "000123456789" };
    await stripe.accounts.createExternalAccount(id, { external_account: bank as never, default_for_currency: true });
    await stripe.accounts.deleteExternalAccount(id, bankId);
    const { destination } = await stripe.payouts.retrieve(payout.id, { expand: ["destination"] }, as);
    expect(destination).toEqual({ id: bankId, object: "bank_account", deleted: true });
  });

  test("what is null stays null, and what an object does not have is not added", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_visa" });
    const charge = await stripe.charges.retrieve(id, { expand: ["transfer.destination", "application_fee", "review"] });
    expect(charge).not.toHaveProperty("transfer");
    expect(charge).toMatchObject({ application_fee: null, review: null });
  });

  test.each([
    ["charges.list", "data.surprise"],
    ["charges.list", "data.customer.surprise"],
    ["charges.retrieve", "application_fee.surprise"],
    ["charges.retrieve", "customer.subscriptions"],
    ["charges.retrieve", "transfer.destination.surprise"],
    ["charges.retrieve", "description"],
    ["charges.retrieve", "refunds.balance_transaction"],
  ])("%s refuses %s, whether or not anything stands there", async (call, path) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const property = path.split(".").slice(0, path.startsWith("data.customer") ? 3 : 2);
    const expected = { status: 400, param: "expand[0]", message: expect.stringContaining(`(${property.join(".")}`) };
    if (call === "charges.list") expect(await refusal(stripe.charges.list({ expand: [path] }))).toMatchObject(expected);
    const { id } = await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_visa" });
    const asked = call === "charges.list" ? stripe.charges.list({ expand: [path] }) : stripe.charges.retrieve(id, { expand: [path] });
    expect(await refusal(asked)).toMatchObject(expected);
  });

  test("a path through sources of several kinds applies to those that have the field", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    await topUp(server, stripe, { amount: 5_000 });
    await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_bypassPending" });
    await stripe.payouts.create({ amount: 100, currency: "usd" });
    const { data } = await stripe.balanceTransactions.list({ expand: ["data.source.source_transfer", "data.source.destination"] });
    const payout = data.find(({ type }) => type === "payout")?.source as Stripe.Payout;
    expect(payout.destination).toMatchObject({ object: "bank_account" });
    expect(payout).not.toHaveProperty("source_transfer");
    expect(data.find(({ type }) => type === "charge")?.source).toMatchObject({ object: "charge", source_transfer: null });
    expect(await refusal(stripe.balanceTransactions.list({ expand: ["data.source.surprise"] }))).toMatchObject({ status: 400 });
  });
});

test("hashes of an object's own are accepted, and change nothing", async () => {
  const { test: stripe, connected: id } = await connected();
  const charge = await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_visa" });
  const expand = ["shipping", "outcome", "payment_method_details", "payment_method_details.card", "billing_details"];
  expect(await stripe.charges.retrieve(charge.id, { expand })).toEqual(charge);
  const account = await stripe.accounts.retrieve(id);
  expect(await stripe.accounts.retrieve(id, { expand: ["settings", "settings.branding", "requirements", "company"] })).toEqual(account);
});

test("files that an account names are shown", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const upload = (purpose: Stripe.FileCreateParams.Purpose) =>
    stripe.files.create({ purpose, file: { data: Buffer.from(png(128, 128)), name: "one.png", type: "image/png" } });
  const [icon, front] = [await upload("business_icon"), await upload("identity_document")];
  const account = await stripe.accounts.create({
    type: "custom",
    business_type: "individual",
    settings: { branding: { icon: icon.id } },
    individual: { verification: { document: { front: front.id } } },
    expand: ["settings.branding.icon", "individual.verification.document.front"],
  });
  expect(account.settings?.branding.icon).toMatchObject({ id: icon.id, object: "file", purpose: "business_icon" });
  expect(account.individual?.verification?.document?.front).toMatchObject({ id: front.id, object: "file" });
});
