import type { CapabilityName } from "../state/capabilities.ts";

/** What a capability needs of the account beside who is behind it, named as within the account. */
export interface CapabilityRequirements {
  first: readonly string[];
  /** The same of accounts that Stripe collects information from. */
  collectedByStripe: readonly string[];
  /** What it needs of the person an account is at first, where others need it eventually. */
  ofIndividual: readonly string[];
  /** Whether it takes payments from customers. */
  takesPayments: boolean;
}

/** What every account is asked for, whatever it can do. */
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

/** Capabilities that are not for one more way to take payments. Source: https://docs.stripe.com/connect/account-capabilities */
const OTHERS: Partial<Record<CapabilityName, CapabilityRequirements>> = {
  app_distribution: NO_PAYMENTS,
  card_issuing: withTerms("card_issuing"),
  tax_reporting_us_1099_k: TAX_REPORTING,
  tax_reporting_us_1099_misc: TAX_REPORTING,
  transfers: NO_PAYMENTS,
  treasury: withTerms("treasury"),
};

/** What a capability needs. */
export function capabilityRequirements(name: CapabilityName): CapabilityRequirements {
  return OTHERS[name] ?? PAYMENTS;
}
