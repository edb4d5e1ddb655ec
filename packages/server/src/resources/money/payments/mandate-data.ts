import { choice, clearableHash, formatted, hash, optional, text, timestamp } from "../../../operations/parameters.ts";

/**
 * How a customer agreed to be charged. Code sends this for every payment method. A card needs no mandate, so it has no
 * effect. Source: https://docs.stripe.com/api/payment_intents/confirm#confirm_payment_intent-mandate_data
 */
export const mandateData = clearableHash({
  customer_acceptance: optional(
    hash({
      accepted_at: optional(timestamp()),
      offline: optional(hash({})),
      online: optional(hash({ ip_address: optional(formatted("ip")), user_agent: optional(text()) })),
      type: choice(["offline", "online"]),
    }),
  ),
});
