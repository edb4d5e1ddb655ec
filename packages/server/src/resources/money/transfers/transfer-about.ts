import type Stripe from "stripe";

/** What a transfer and the payment that it arrives as say of themselves. */
export interface TransferAbout {
  description: string | null;
  metadata: Stripe.Metadata;
  payment: { description: string | null; metadata: Stripe.Metadata };
}

/** What `transfer_data` says of the transfer that it asks for. */
export function transferAbout({
  description,
  metadata,
  payment_data,
}: Partial<Pick<Stripe.PaymentIntent.TransferData, "description" | "metadata" | "payment_data">>): TransferAbout {
  return {
    description: description ?? null,
    metadata: metadata ?? {},
    payment: { description: payment_data?.description ?? null, metadata: payment_data?.metadata ?? {} },
  };
}
