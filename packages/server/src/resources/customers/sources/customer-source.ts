import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { EventDraft } from "../../../events/event-draft.ts";
import { childrenOf, listOnExpansion } from "../../../operations/expandable.ts";
import { expanderOf, findOwn, type ObjectKind } from "../../../operations/object-kind.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import { checkRoom, checkSavable } from "../payment-methods/attach-payment-method.ts";
import { cardOfToken } from "../payment-methods/card-told.ts";
import { PAYMENT_METHOD, readPaymentMethod, type SavedPaymentMethod } from "../payment-methods/payment-method.ts";
import { renderSource } from "../payment-methods/render-source.ts";
import { savePaymentMethod } from "../payment-methods/save-payment-method.ts";

/**
 * Creates a customer's source from a card token, and drafts the event. Throws `source_is_payment_method`, the errors of
 * tokens, and the error of a declined card.
 */
export async function addSource(
  context: OperationContext,
  drafts: EventDraft[],
  customer: string,
  token: string,
  param: string,
  metadata: Stripe.Metadata = {},
): Promise<SavedPaymentMethod> {
  const { account, livemode, ids, now } = context;
  if (token.startsWith("pm_")) throw apiError("source_is_payment_method", { param });
  await checkRoom(context, customer);
  const { id, ...card } = await cardOfToken(context, token, param);
  const source = await savePaymentMethod(
    context,
    { ...card, cvcCheck: card.cvcCheck },
    {
      id: id ?? ids.newId("card", now),
      source: true,
      customer,
      metadata,
      cvcCheck: card.cvcCheck === null ? null : "pass",
    },
  );
  checkSavable(source);
  drafts.push({ account, livemode, type: "customer.source.created", object: renderSource(source.row) });
  return source;
}

/** A customer's source by its id; null when it does not exist. */
export async function findSource(context: OperationContext, customer: string, id: string): Promise<SavedPaymentMethod | null> {
  const row = await findOwn(context, PAYMENT_METHOD, id);
  const method = row === null ? null : readPaymentMethod(row);
  return method?.state.source === true && method.state.customer === customer ? method : null;
}

/** The same. Throws `resource_missing`. */
export async function sourceOf(context: OperationContext, customer: string, id: string, param: string): Promise<SavedPaymentMethod> {
  const source = await findSource(context, customer, id);
  if (source === null) throw apiError("resource_missing", { object: "source", id, param });
  return source;
}

/** A source as a kind of object. Sources share the rows of payment methods. */
export const CUSTOMER_SOURCE: ObjectKind = { object: PAYMENT_METHOD.object, name: "source", shownAs: ["card"], show: renderSource };

/** Loads a source for its id in a response. */
export const expandSource = expanderOf(CUSTOMER_SOURCE);

/** A customer's sources, newest first. Source: https://docs.stripe.com/api/customers/object#customer_object-sources */
export const expandSources = listOnExpansion(["card"], (context, customers) =>
  childrenOf(
    context,
    customers.map(({ id }) => String(id)),
    { object: PAYMENT_METHOD.object, flag: "source", url: (customer) => `/v1/customers/${customer}/sources`, show: renderSource },
  ),
);
