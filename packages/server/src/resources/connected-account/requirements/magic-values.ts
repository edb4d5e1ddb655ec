import type { Finding, Judgement, RequirementErrorCode, Stops } from "../state/review.ts";

/**
 * The values that decide a verification's outcome in test mode, as tables for both the code and the documents.
 * Source: https://docs.stripe.com/connect/testing
 */
const RIGHT: Judgement = { finding: { kind: "right" }, atOnce: false };
const RIGHT_AT_ONCE: Judgement = { finding: { kind: "right" }, atOnce: true };
const found = (finding: Finding): Judgement => ({ finding, atOnce: false });
const wrong = (code: RequirementErrorCode, fields: readonly string[], stops: Stops = "both"): Judgement =>
  found({ kind: "wrong", code, fields, stops });

type Magic = Readonly<Record<string, Judgement>>;

const DOB = ["dob.day", "dob.month", "dob.year"];
const ADDRESS = ["address.city", "address.line1", "address.postal_code", "address.state"];

/** The judgement of every value that is not in the table. */
export const PLAINLY_RIGHT = RIGHT;
/** The judgement of every date of birth that is not in the table. */
export const OTHER_DATE_OF_BIRTH = wrong("verification_failed_keyed_identity", DOB);
export const DATES_OF_BIRTH: Magic = {
  "1901-01-01": RIGHT,
  "1902-01-01": RIGHT_AT_ONCE,
  "1900-01-01": found({ kind: "listed" }),
};
export const PERSON_FIRST_LINES: Magic = {
  address_full_match: RIGHT,
  address_no_match: wrong("verification_failed_address_match", ADDRESS),
  address_line1_no_match: wrong("verification_failed_address_match", ["address.line1"]),
};
/** The last four digits also apply to `ssn_last_4`. */
export const PERSON_NUMBERS: Magic = {
  "000000000": RIGHT,
  "111111111": wrong("verification_failed_id_number_match", ["id_number"]),
  "222222222": RIGHT_AT_ONCE,
};
export const IDENTITY_DOCUMENTS: Readonly<Record<string, RequirementErrorCode | null>> = {
  file_identity_document_success: null,
  file_identity_document_failure: "verification_document_failed_test_mode",
};
export const RELATIONSHIP_DOCUMENTS: Readonly<Record<string, RequirementErrorCode | null>> = {
  file_relationship_document_success: null,
  file_relationship_document_invalid: "verification_document_invalid",
  file_relationship_document_mismatch: "verification_failed_document_match",
  file_relationship_document_invalid_signer: "invalid_signator",
};
const directors = (code: RequirementErrorCode) => wrong(code, ["relationship.director"]);
const owners = wrong("verification_missing_owners", ["relationship.owner"]);
export const DIRECTOR_FIRST_NAMES: Magic = {
  mismatch_director: directors("verification_directors_mismatch"),
  missing_director: directors("verification_missing_directors"),
  extraneous_director: directors("verification_extraneous_directors"),
};
export const OWNER_FIRST_NAMES: Magic = { mismatch_owner: owners, extraneous_owner: owners };

/**
 * Asks again for only the line, or for the whole address. Lenient values come first, because a value that was judged
 * leniently is never judged more strictly later.
 */
export const COMPANY_FIRST_LINES: Magic = {
  address_full_match: RIGHT,
  address_no_match: wrong("verification_failed_address_match", ["company.address.line1"], "payouts"),
  address_line1_no_match: wrong(
    "verification_failed_address_match",
    ADDRESS.map((field) => `company.${field}`),
  ),
};
export const COMPANY_TAX_IDS: Magic = {
  "000000000": RIGHT,
  "000000001": RIGHT,
  "111111111": wrong("verification_failed_tax_id_match", ["company.tax_id"]),
  "111111112": wrong("verification_failed_tax_id_not_issued", ["company.tax_id"]),
  "222222222": RIGHT_AT_ONCE,
  "222221000": wrong("verification_failed_tax_id_match", ["company.name", "company.tax_id"]),
  "222221001": owners,
  "222221002": directors("verification_directors_mismatch"),
  "222221003": owners,
  "222221004": directors("verification_missing_directors"),
  "222221005": found({ kind: "unanswered" }),
};
export const COMPANY_NAMES: Magic = {
  mismatch_business_name: RIGHT,
  match_name_relationships: RIGHT,
  disallowed_name: wrong("invalid_company_name_denylisted", ["company.name"]),
  match_name_only: wrong("verification_failed_name_match", ["company.name"]),
};
/** A name with this ending. */
export const RISKY_NAME = { suffix: "_high_risk", judgement: found({ kind: "risky" }) };

const url = (code: RequirementErrorCode) => wrong(code, ["business_profile.url"]);
export const URLS: Magic = {
  "https://accessible.stripe.com": RIGHT,
  "https://disallowed.stripe.com": url("invalid_url_denylisted"),
  "https://geoblocked.stripe.com": url("invalid_url_website_inaccessible_geoblocked"),
  "https://problem.stripe.com": url("invalid_url_website_other"),
  "https://missing.stripe.com": url("invalid_url_website_incomplete"),
  "https://mismatch.stripe.com": url("invalid_url_website_business_information_mismatch"),
  "https://passwordprotected.stripe.com": url("invalid_url_website_inaccessible_password_protected"),
  "https://underconstruction.stripe.com": url("invalid_url_website_incomplete_under_construction"),
  "https://inaccessible.stripe.com": url("invalid_url_website_inaccessible"),
  "https://inactivity.stripe.com": found({ kind: "unused" }),
};
export const BUSINESS_NAMES: Magic = {
  disallowed_dba: wrong("invalid_business_profile_name_denylisted", ["business_profile.name"]),
  invalid_dba: wrong("invalid_business_profile_name", ["business_profile.name"]),
};
export const PRODUCT_DESCRIPTIONS: Magic = { require_url: url("invalid_url_web_presence_detected") };
export const STATEMENT_DESCRIPTORS: Magic = {
  mismatch: wrong("invalid_statement_descriptor_business_mismatch", ["settings.payments.statement_descriptor"]),
  disallowed: wrong("invalid_statement_descriptor_denylisted", ["settings.payments.statement_descriptor"]),
};
export const DESCRIPTOR_PREFIXES: Magic = {
  mismatch: wrong("invalid_statement_descriptor_prefix_mismatch", ["settings.card_payments.statement_descriptor_prefix"]),
  disallowed: wrong("invalid_statement_descriptor_prefix_denylisted", ["settings.card_payments.statement_descriptor_prefix"]),
};

/** A word in the account's email address that makes known future requirements apply now. */
export const ENFORCES_FUTURE = "enforce_future_requirements";
