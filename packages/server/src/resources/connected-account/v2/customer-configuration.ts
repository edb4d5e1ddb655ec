import { hashOf, isHash } from "../../../operations/merge-change.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { individualOf } from "../requirements/required-fields.ts";
import type { AccountWorld } from "../state/account-world.ts";
import { address } from "./conversions.ts";
import { type Correspondence, inV2 } from "./correspondence.ts";

/**
 * The customer configuration in v2, and the customer in v1 that holds its values. v2's paths are relative to
 * `configuration.customer`. Source: https://docs.stripe.com/connect/use-accounts-as-customers
 */
export const CUSTOMER_CORRESPONDENCES: readonly Correspondence[] = [
  { v2: "automatic_indirect_tax.exempt", v1: "tax_exempt" },
  { v2: "automatic_indirect_tax.ip_address", v1: "tax.ip_address" },
  { v2: "billing.default_payment_method", v1: "invoice_settings.default_payment_method" },
  { v2: "billing.invoice.custom_fields", v1: "invoice_settings.custom_fields" },
  { v2: "billing.invoice.footer", v1: "invoice_settings.footer" },
  { v2: "billing.invoice.next_sequence", v1: "next_invoice_sequence" },
  { v2: "billing.invoice.prefix", v1: "invoice_prefix" },
  { v2: "billing.invoice.rendering.amount_tax_display", v1: "invoice_settings.rendering_options.amount_tax_display" },
  { v2: "billing.invoice.rendering.template", v1: "invoice_settings.rendering_options.template" },
  { v2: "shipping.address", v1: "shipping.address", as: address },
  { v2: "shipping.name", v1: "shipping.name" },
  { v2: "shipping.phone", v1: "shipping.phone" },
];

/** The only capability of the customer configuration. */
export const INDIRECT_TAX = "automatic_indirect_tax";

/** Whether the capability is requested. */
export function isTaxRequested({ customer, state }: Pick<AccountWorld, "customer" | "state">): boolean {
  return customer !== null && state.configured.applied.customer === true && hashOf(customer.data.tax).requested === true;
}

/** Where a customer's purchases are taxed, and which address determines that. */
interface TaxLocation {
  country: string;
  state: string | null;
  source: "identity_address" | "shipping_address";
}

/** Countries where taxes depend on more than the country. Source: https://docs.stripe.com/tax/customer-locations */
const DIVIDED: ReadonlySet<string> = new Set(["CA", "US"]);

/**
 * Where an account is taxed as a customer: at its shipping address, or otherwise at the address of its identity. Null
 * if neither is complete enough. Source: https://docs.stripe.com/tax/customer-locations
 */
export function taxLocation(world: Pick<AccountWorld, "customer" | "persons" | "state">): TaxLocation | null {
  const shipping = locationOf(hashOf(hashOf(world.customer?.data.shipping).address));
  if (shipping !== null) return { ...shipping, source: "shipping_address" };
  const identity = locationOf(hashOf(address.toV1(hashOf(partyOf(world).address))));
  return identity === null ? null : { ...identity, source: "identity_address" };
}

function locationOf({ country, state, postal_code }: JsonObject): Omit<TaxLocation, "source"> | null {
  if (typeof country !== "string") return null;
  const within = typeof state === "string" ? state : null;
  return DIVIDED.has(country) && within === null && typeof postal_code !== "string" ? null : { country, state: within };
}

/** What is known about the person or company behind an account: its individual, or otherwise its company. */
export function partyOf(world: Pick<AccountWorld, "persons" | "state">): JsonObject {
  return individualOf(world)?.state.given ?? hashOf(world.state.given.company);
}

/** The customer configuration as v2 shows it, without capabilities. Null for an account that never had it. */
export function customerConfiguration(world: Pick<AccountWorld, "customer" | "persons" | "state">): JsonObject | null {
  const { customer, state } = world;
  if (customer === null) return null;
  const { automatic_indirect_tax: tax, billing, shipping } = inV2(CUSTOMER_CORRESPONDENCES, [], customer.data);
  const { default_payment_method, invoice } = hashOf(billing);
  const { custom_fields, rendering, ...rest } = hashOf(invoice);
  const location = isTaxRequested(world) ? taxLocation(world) : null;
  return {
    applied: state.configured.applied.customer === true,
    automatic_indirect_tax: {
      exempt: "none",
      ip_address: null,
      ...hashOf(tax),
      location: location === null ? null : { country: location.country.toLowerCase(), state: location.state },
      location_source: location?.source ?? null,
    },
    billing: {
      default_payment_method: default_payment_method ?? null,
      invoice: {
        custom_fields: custom_fields ?? [],
        footer: null,
        next_sequence: 1,
        prefix: null,
        ...rest,
        rendering: isHash(rendering) ? { amount_tax_display: null, template: null, ...rendering } : null,
      },
    },
    shipping: isHash(shipping) ? { address: null, name: null, phone: null, ...shipping } : null,
    test_clock: null,
  };
}
