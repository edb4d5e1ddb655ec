/** The label and hint of a field. */
export interface FieldWords {
  label: string;
  /** The effects of special values in test mode, other than the one that passes. */
  test?: string;
  hint?: string;
  type?: "email" | "tel" | "url";
  autocomplete?: string;
  inputmode?: "numeric";
  options?: readonly (readonly [value: string, label: string])[];
}

/** Some of the categories. Source: https://docs.stripe.com/connect/setting-mccs */
const CATEGORIES = [
  ["", "Choose one"],
  ["5734", "Computer software"],
  ["5045", "Computers and equipment"],
  ["5691", "Clothing"],
  ["5812", "Restaurants"],
  ["7299", "Personal services"],
  ["7392", "Consulting"],
  ["8299", "Education"],
  ["8398", "Charities"],
  ["4121", "Taxis and ride sharing"],
  ["7011", "Hotels and lodging"],
  ["5999", "Other retail"],
] as const;

const MATCH = "matches after a moment";
const NUMBERS = `000000000 ${MATCH}, 222222222 at once; 111111111 does not match.`;
const PROFILE_URL = "https://accessible.stripe.com is fine; https://inaccessible.stripe.com and the like are not.";

/**
 * The words for fields, by their name within the account or the person. Source of test values:
 * https://docs.stripe.com/connect/testing
 */
const WORDS: Readonly<Record<string, FieldWords>> = {
  business_type: {
    label: "Kind of business",
    options: [
      ["", "Choose one"],
      ["individual", "An individual, or a one-person business"],
      ["company", "A company"],
      ["non_profit", "A non-profit organisation"],
      ["government_entity", "A government entity"],
    ],
  },
  "business_profile.mcc": { label: "Industry", options: CATEGORIES },
  "business_profile.name": { label: "Business name", autocomplete: "organization" },
  "business_profile.product_description": { label: "What the business sells, and to whom" },
  "business_profile.support_email": { label: "Email address for customers", type: "email" },
  "business_profile.support_phone": { label: "Phone number for customers", type: "tel" },
  "business_profile.url": { label: "Website", type: "url", test: PROFILE_URL, autocomplete: "url" },
  "business_profile.estimated_worker_count": { label: "Number of workers", inputmode: "numeric" },
  "company.name": { label: "Legal name", autocomplete: "organization" },
  "company.phone": { label: "Phone number", type: "tel", test: "0000000000 is valid." },
  "company.business_vat_id_number": { label: "VAT number", test: NUMBERS },
  "company.tax_id": { label: "Tax number", test: NUMBERS },
  "company.verification.document": { label: "A document that proves the company exists" },
  email: { label: "Email address", type: "email", autocomplete: "email" },
  first_name: { label: "First name", autocomplete: "given-name" },
  last_name: { label: "Last name", autocomplete: "family-name" },
  phone: { label: "Phone number", type: "tel", autocomplete: "tel", test: "0000000000 is valid." },
  "dob.day": { label: "Birth day", autocomplete: "bday-day", inputmode: "numeric" },
  "dob.month": { label: "Birth month", autocomplete: "bday-month", inputmode: "numeric" },
  "dob.year": {
    label: "Birth year",
    autocomplete: "bday-year",
    inputmode: "numeric",
    test: `1 January 1901 ${MATCH}, 1902 at once; other dates do not match.`,
  },
  id_number: { label: "National identity number", test: NUMBERS },
  ssn_last_4: { label: "Last four digits of the social security number", inputmode: "numeric", test: `0000 ${MATCH}.` },
  "address.line1": { label: "Street and number", test: `address_full_match ${MATCH}; address_no_match does not.` },
  "address.city": { label: "City" },
  "address.state": { label: "State" },
  "address.postal_code": { label: "Postal code" },
  full_name_aliases: { label: "Other names", hint: "For example, a maiden name" },
  nationality: { label: "Nationality", hint: "Two letters, such as SG" },
  "relationship.executive": {
    label: "Responsible for running the business",
    options: [
      ["", "Choose one"],
      ["true", "Yes, an executive"],
      ["false", "No"],
    ],
  },
  "relationship.title": { label: "Role in the business", hint: "Such as CEO, or founder" },
  "relationship.percent_ownership": { label: "Ownership share, in percent", inputmode: "numeric" },
  "verification.document": { label: "An identity document" },
  "verification.additional_document": { label: "A document that proves the address" },
  "settings.payments.statement_descriptor": {
    label: "Name on customers' bank statements",
    hint: "5 to 22 characters",
    test: "Anything except ‘mismatch’ and ‘disallowed’.",
  },
  "settings.card_payments.statement_descriptor_prefix": { label: "Prefix of the name on customers' bank statements" },
};

/** The words for a field. By default, the label is the last part of its name. */
export function wordsOf(path: string): FieldWords {
  const known = WORDS[path] ?? WORDS[path.replace(/^company\.(?=address\.)/, "")];
  if (known !== undefined) return known;
  const last =
    path
      .split(".")
      .filter((part) => part !== "files")
      .at(-1) ?? path;
  const text = last.replaceAll("_", " ");
  return { label: text.charAt(0).toUpperCase() + text.slice(1) };
}

/** Whether a field takes a document: the id of an uploaded file. */
export function isDocument(path: string): boolean {
  return /(^|\.)(document|additional_document|files)$/.test(path);
}
