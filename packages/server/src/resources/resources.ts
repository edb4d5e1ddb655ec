import type { Resource } from "../operations/operation.ts";
import { accountCapabilities } from "./accounts/account-capabilities.ts";
import { accounts } from "./accounts/accounts.ts";
import { countrySpecs } from "./accounts/country-specs.ts";
import { coupons } from "./catalogue/coupons.ts";
import { plans } from "./catalogue/plans.ts";
import { prices } from "./catalogue/prices.ts";
import { products } from "./catalogue/products.ts";
import { promotionCodes } from "./catalogue/promotion-codes.ts";
import { taxRates } from "./catalogue/tax-rates.ts";
import { applePayDomains } from "./checkout/apple-pay-domains.ts";
import { checkoutSessions, lineItems, paymentPages } from "./checkout/checkout-sessions.ts";
import { paymentMethodDomains } from "./checkout/payment-method-domains.ts";
import { accountLinks } from "./connections/account-links.ts";
import { accountSessions } from "./connections/account-sessions.ts";
import { loginLinks } from "./connections/login-links.ts";
import { v2AccountLinks } from "./connections/v2-account-links.ts";
import { customers } from "./customer-calls/customers.ts";
import { paymentMethods } from "./customers/payment-methods/payment-methods.ts";
import { customerSources } from "./customers/sources/customer-sources.ts";
import { eventDestinations } from "./event-destinations/event-destinations.ts";
import { events } from "./events/events.ts";
import { cards, externalAccounts } from "./external-accounts/external-accounts.ts";
import { fileLinks } from "./files/file-links.ts";
import { files } from "./files/files.ts";
import { applicationFees, feeRefunds } from "./money/application-fees/application-fees.ts";
import { balance, balanceTransactions } from "./money/balance.ts";
import { disputes } from "./money/disputes/disputes.ts";
import { charges } from "./money/payments/charges.ts";
import { paymentIntents } from "./money/payments/payment-intents.ts";
import { refunds } from "./money/refunds/refunds.ts";
import { topups } from "./money/topups/topups.ts";
import { transferReversals, transfers } from "./money/transfers/transfers.ts";
import { forcedRequirements } from "./onboarding/forced-requirements.ts";
import { balanceSettings } from "./payouts/balance-settings.ts";
import { payouts } from "./payouts/payouts.ts";
import { accountPersons } from "./persons/account-persons.ts";
import { persons } from "./persons/persons.ts";
import { setupAttempts } from "./setup-intents/setup-attempts.ts";
import { setupIntents } from "./setup-intents/setup-intents.ts";
import { thinEvents } from "./thin-events/thin-events.ts";
import { accountPersonTokens } from "./tokens/account-person-tokens.ts";
import { ephemeralKeys } from "./tokens/ephemeral-keys.ts";
import { tokens } from "./tokens/tokens.ts";
import { accountTokens } from "./v2-accounts/account-tokens.ts";
import { v2Accounts } from "./v2-accounts/v2-accounts.ts";
import { webhookEndpoints } from "./webhook-endpoints/webhook-endpoints.ts";

/** Every kind of object the API serves. */
export const resources: readonly Resource[] = [
  accountLinks,
  accountSessions,
  accounts,
  accountCapabilities,
  v2Accounts,
  balance,
  balanceTransactions,
  cards,
  customers,
  customerSources,
  events,
  externalAccounts,
  files,
  fileLinks,
  payouts,
  loginLinks,
  persons,
  forcedRequirements,
  ephemeralKeys,
  tokens,
  webhookEndpoints,
  eventDestinations,
  thinEvents,
  accountPersons,
  accountTokens,
  accountPersonTokens,
  v2AccountLinks,
  applicationFees,
  charges,
  disputes,
  feeRefunds,
  paymentIntents,
  paymentMethods,
  refunds,
  setupAttempts,
  setupIntents,
  topups,
  transferReversals,
  transfers,
  coupons,
  plans,
  prices,
  products,
  promotionCodes,
  taxRates,
  balanceSettings,
  countrySpecs,
  applePayDomains,
  paymentMethodDomains,
  checkoutSessions,
  lineItems,
  paymentPages,
];
