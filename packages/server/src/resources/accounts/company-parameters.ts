import { address, date, declaration, japanAddress, sides } from "../../operations/identity-parameters.ts";
import { clearableChoice, flag, formatted, hash, optional, text } from "../../operations/parameters.ts";

/** The structures of a company. Source: https://docs.stripe.com/api/accounts/create */
export const BUSINESS_TYPES = ["company", "government_entity", "individual", "non_profit"] as const;

/** Parameters of an account's company, or of a token for one. Source: https://docs.stripe.com/api/accounts/create */
export const companyProperties = {
  address: optional(address()),
  address_kana: optional(japanAddress()),
  address_kanji: optional(japanAddress()),
  administrative_address: optional(address()),
  directors_provided: optional(flag()),
  directorship_declaration: optional(declaration()),
  executives_provided: optional(flag()),
  export_license_id: optional(text()),
  export_purpose_code: optional(text()),
  name: optional(text(100)),
  name_kana: optional(text(100)),
  name_kanji: optional(text(100)),
  owners_provided: optional(flag()),
  ownership_declaration: optional(declaration()),
  ownership_exemption_reason: optional(
    clearableChoice(["qualified_entity_exceeds_ownership_threshold", "qualifies_as_financial_institution"]),
  ),
  phone: optional(formatted("phone")),
  physical_address: optional(address()),
  principal_place_of_business: optional(address()),
  registration_date: optional(date()),
  registration_number: optional(text()),
  representative_declaration: optional(declaration()),
  structure: optional(
    clearableChoice([
      "free_zone_establishment",
      "free_zone_llc",
      "government_instrumentality",
      "governmental_unit",
      "incorporated_non_profit",
      "incorporated_partnership",
      "limited_liability_partnership",
      "llc",
      "multi_member_llc",
      "private_company",
      "private_corporation",
      "private_partnership",
      "public_company",
      "public_corporation",
      "public_partnership",
      "registered_charity",
      "single_member_llc",
      "sole_establishment",
      "sole_proprietorship",
      "tax_exempt_government_instrumentality",
      "unincorporated_association",
      "unincorporated_non_profit",
      "unincorporated_partnership",
    ]),
  ),
  tax_id: optional(text()),
  tax_id_registrar: optional(text()),
  vat_id: optional(text()),
  verification: optional(hash({ document: optional(sides()) })),
};
