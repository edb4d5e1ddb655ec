import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Static } from "typebox";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { hash, integer, mergeMetadata, metadata, optional, text } from "../../../operations/parameters.ts";

const about = { description: optional(text(1_000)), metadata: optional(metadata()) };

const changeable = {
  ...about,
  amount: optional(integer(1)),
  payment_data: optional(hash(about)),
};

/**
 * The `transfer_data` of a new payment intent: the account that the funds go to, and the data of the transfer.
 */
export const newTransferData = coversStripeParams<Stripe.PaymentIntentCreateParams.TransferData>()(
  hash({ ...changeable, destination: text() }),
);

/** The same for a payment intent that has one: its destination cannot change. */
export const changedTransferData = coversStripeParams<Stripe.PaymentIntentUpdateParams.TransferData>()(hash(changeable));

type Shown = Stripe.PaymentIntent.TransferData;
type Told = Partial<Static<typeof newTransferData>>;

/** The `transfer_data` that an intent shows after a call has set more of it. Throws when it has no destination. */
export function transferDataShown({ amount, description, destination, metadata, payment_data }: Told, before: Shown | null): Shown {
  const to = destination ?? before?.destination;
  if (to === undefined) throw apiError("parameter_missing", { param: "transfer_data[destination]" });
  return {
    ...before,
    destination: to,
    ...(amount === undefined ? {} : { amount }),
    ...(description === undefined ? {} : { description }),
    ...(metadata === undefined ? {} : { metadata: mergeMetadata(before?.metadata ?? {}, metadata) }),
    ...(payment_data === undefined ? {} : { payment_data: paymentData(payment_data, before?.payment_data) }),
  };
}

function paymentData(
  { description, metadata }: NonNullable<Told["payment_data"]>,
  before: Shown["payment_data"],
): NonNullable<Shown["payment_data"]> {
  return {
    ...before,
    ...(description === undefined ? {} : { description }),
    ...(metadata === undefined ? {} : { metadata: mergeMetadata(before?.metadata ?? {}, metadata) }),
  };
}
