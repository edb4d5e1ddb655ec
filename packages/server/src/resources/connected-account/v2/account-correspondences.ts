import { address, addressesByPurpose, declaration, files, revenue, sides } from "./conversions.ts";
import type { Correspondence } from "./correspondence.ts";

const SIGNED = ["proof_of_registration", "proof_of_ultimate_beneficial_ownership"];
const DOCUMENTS = [
  "bank_account_ownership_verification",
  "company_license",
  "company_memorandum_of_association",
  "company_ministerial_decree",
  "company_registration_verification",
  "company_tax_id_verification",
  "proof_of_address",
  ...SIGNED,
];

/**
 * The fields of an account in both APIs. Handled elsewhere: its country, responsibilities and dashboard
 * (`responsibilities.ts`), its capabilities (`capability-names.ts`), numbers (`business-id-numbers.ts`) and its
 * individual.
 * Source: https://docs.stripe.com/api/v2/core/accounts/object and https://docs.stripe.com/api/accounts/object
 */
export const ACCOUNT_CORRESPONDENCES: readonly Correspondence[] = [
  { v2: "contact_email", v1: "email" },
  { v2: "display_name", v1: "settings.dashboard.display_name" },
  { v2: "metadata", v1: "metadata" },
  { v2: "configuration.merchant.bacs_debit_payments.display_name", v1: "settings.bacs_debit_payments.display_name" },
  { v2: "configuration.merchant.branding.icon", v1: "settings.branding.icon" },
  { v2: "configuration.merchant.branding.logo", v1: "settings.branding.logo" },
  { v2: "configuration.merchant.branding.primary_color", v1: "settings.branding.primary_color" },
  { v2: "configuration.merchant.branding.secondary_color", v1: "settings.branding.secondary_color" },
  { v2: "configuration.merchant.card_payments.decline_on.avs_failure", v1: "settings.card_payments.decline_on.avs_failure" },
  { v2: "configuration.merchant.card_payments.decline_on.cvc_failure", v1: "settings.card_payments.decline_on.cvc_failure" },
  { v2: "configuration.merchant.mcc", v1: "business_profile.mcc" },
  { v2: "configuration.merchant.script_statement_descriptor.kana.descriptor", v1: "settings.payments.statement_descriptor_kana" },
  { v2: "configuration.merchant.script_statement_descriptor.kana.prefix", v1: "settings.card_payments.statement_descriptor_prefix_kana" },
  { v2: "configuration.merchant.script_statement_descriptor.kanji.descriptor", v1: "settings.payments.statement_descriptor_kanji" },
  { v2: "configuration.merchant.script_statement_descriptor.kanji.prefix", v1: "settings.card_payments.statement_descriptor_prefix_kanji" },
  { v2: "configuration.merchant.sepa_debit_payments.creditor_id", v1: "settings.sepa_debit_payments.creditor_id" },
  { v2: "configuration.merchant.statement_descriptor.descriptor", v1: "settings.payments.statement_descriptor" },
  { v2: "configuration.merchant.statement_descriptor.prefix", v1: "settings.card_payments.statement_descriptor_prefix" },
  { v2: "configuration.merchant.support.address", v1: "business_profile.support_address", as: address },
  { v2: "configuration.merchant.support.email", v1: "business_profile.support_email" },
  { v2: "configuration.merchant.support.phone", v1: "business_profile.support_phone" },
  { v2: "configuration.merchant.support.url", v1: "business_profile.support_url" },
  { v2: "defaults.currency", v1: "default_currency" },
  { v2: "defaults.profile.business_url", v1: "business_profile.url" },
  { v2: "defaults.profile.doing_business_as", v1: "business_profile.name" },
  { v2: "defaults.profile.product_description", v1: "business_profile.product_description" },
  { v2: "identity.attestations.directorship_declaration", v1: "company.directorship_declaration", as: declaration },
  { v2: "identity.attestations.ownership_declaration", v1: "company.ownership_declaration", as: declaration },
  { v2: "identity.attestations.persons_provided.directors", v1: "company.directors_provided" },
  { v2: "identity.attestations.persons_provided.executives", v1: "company.executives_provided" },
  { v2: "identity.attestations.persons_provided.owners", v1: "company.owners_provided" },
  { v2: "identity.attestations.persons_provided.ownership_exemption_reason", v1: "company.ownership_exemption_reason" },
  { v2: "identity.attestations.representative_declaration", v1: "company.representative_declaration", as: declaration },
  { v2: "identity.attestations.terms_of_service.account", v1: "tos_acceptance", as: declaration },
  {
    v2: "identity.business_details.additional_addresses",
    v1: ["company.administrative_address", "company.principal_place_of_business"],
    as: addressesByPurpose({
      administrative: "company.administrative_address",
      principal_place_of_business: "company.principal_place_of_business",
    }),
  },
  { v2: "identity.business_details.address", v1: "company.address", as: address },
  { v2: "identity.business_details.annual_revenue", v1: "business_profile.annual_revenue", as: revenue },
  ...DOCUMENTS.map((name): Correspondence => ({ v2: `identity.business_details.documents.${name}`, v1: `documents.${name}`, as: files })),
  { v2: "identity.business_details.documents.primary_verification", v1: "company.verification.document", as: sides },
  { v2: "identity.business_details.estimated_worker_count", v1: "business_profile.estimated_worker_count" },
  { v2: "identity.business_details.monthly_estimated_revenue", v1: "business_profile.monthly_estimated_revenue", as: revenue },
  { v2: "identity.business_details.phone", v1: "company.phone" },
  { v2: "identity.business_details.registered_name", v1: "company.name" },
  { v2: "identity.business_details.registration_date", v1: "company.registration_date" },
  { v2: "identity.business_details.script_addresses.kana", v1: "company.address_kana", as: address },
  { v2: "identity.business_details.script_addresses.kanji", v1: "company.address_kanji", as: address },
  { v2: "identity.business_details.script_names.kana.registered_name", v1: "company.name_kana" },
  { v2: "identity.business_details.script_names.kanji.registered_name", v1: "company.name_kanji" },
  { v2: "identity.business_details.structure", v1: "company.structure" },
  { v2: "identity.entity_type", v1: "business_type" },
];

/** Values that v1 has no field for. They are stored, and only v2 shows them. */
export const ONLY_IN_V2: readonly string[] = [
  "contact_phone",
  "configuration.merchant.konbini_payments.support.email",
  "configuration.merchant.konbini_payments.support.hours.end_time",
  "configuration.merchant.konbini_payments.support.hours.start_time",
  "configuration.merchant.konbini_payments.support.phone",
  "defaults.locales",
];
