import type Stripe from "stripe";

/** The data that a transfer and the resulting payment have in common. */
export interface TransferAbout {
  description: string | null;
  metadata: Stripe.Metadata;
  payment: { description: string | null; metadata: Stripe.Metadata };
}

/** What `transfer_data` says about the transfer that it asks for. */
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
