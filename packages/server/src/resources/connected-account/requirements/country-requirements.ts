/** Who somebody is to a business. */
export type Role = "representative" | "owner" | "director" | "executive";

/** The business types of an account that is not one person. */
export type CompanyType = "company" | "non_profit" | "government_entity";

/** What is asked of one person: at first, and once a threshold is crossed. */
export interface PersonRequirements {
  first: readonly string[];
  eventually: readonly string[];
}

/** What the law of a country makes Stripe ask for. Fields are named as within the person or the account. */
export interface CountryRequirements {
  /** Where the account is one person. */
  individual: PersonRequirements;
  /** By what somebody is to the company. */
  people: Readonly<Record<Role, PersonRequirements>>;
  company: readonly string[];
  /** Who must be named. */
  roles: Readonly<Record<CompanyType, readonly Role[]>>;
  /** What will be asked for by law, which an email address with `enforce_future_requirements` asks for now. */
  future: readonly string[];
}

const DOB = ["dob.day", "dob.month", "dob.year"];
const NAME = ["first_name", "last_name"];
const TITLE = "relationship.title";
const CONTACT = ["email", "phone"];
const address = (...keys: string[]) => keys.map((key) => `address.${key}`);
const WITH_STATE = address("city", "line1", "postal_code", "state");
const WITHOUT_STATE = address("city", "line1", "postal_code");
const NOTHING: PersonRequirements = { first: [], eventually: [] };
const company = (keys: readonly string[]) => [...keys.map((key) => `company.${key}`), "company.name", "company.phone", "company.tax_id"];

/** Countries whose people are known by what they say, and later by a document. */
function byDocument(keys: readonly string[], eventually: readonly string[], roles: readonly Role[]): CountryRequirements {
  const keyed = [...keys, ...DOB, ...NAME];
  return {
    individual: { first: [...keyed, ...CONTACT], eventually },
    people: {
      representative: { first: [...keyed, ...CONTACT, TITLE], eventually },
      owner: { first: [...keyed, "email"], eventually: [] },
      director: { first: [...DOB, ...NAME, "email"], eventually: [] },
      executive: { first: [...keyed, "email"], eventually: [] },
    },
    company: company(keys),
    roles: { company: roles, non_profit: ["representative", "executive"], government_entity: ["representative"] },
    future: ["business_profile.estimated_worker_count"],
  };
}

const US_PERSON: PersonRequirements = {
  first: [...WITH_STATE, ...DOB, ...NAME, ...CONTACT, "ssn_last_4"],
  eventually: ["id_number"],
};

/**
 * What is asked for, by country: one row each. Real lists change often and differ by business; these keep to their form.
 * Source: https://docs.stripe.com/connect/required-verification-information
 */
const COUNTRIES: Readonly<Record<string, CountryRequirements>> = {
  US: {
    individual: US_PERSON,
    people: {
      representative: { ...US_PERSON, first: [...US_PERSON.first, TITLE] },
      owner: { ...US_PERSON, eventually: [] },
      director: NOTHING,
      executive: { first: [...DOB, ...NAME, "email"], eventually: [] },
    },
    company: company(WITH_STATE),
    roles: { company: ["representative", "owner"], non_profit: ["representative"], government_entity: ["representative"] },
    future: ["business_profile.estimated_worker_count"],
  },
  AU: byDocument(WITH_STATE, ["verification.document"], ["representative", "owner", "director"]),
  CA: byDocument(WITH_STATE, ["id_number"], ["representative", "owner", "director"]),
  DE: byDocument(WITHOUT_STATE, ["verification.document"], ["representative", "owner", "director", "executive"]),
  GB: byDocument(
    WITHOUT_STATE,
    ["verification.document", "verification.additional_document"],
    ["representative", "owner", "director", "executive"],
  ),
};

/** Every country without a row of its own. */
const ELSEWHERE = byDocument(WITHOUT_STATE, ["verification.document"], ["representative", "owner"]);

/** The countries with requirements of their own. */
export const COUNTRIES_WITH_REQUIREMENTS: readonly string[] = Object.keys(COUNTRIES);

/** What is asked for in a country, an ISO 3166-1 code. */
export function countryRequirements(country: string): CountryRequirements {
  return COUNTRIES[country] ?? ELSEWHERE;
}
