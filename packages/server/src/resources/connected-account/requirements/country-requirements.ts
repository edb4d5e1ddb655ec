/** A person's role in a business. */
export type PersonRole = "representative" | "owner" | "director" | "executive";

/** The business types of accounts that are not individuals. */
export type CompanyType = "company" | "non_profit" | "government_entity";

/** An account's service agreement: it takes payments itself, or only receives payouts from its platform abroad. */
export type ServiceAgreement = "full" | "recipient";

/** The requirements of one person, or of a company. Field names are relative to it. */
export interface RequirementStages {
  /** Required at first. */
  first: readonly string[];
  /** Required later, and listed from the start. */
  later?: readonly string[];
  /**
   * Required later, and listed once all of `first` is given. A document is required only of people who cannot be
   * verified without one.
   */
  eventually?: readonly string[];
}

/** The fields shown while a person's identity is verified by the given data, and what waits for it. */
export interface UnderVerification {
  /** Field names are relative to the person. */
  shows: readonly string[];
  /** Fields also shown when the whole identity number was given. */
  showsWithNumber: readonly string[];
  /** What waits until the verification has ended. */
  stops: "both" | "payouts";
}

/** What a country's law requires Stripe to ask for. */
export interface CountryRequirements {
  /** For accounts of individuals. */
  individual: RequirementStages;
  /** By the person's role in the company. */
  people: Readonly<Record<PersonRole, RequirementStages>>;
  company: RequirementStages;
  /** The roles that must be filled. */
  roles: Readonly<Record<CompanyType, readonly PersonRole[]>>;
  /** Null where accounts work while their persons are verified. */
  underVerification: UnderVerification | null;
  /**
   * Whether a person's status shows a pending verification of the person's data. A document's verification always
   * shows.
   */
  verifiesOpenly: boolean;
  /** Future requirements. An email address that contains `enforce_future_requirements` makes them apply now. */
  future: readonly string[];
}

const DOB = ["dob.day", "dob.month", "dob.year"];
const NAME = ["first_name", "last_name"];
const CONTACT = ["email", "phone"];
const TITLE = "relationship.title";
const EXECUTIVE = "relationship.executive";
const DOCUMENT = "verification.document";
const PASSPORT = "documents.passport.files";
const address = (...keys: string[]) => keys.map((key) => `address.${key}`);
const WITH_STATE = address("city", "line1", "postal_code", "state");
const WITHOUT_STATE = address("city", "line1", "postal_code");
const NOTHING: RequirementStages = { first: [] };
const company = (keys: readonly string[]) => [...keys.map((key) => `company.${key}`), "company.name", "company.phone", "company.tax_id"];
const SMALL_ROLES = { non_profit: ["representative", "executive"], government_entity: ["representative"] } as const;

/** The requirements in countries that identify people by the data they give. `keys` are those of the address. */
function byWord(keys: readonly string[], roles: readonly PersonRole[]): CountryRequirements {
  const keyed = [...keys, ...DOB, ...NAME];
  return {
    individual: { first: [...keyed, ...CONTACT] },
    people: {
      representative: { first: [...keyed, ...CONTACT, TITLE] },
      owner: { first: [...keyed, "email"] },
      director: { first: [...DOB, ...NAME, "email"] },
      executive: { first: [...keyed, "email"] },
    },
    company: { first: company(keys) },
    roles: { company: roles, ...SMALL_ROLES },
    underVerification: null,
    verifiesOpenly: true,
    future: ["business_profile.estimated_worker_count"],
  };
}

/** The same, for representatives who also say whether they are executives. */
function withExecutive(rules: CountryRequirements): CountryRequirements {
  const { representative } = rules.people;
  return { ...rules, people: { ...rules.people, representative: { ...representative, first: [...representative.first, EXECUTIVE] } } };
}

const US_PERSON: RequirementStages = { first: [...WITH_STATE, ...DOB, ...NAME, ...CONTACT, "ssn_last_4"], eventually: ["id_number"] };
const US: CountryRequirements = {
  ...byWord(WITH_STATE, ["representative", "owner"]),
  individual: US_PERSON,
  people: {
    representative: { ...US_PERSON, first: [...US_PERSON.first, TITLE] },
    owner: { first: US_PERSON.first },
    director: NOTHING,
    executive: { first: [...DOB, ...NAME, "email"] },
  },
  roles: { company: ["representative", "owner"], non_profit: ["representative"], government_entity: ["representative"] },
  underVerification: { shows: [...WITH_STATE, "id_number"], showsWithNumber: [DOCUMENT], stops: "both" },
};

const CA_PERSON: RequirementStages = { first: [...WITH_STATE, ...DOB, ...NAME], eventually: ["id_number"] };
const CA: CountryRequirements = {
  ...byWord(WITH_STATE, ["representative", "director"]),
  individual: { ...CA_PERSON, first: [...CA_PERSON.first, ...CONTACT] },
  people: {
    representative: CA_PERSON,
    owner: { first: [...CA_PERSON.first, "email"] },
    director: { first: [...DOB, ...NAME, "email"] },
    executive: { first: [...CA_PERSON.first, "email"] },
  },
};

const SG_ADDRESS = address("line1", "postal_code");
const SG_PERSON = [...SG_ADDRESS, ...DOB, ...NAME, "email", "full_name_aliases", "id_number", "nationality"];
const SG: CountryRequirements = {
  ...byWord(SG_ADDRESS, ["representative", "director"]),
  individual: { first: [...SG_PERSON, "phone"] },
  people: {
    representative: { first: [...SG_PERSON, "phone", TITLE, EXECUTIVE] },
    owner: { first: SG_PERSON },
    director: { first: SG_PERSON },
    executive: { first: SG_PERSON },
  },
};

const AE_ADDRESS = address("line1", "state");
const AE_PERSON = [...AE_ADDRESS, ...DOB, ...NAME, "id_number", "nationality"];
const AE: CountryRequirements = {
  ...byWord(AE_ADDRESS, ["representative", "owner"]),
  individual: { first: [...AE_PERSON, ...CONTACT], later: [PASSPORT] },
  people: {
    representative: { first: [...AE_PERSON, ...CONTACT, TITLE, EXECUTIVE], later: [PASSPORT] },
    owner: { first: AE_PERSON, later: [PASSPORT] },
    director: { first: AE_PERSON },
    executive: { first: AE_PERSON },
  },
  company: {
    first: [...company(AE_ADDRESS), "company.business_vat_id_number"],
    later: [
      "documents.bank_account_ownership_verification.files",
      "documents.company_license.files",
      "documents.company_memorandum_of_association.files",
    ],
  },
};

const EVERYBODY = ["representative", "owner", "director", "executive"] as const;
const EUROPE = withExecutive(byWord(WITHOUT_STATE, EVERYBODY));
const HK = byWord(address("city", "line1"), EVERYBODY);
const NZ = byWord(WITHOUT_STATE, ["representative", "owner", "director"]);

/**
 * The requirements by country, one row each. Real lists change often and vary by business; these only have the same
 * form.
 * Source: https://docs.stripe.com/connect/required-verification-information
 */
const FULL: Readonly<Record<string, CountryRequirements>> = {
  US,
  AE,
  AU: byWord(WITH_STATE, ["representative", "owner", "director"]),
  CA,
  HK: { ...HK, underVerification: { shows: [DOCUMENT], showsWithNumber: [], stops: "payouts" } },
  NZ: { ...NZ, underVerification: { shows: [DOCUMENT, "verification.additional_document"], showsWithNumber: [], stops: "payouts" } },
  SG,
};

/** European countries, which have the same requirements. */
const OF_EUROPE: ReadonlySet<string> = new Set(
  "AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split(" "),
);

/** Every country without its own row. */
const ELSEWHERE = byWord(WITHOUT_STATE, ["representative", "owner"]);

/**
 * Countries without postal codes.
 * Source: https://www.upu.int/en/postal-solutions/programmes-services/addressing-solutions
 */
const WITHOUT_POSTAL_CODES: ReadonlySet<string> = new Set("AG AO BJ BO BS BW CI GA GM GY HK JM MO QA RW".split(" "));
const WITHOUT_POSTAL_CODE = address("city", "line1");

/**
 * Countries where the number alone identifies a person for payouts from abroad.
 * Source: https://docs.stripe.com/connect/cross-border-payouts
 */
const NUMBERED: ReadonlySet<string> = new Set("AR BO CL CO CR DO GT KZ PA PE PK PY UY".split(" "));

/**
 * The requirements of accounts that only receive payouts from a platform abroad. Companies need not name persons. Same
 * source.
 */
function recipient(numbered: boolean, keys: readonly string[] = WITHOUT_STATE): CountryRequirements {
  const rules = byWord(keys, []);
  const { first } = rules.individual;
  return {
    ...rules,
    individual: { first: numbered ? [...first, "id_number"] : first, eventually: [DOCUMENT] },
    roles: { company: [], non_profit: [], government_entity: [] },
    verifiesOpenly: false,
  };
}
const RECIPIENT = recipient(false);
const NUMBERED_RECIPIENT = recipient(true);
const RECIPIENTS: Readonly<Record<string, CountryRequirements>> = Object.fromEntries(
  [...WITHOUT_POSTAL_CODES].map((country) => [country, recipient(NUMBERED.has(country), WITHOUT_POSTAL_CODE)]),
);

/** The requirements under the names that the documents use for countries. */
export const REQUIREMENTS_TOLD: Readonly<Record<string, CountryRequirements>> = {
  ...FULL,
  Europe: EUROPE,
  elsewhere: ELSEWHERE,
  "a recipient": RECIPIENT,
  "a recipient known by number": NUMBERED_RECIPIENT,
  "a recipient without postal code": recipient(false, WITHOUT_POSTAL_CODE),
};

/** The countries behind a name of `REQUIREMENTS_TOLD` that is not a country itself. */
export const COUNTRIES_MEANT: Readonly<Record<string, readonly string[]>> = {
  Europe: [...OF_EUROPE],
  "a recipient known by number": [...NUMBERED],
  "a recipient without postal code": [...WITHOUT_POSTAL_CODES],
};

/** The requirements in a country, an ISO 3166-1 code, under a service agreement. */
export function countryRequirements(country: string, agreement: ServiceAgreement): CountryRequirements {
  if (agreement === "recipient") return RECIPIENTS[country] ?? (NUMBERED.has(country) ? NUMBERED_RECIPIENT : RECIPIENT);
  return FULL[country] ?? (OF_EUROPE.has(country) ? EUROPE : ELSEWHERE);
}
