import type Stripe from "stripe";
import { ADDRESS } from "../../../operations/address.ts";
import { asJson } from "../../../operations/as-json.ts";
import { withDefaults } from "../../../operations/with-defaults.ts";
import type { JsonObject, ObjectRow } from "../../../store/contract/rows.ts";
import { addressChecks, readPaymentMethod } from "./payment-method.ts";

/** How cards show a brand. Payment methods show it in lower case. */
const BRANDS: Readonly<Record<string, string>> = {
  amex: "American Express",
  diners: "Diners Club",
  discover: "Discover",
  jcb: "JCB",
  mastercard: "MasterCard",
  unionpay: "UnionPay",
  visa: "Visa",
};

/** Renders a customer's source as a Card object. Source: https://docs.stripe.com/api/cards/object */
export function renderSource(row: ObjectRow): JsonObject {
  const { card, billing, customer, metadata, cvcCheck, allowRedisplay } = readPaymentMethod(row).state;
  const { address, name } = withDefaults<{ address: Stripe.Address; name: string | null }>({ address: ADDRESS, name: null }, billing);
  const checks = addressChecks(card, address);
  return asJson({
    id: row.id,
    object: "card",
    address_city: address.city,
    address_country: address.country,
    address_line1: address.line1,
    address_line1_check: checks.address_line1_check,
    address_line2: address.line2,
    address_state: address.state,
    address_zip: address.postal_code,
    address_zip_check: checks.address_postal_code_check,
    allow_redisplay: allowRedisplay,
    brand: BRANDS[card.brand] ?? "Unknown",
    country: card.country,
    customer,
    cvc_check: cvcCheck,
    dynamic_last4: null,
    exp_month: card.expMonth,
    exp_year: card.expYear,
    fingerprint: card.fingerprint ?? null,
    funding: card.funding,
    last4: card.last4,
    metadata,
    name,
    regulated_status: "unregulated",
    tokenization_method: null,
  } satisfies Stripe.Card);
}
