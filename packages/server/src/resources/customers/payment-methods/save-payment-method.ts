import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { mergeChange } from "../../../operations/merge-change.ts";
import { findOwn, insertOwn } from "../../../operations/object-kind.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import { mergeMetadata } from "../../../operations/parameters.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { fingerprints } from "../../external-accounts/fingerprint.ts";
import { type CardParameters, cardTold } from "./card-told.ts";
import {
  PAYMENT_METHOD,
  type PaymentMethodState,
  paymentMethodData,
  readPaymentMethod,
  type SavedPaymentMethod,
} from "./payment-method.ts";
import { testCardNamed } from "./test-cards.ts";

/** The details of a new payment method. */
export interface PaymentMethodTold {
  allow_redisplay?: PaymentMethodState["allowRedisplay"];
  billing_details?: object;
  card?: CardParameters;
  metadata?: Record<string, string | null> | null;
}

/** Writes a new, unattached payment method for a card. It has no event, because the catalogue does not have one. */
export async function savePaymentMethod(
  context: OperationContext,
  { card, cvcCheck, billing }: Pick<PaymentMethodState, "billing" | "card" | "cvcCheck">,
  more: Partial<PaymentMethodState> & { id?: string } = {},
): Promise<SavedPaymentMethod> {
  const { ids, now, account } = context;
  const { id = ids.newId("payment_method", now), ...state } = more;
  const made: PaymentMethodState = {
    source: false,
    type: "card",
    customer: null,
    spent: false,
    card,
    cvcCheck,
    billing,
    allowRedisplay: "unspecified",
    metadata: {},
    ...state,
  };
  const row = { id, account, parent: made.customer, data: paymentMethodData(made) };
  return readPaymentMethod(await insertOwn(context, PAYMENT_METHOD, row));
}

/** Writes the payment method that a call describes. `param` is the parameter that holds its card. */
export async function savePaymentMethodTold(
  context: OperationContext,
  told: PaymentMethodTold,
  param: string,
): Promise<SavedPaymentMethod> {
  const card = await cardTold(context, told.card, param);
  return savePaymentMethod(
    context,
    { ...card, billing: mergeChange(card.billing, (told.billing_details ?? {}) as JsonObject) },
    { allowRedisplay: told.allow_redisplay ?? "unspecified", metadata: mergeMetadata({} as Stripe.Metadata, told.metadata) },
  );
}

/**
 * The payment method that a parameter names. In test mode, a documented `pm_card_…` creates a new one each time. Throws
 * `resource_missing`.
 */
export async function paymentMethodNamed(context: OperationContext, id: string, param: string): Promise<SavedPaymentMethod> {
  const row = await findOwn(context, PAYMENT_METHOD, id);
  const method = row === null ? await testMethodNamed(context, id) : readPaymentMethod(row);
  if (method === null) throw apiError("resource_missing", { object: PAYMENT_METHOD.name, id, param });
  return method;
}

/** A new payment method of a documented `pm_card_…` in test mode; null for any other id. */
export async function testMethodNamed(context: OperationContext, id: string): Promise<SavedPaymentMethod | null> {
  const { tx, ids, now, livemode } = context;
  const card = livemode ? null : testCardNamed(id, { now, fingerprint: await fingerprints(tx, ids) });
  return card === null ? null : savePaymentMethod(context, { card, cvcCheck: "unchecked", billing: {} });
}
