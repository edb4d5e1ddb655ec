import type { CapabilityName } from "../state/capabilities.ts";

/**
 * A capability's requirements on the account, apart from those on its persons. Field names are relative to the account.
 */
export interface CapabilityRequirements {
  first: readonly string[];
  /** The same for accounts whose requirements Stripe collects. */
  collectedByStripe: readonly string[];
  /** Required of an individual at first; others need it eventually. */
  ofIndividual: readonly string[];
  /** Whether it takes payments from customers. */
  takesPayments: boolean;
}

/** The requirements of every account, whatever its capabilities. */
export const OF_EVERY_ACCOUNT = ["business_type", "tos_acceptance.date", "tos_acceptance.ip"];

const BUSINESS = "business_profile.url";
const PAYMENTS: CapabilityRequirements = {
  first: ["business_profile.mcc", BUSINESS],
  collectedByStripe: ["settings.payments.statement_descriptor"],
  ofIndividual: [],
  takesPayments: true,
};
const NO_PAYMENTS: CapabilityRequirements = { first: [BUSINESS], collectedByStripe: [], ofIndividual: [], takesPayments: false };
const withTerms = (name: string): CapabilityRequirements => ({
  ...NO_PAYMENTS,
  first: ["business_profile.mcc", BUSINESS, `settings.${name}.tos_acceptance.date`, `settings.${name}.tos_acceptance.ip`],
});
const TAX_REPORTING: CapabilityRequirements = { ...NO_PAYMENTS, first: [], ofIndividual: ["id_number"] };

/** Capabilities other than payment methods. Source: https://docs.stripe.com/connect/account-capabilities */
const OTHERS: Partial<Record<CapabilityName, CapabilityRequirements>> = {
  app_distribution: NO_PAYMENTS,
  card_issuing: withTerms("card_issuing"),
  tax_reporting_us_1099_k: TAX_REPORTING,
  tax_reporting_us_1099_misc: TAX_REPORTING,
  transfers: NO_PAYMENTS,
  treasury: withTerms("treasury"),
};

/** The requirements of a capability. */
export function capabilityRequirements(name: CapabilityName): CapabilityRequirements {
  return OTHERS[name] ?? PAYMENTS;
}
