import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../../src/index.ts";
import { platformOfItsOwn, refusals } from "../../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const paid = { amount: 10_000, currency: "usd", payment_method: "pm_card_visa", confirm: true } as const;

/** A platform with a connected account that funds are transferred to. */
async function withDestination(): Promise<{ stripe: Stripe; destination: string }> {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id } = await stripe.accounts.create({ type: "custom", capabilities: { transfers: { requested: true } } });
  return { stripe, destination: id };
}

/** What a payment's transfer says of itself, and what the payment that it arrives as does. */
async function toldOf(stripe: Stripe, charge: string | Stripe.Charge | null) {
  const { transfer } = await stripe.charges.retrieve(charge as string, { expand: ["transfer"] });
  const { amount, description, metadata, destination, destination_payment } = transfer as Stripe.Transfer;
  const payment = await stripe.charges.retrieve(destination_payment as string, {}, { stripeAccount: destination as string });
  return { amount, description, metadata, payment: { description: payment.description, metadata: payment.metadata } };
}

test("what transfer_data says is said by the transfer and by the payment that it arrives as", async () => {
  const { stripe, destination } = await withDestination();
  const about = { description: "Ride 7", metadata: { ride: "7" }, payment_data: { description: "Your ride", metadata: { seat: "2" } } };
  const intent = await stripe.paymentIntents.create({ ...paid, transfer_data: { destination, ...about } });
  expect(intent.transfer_data).toEqual({ destination, ...about });
  expect(await toldOf(stripe, intent.latest_charge)).toEqual({
    amount: 10_000,
    description: "Ride 7",
    metadata: { ride: "7" },
    payment: about.payment_data,
  });
});

test("an update changes what transfer_data says, and a capture how much is transferred", async () => {
  const { stripe, destination } = await withDestination();
  const held = await stripe.paymentIntents.create({
    ...paid,
    confirm: false,
    capture_method: "manual",
    transfer_data: { destination, description: "Ride", metadata: { ride: "7", seat: "1" } },
  });
  const changed = await stripe.paymentIntents.update(held.id, {
    transfer_data: { description: "Ride 8", metadata: { ride: "8", seat: "" }, payment_data: { metadata: { a: "b" } } },
  });
  const transfer_data = { destination, description: "Ride 8", metadata: { ride: "8" }, payment_data: { metadata: { a: "b" } } };
  expect(changed.transfer_data).toEqual(transfer_data);
  await stripe.paymentIntents.confirm(held.id);
  const captured = await stripe.paymentIntents.capture(held.id, {
    amount_to_capture: 5_000,
    statement_descriptor_suffix: "RIDE 8",
    transfer_data: { amount: 3_000 },
    expand: ["latest_charge"],
  });
  expect(captured).toMatchObject({ amount_received: 5_000, transfer_data: { ...transfer_data, amount: 3_000 } });
  const charge = captured.latest_charge as Stripe.Charge;
  expect(charge).toMatchObject({ statement_descriptor_suffix: "RIDE 8", transfer_data: { amount: 3_000, destination } });
  expect(await toldOf(stripe, charge.id)).toMatchObject({ amount: 3_000, description: "Ride 8", payment: { metadata: { a: "b" } } });
});

test("a capture of a charge says what its creation did not", async () => {
  const { stripe, destination } = await withDestination();
  const held = await stripe.charges.create({
    amount: 10_000,
    currency: "usd",
    source: "tok_visa",
    capture: false,
    transfer_data: { destination, description: "Ride 7" },
  });
  const done = await stripe.charges.capture(held.id, {
    amount: 6_000,
    receipt_email: "jenny@example.com",
    statement_descriptor_suffix: "RIDE 7",
    transfer_data: { amount: 4_000 },
  });
  expect(done).toMatchObject({
    amount_captured: 6_000,
    receipt_email: "jenny@example.com",
    statement_descriptor_suffix: "RIDE 7",
    transfer_data: { amount: 4_000, destination },
  });
  expect(await toldOf(stripe, held.id)).toMatchObject({ amount: 4_000, description: "Ride 7" });

  const { id } = await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_visa", capture: false });
  expect(await stripe.charges.capture(id, { transfer_group: "ride_7" })).toMatchObject({ transfer_group: "ride_7" });
  const direct = {
    stripeAccount: (await stripe.accounts.create({ type: "custom", capabilities: { card_payments: { requested: true } } })).id,
  };
  const of = await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_visa", capture: false }, direct);
  // The older name of the fee.
  expect(await stripe.charges.capture(of.id, { application_fee: 200 }, direct)).toMatchObject({ application_fee_amount: 200 });

  const { id: open } = await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_visa", capture: false });
  expect(
    await refusals([
      stripe.charges.capture(open, { transfer_data: { amount: 100 } }),
      stripe.charges.capture(open, { application_fee: 1, application_fee_amount: 1 }),
      stripe.charges.update(id, { transfer_group: "ride_8" }),
    ]),
  ).toMatchObject([
    { param: "transfer_data[destination]" },
    { param: "application_fee" },
    { message: `Charge ${id} has a transfer_group, which cannot be replaced.` },
  ]);
});

test("an account reports what it takes a charge for", async () => {
  const { stripe } = await withDestination();
  const { id } = await stripe.charges.create({ amount: 2_000, currency: "usd", source: "tok_visa" });
  const report = async (fraud_details: Stripe.ChargeUpdateParams["fraud_details"]) =>
    (await stripe.charges.update(id, { fraud_details } as Stripe.ChargeUpdateParams)).fraud_details;
  expect(await report({ user_report: "fraudulent" })).toEqual({ user_report: "fraudulent" });
  expect(await report({ user_report: "" })).toEqual({});
});
