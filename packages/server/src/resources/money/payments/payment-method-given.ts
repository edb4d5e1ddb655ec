import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../../operations/operation.ts";
import { choice, hash, integer, optional, text } from "../../../operations/parameters.ts";
import type { PaymentMethod } from "./card.ts";
import { cardNumbered, testCardNamed } from "./test-cards.ts";

/** A payment method told in the call itself: a card, by token or number. */
export const paymentMethodData = hash({
  type: choice(["card"]),
  card: optional(
    hash({
      cvc: optional(text(4)),
      exp_month: optional(integer(1, 12)),
      exp_year: optional(integer(1970, 2100)),
      number: optional(text(30)),
      token: optional(text()),
    }),
  ),
});

interface Given {
  payment_method?: string | undefined;
  payment_method_data?:
    | { type: "card"; card?: { number?: string; token?: string; exp_month?: number; exp_year?: number; cvc?: string } }
    | undefined;
}

/** The payment method a call names or tells; null when it does neither. Throws for one that is not there. */
export function paymentMethodGiven(context: OperationContext, { payment_method, payment_method_data }: Given): PaymentMethod | null {
  if (payment_method !== undefined && payment_method_data !== undefined)
    throw apiError("parameters_exclusive", { param: "payment_method", other: "payment_method_data" });
  if (payment_method !== undefined) return named(context, payment_method, "payment_method", "PaymentMethod");
  if (payment_method_data === undefined) return null;
  const { card } = payment_method_data;
  if (card?.token !== undefined) return named(context, card.token, "payment_method_data[card][token]", "token");
  const param = "payment_method_data[card][number]";
  if (card?.number === undefined) throw apiError("parameter_missing", { param });
  return { id: context.ids.newId("payment_method", context.now), card: cardNumbered(card.number, card, context, param) };
}

/** The payment method that a name of the documentation stands for, in test mode: there are no others. */
export function named({ ids, now, livemode }: OperationContext, id: string, param: string, object: string): PaymentMethod {
  const card = livemode ? null : testCardNamed(id, now);
  if (card === null) throw apiError("resource_missing", { object, id, param });
  return { id: ids.newId("payment_method", now), card };
}
