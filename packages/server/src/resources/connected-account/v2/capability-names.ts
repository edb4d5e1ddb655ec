import { CAPABILITIES, type CapabilityName } from "../state/capabilities.ts";

/** A role in which an account is used. Source: https://docs.stripe.com/connect/accounts-v2 */
export type Configuration = "customer" | "merchant" | "recipient";

export const CONFIGURATIONS = ["customer", "merchant", "recipient"] as const satisfies readonly Configuration[];

/** The capabilities that the merchant configuration can request. */
export const MERCHANT_CAPABILITIES = [
  "ach_debit_payments",
  "acss_debit_payments",
  "affirm_payments",
  "afterpay_clearpay_payments",
  "alma_payments",
  "amazon_pay_payments",
  "au_becs_debit_payments",
  "bacs_debit_payments",
  "bancontact_payments",
  "blik_payments",
  "blik_recurring_payments",
  "boleto_payments",
  "card_payments",
  "cartes_bancaires_payments",
  "cashapp_payments",
  "eps_payments",
  "fpx_payments",
  "gb_bank_transfer_payments",
  "grabpay_payments",
  "ideal_payments",
  "jcb_payments",
  "jp_bank_transfer_payments",
  "kakao_pay_payments",
  "klarna_payments",
  "konbini_payments",
  "kr_card_payments",
  "link_payments",
  "mobilepay_payments",
  "multibanco_payments",
  "mx_bank_transfer_payments",
  "naver_pay_payments",
  "oxxo_payments",
  "p24_payments",
  "pay_by_bank_payments",
  "payco_payments",
  "paynow_payments",
  "promptpay_payments",
  "revolut_pay_payments",
  "samsung_pay_payments",
  "satispay_payments",
  "sepa_bank_transfer_payments",
  "sepa_debit_payments",
  "sequra_payments",
  "sunbit_payments",
  "swish_payments",
  "twint_payments",
  "us_bank_transfer_payments",
  "zip_payments",
] as const;

export type MerchantCapability = (typeof MERCHANT_CAPABILITIES)[number];

/** The capability that has a different name in v1. */
const OTHER_NAMES: Partial<Record<MerchantCapability, CapabilityName>> = { ach_debit_payments: "us_bank_account_ach_payments" };

/** Transfers to the account's balance, in the recipient configuration: `transfers` in v1. */
const STRIPE_TRANSFERS = "stripe_balance.stripe_transfers";

/** Payouts from the account's balance, in both configurations: `payouts_enabled` in v1. It cannot be requested. */
export const STRIPE_PAYOUTS = "stripe_balance.payouts";

/**
 * Capabilities of the recipient configuration that pay out without the account's balance. They are part of money
 * management, which this server does not have. A requested one is shown as unsupported.
 */
export const OUTBOUND_CAPABILITIES = [
  "bank_accounts.ach",
  "bank_accounts.fedwire",
  "bank_accounts.fps",
  "bank_accounts.local",
  "bank_accounts.rtp",
  "bank_accounts.sepa",
  "bank_accounts.swift",
  "cards",
] as const;

/** A capability of v1 with its name in v2, and the configuration that has it. */
export interface NamedCapability {
  v1: CapabilityName;
  v2: string;
  configuration: "merchant" | "recipient";
}

/** The capabilities that both APIs have, in the order of v2's names. */
export const NAMED_CAPABILITIES: readonly NamedCapability[] = [
  ...MERCHANT_CAPABILITIES.map((v2) => ({ v1: v1NameOf(v2), v2, configuration: "merchant" as const })),
  { v1: "transfers", v2: STRIPE_TRANSFERS, configuration: "recipient" },
];

/** v1's name for a capability of the merchant configuration. */
function v1NameOf(capability: MerchantCapability): CapabilityName {
  const name = OTHER_NAMES[capability] ?? CAPABILITIES.find((one) => one === capability);
  if (name === undefined) throw new Error(`v1 has no capability for ${capability}`);
  return name;
}
