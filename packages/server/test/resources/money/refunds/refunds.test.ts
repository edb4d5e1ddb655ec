import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../../src/index.ts";
import { platformOfItsOwn, refusal } from "../../../platform-of-its-own.ts";
import { topUp } from "../payable-account.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const paid = { amount: 2_000, currency: "usd", payment_method: "pm_card_visa", confirm: true } as const;
const told = async (stripe: Stripe) => (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).reverse();

test("part by part until nothing is left, out of what is pending", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const intent = await stripe.paymentIntents.create(paid);
  const first = await stripe.refunds.create({ payment_intent: intent.id, amount: 500, reason: "requested_by_customer" });
  expect(first).toMatchObject({
    amount: 500,
    charge: intent.latest_charge,
    payment_intent: intent.id,
    status: "succeeded",
    reason: "requested_by_customer",
  });
  expect(await stripe.charges.retrieve(intent.latest_charge as string)).toMatchObject({ amount_refunded: 500, refunded: false });
  expect(await refusal(stripe.refunds.create({ payment_intent: intent.id, amount: 1_501 }))).toMatchObject({
    status: 400,
    param: "amount",
  });
  await stripe.refunds.create({ charge: intent.latest_charge as string });
  expect(await stripe.charges.retrieve(intent.latest_charge as string)).toMatchObject({ amount_refunded: 2_000, refunded: true });
  expect(await refusal(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({
    status: 400,
    code: "charge_already_refunded",
  });
  expect((await stripe.balance.retrieve()).pending[0]?.amount).toBe(-88);
  expect((await stripe.refunds.list({ charge: intent.latest_charge as string })).data).toHaveLength(2);
  const { data } = await stripe.balanceTransactions.list({ type: "refund", expand: ["data.source"] });
  expect(data.map(({ source }) => (source as Stripe.Refund).amount)).toEqual([1_500, 500]);
  expect((await told(stripe)).slice(3)).toEqual(["refund.created", "charge.refunded", "refund.created", "charge.refunded"]);
});

test("metadata can be changed, and nothing else: what has succeeded cannot be canceled", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id } = await stripe.refunds.create({ payment_intent: (await stripe.paymentIntents.create(paid)).id });
  expect(await stripe.refunds.update(id, { metadata: { order: "1" } })).toMatchObject({ metadata: { order: "1" } });
  expect(await stripe.refunds.retrieve(id)).toMatchObject({ metadata: { order: "1" } });
  expect((await told(stripe)).slice(5)).toEqual(["refund.updated", "charge.refund.updated"]);
  expect(await refusal(stripe.refunds.cancel(id))).toMatchObject({ status: 400 });
});

test("what has not been taken, or did not come of a card, is not refunded", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const held = await stripe.paymentIntents.create({ ...paid, capture_method: "manual" });
  const open = await stripe.paymentIntents.create({ amount: 2_000, currency: "usd" });
  expect((await refusal(stripe.refunds.create({ payment_intent: held.id }))).message).toContain("cancel its PaymentIntent");
  expect(await refusal(stripe.refunds.create({ payment_intent: open.id }))).toMatchObject({ param: "payment_intent" });
  expect(await refusal(stripe.refunds.create({}))).toMatchObject({ code: "parameter_missing", param: "charge" });
  expect(await refusal(stripe.refunds.create({ charge: "ch_1" }))).toMatchObject({ status: 400, param: "charge" });
  expect(
    await refusal(stripe.refunds.create({ payment_intent: (await stripe.paymentIntents.create(paid)).id, reverse_transfer: true })),
  ).toMatchObject({
    param: "reverse_transfer",
  });
  const { id } = await stripe.accounts.create({ type: "standard" });
  await topUp(server, stripe, { amount: 100 });
  const { destination_payment } = await stripe.transfers.create({ amount: 100, currency: "usd", destination: id });
  const refused = await refusal(stripe.refunds.create({ charge: destination_payment as string }, { stripeAccount: id }));
  expect(refused.message).toContain("reverse the transfer");
});

test("is made, read and changed below its charge too, as much code does", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { latest_charge: charge } = (await stripe.paymentIntents.create(paid)) as { latest_charge: string };
  const of = `/v1/charges/${charge}`;
  const made = (await stripe.rawRequest("POST", `${of}/refunds`, { amount: 500, expand: ["charge"] })) as unknown as Stripe.Refund;
  expect(made).toMatchObject({ object: "refund", amount: 500, charge: { id: charge, amount_refunded: 500 } });
  expect(await stripe.rawRequest("POST", `${of}/refund`, {})).toMatchObject({ object: "charge", id: charge, refunded: true });
  expect(await stripe.rawRequest("POST", `${of}/refunds/${made.id}`, { metadata: { a: "b" } })).toMatchObject({ metadata: { a: "b" } });
  expect(await stripe.rawRequest("GET", `${of}/refunds/${made.id}`)).toMatchObject({ id: made.id, metadata: { a: "b" } });
  const { latest_charge: other } = await stripe.paymentIntents.create(paid);
  expect(await refusal(stripe.rawRequest("GET", `/v1/charges/${other}/refunds/${made.id}`))).toMatchObject({
    status: 404,
    param: "refund",
  });
});
