import type Stripe from "stripe";
import { clearableText, hash, optional, text } from "../../operations/parameters.ts";

/** Where the goods are shipped. */
export const shippingParameters = hash({
  address: hash({
    city: optional(text()),
    country: optional(text()),
    line1: optional(text()),
    line2: optional(text()),
    postal_code: optional(text()),
    state: optional(text()),
  }),
  carrier: optional(text()),
  // An empty name is accepted and shown, as in a recorded answer.
  name: clearableText(),
  phone: optional(text()),
  tracking_number: optional(text()),
});

interface Given {
  address: { city?: string; country?: string; line1?: string; line2?: string; postal_code?: string; state?: string };
  carrier?: string;
  name: string | null;
  phone?: string;
  tracking_number?: string;
}

/** Renders the shipping details. */
export function shippingShown(given: Given | null | undefined): Stripe.Charge.Shipping | null {
  if (given === null || given === undefined) return null;
  const nowhere = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };
  return {
    address: { ...nowhere, ...given.address },
    carrier: given.carrier ?? null,
    name: given.name ?? "",
    phone: given.phone ?? null,
    tracking_number: given.tracking_number ?? null,
  };
}
