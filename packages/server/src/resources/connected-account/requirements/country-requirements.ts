/** Who somebody is to a business. */
export type PersonRole = "representative" | "owner" | "director" | "executive";

/** The business types of an account that is not one person. */
export type CompanyType = "company" | "non_profit" | "government_entity";

/** Under which terms an account is: it takes payments itself, or is only paid by its platform from abroad. */
export type ServiceAgreement = "full" | "recipient";

/** What is asked of one person, or of a company. Fields are named as within it. */
export interface RequirementStages {
  /** What nothing works without. */
  first: readonly string[];
  /** What is asked for later, and told from the start. */
  later?: readonly string[];
  /** What is asked for later, and told once all of `first` is there. A document is not asked of somebody who could be verified without. */
  eventually?: readonly string[];
}

/** What shows while the identity of a person is verified by what he said, and what waits for it. */
export interface UnderVerification {
  /** Fields named as within the person. */
  shows: readonly string[];
  /** What shows as well where the whole identity number was given. */
  showsWithNumber: readonly string[];
  /** What waits until it has ended. */
  stops: "both" | "payouts";
}

/** What the law of a country makes Stripe ask for. */
export interface CountryRequirements {
  /** Where the account is one person. */
  individual: RequirementStages;
  /** By what somebody is to the company. */
  people: Readonly<Record<PersonRole, RequirementStages>>;
  company: RequirementStages;
  /** Who must be named. */
  roles: Readonly<Record<CompanyType, readonly PersonRole[]>>;
  /** Null where accounts work while their people are verified. */
  underVerification: UnderVerification | null;
  /** Whether that somebody is being verified shows in his status. */
  verifiesOpenly: boolean;
  /** What will be asked for by law, which an email address with `enforce_future_requirements` asks for now. */
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

/** What is asked for where somebody is known by what he says of himself: `keys` is the address. */
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

/** The same, where the representative says whether he is an executive. */
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
 * What is asked for, by country: one row each. Real lists change often and differ by business; these keep to their form.
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

/** The countries of Europe, which ask for the same. */
const OF_EUROPE: ReadonlySet<string> = new Set(
  "AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split(" "),
);

/** Every country without a row of its own. */
const ELSEWHERE = byWord(WITHOUT_STATE, ["representative", "owner"]);

/** Countries that have no postal codes. Source: https://www.upu.int/en/postal-solutions/programmes-services/addressing-solutions */
const WITHOUT_POSTAL_CODES: ReadonlySet<string> = new Set("AG AO BJ BO BS BW CI GA GM GY HK JM MO QA RW".split(" "));
const WITHOUT_POSTAL_CODE = address("city", "line1");

/** Countries whose people can be paid from abroad by their number alone. Source: https://docs.stripe.com/connect/cross-border-payouts */
const NUMBERED: ReadonlySet<string> = new Set("AR BO CL CO CR DO GT KZ PA PE PY UY".split(" "));

/** What is asked of those who are only paid by their platform from abroad: of a company nobody is named. Same source. */
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

/** What is asked for, by the words that stand for a country in the documents. */
export const REQUIREMENTS_TOLD: Readonly<Record<string, CountryRequirements>> = {
  ...FULL,
  Europe: EUROPE,
  elsewhere: ELSEWHERE,
  "a recipient": RECIPIENT,
  "a recipient known by number": NUMBERED_RECIPIENT,
  "a recipient without postal code": recipient(false, WITHOUT_POSTAL_CODE),
};

/** The countries that a word of `REQUIREMENTS_TOLD` stands for, where it is no country itself. */
export const COUNTRIES_MEANT: Readonly<Record<string, readonly string[]>> = {
  Europe: [...OF_EUROPE],
  "a recipient known by number": [...NUMBERED],
  "a recipient without postal code": [...WITHOUT_POSTAL_CODES],
};

/** What is asked for in a country, an ISO 3166-1 code, under an agreement. */
export function countryRequirements(country: string, agreement: ServiceAgreement): CountryRequirements {
  if (agreement === "recipient") return RECIPIENTS[country] ?? (NUMBERED.has(country) ? NUMBERED_RECIPIENT : RECIPIENT);
  return FULL[country] ?? (OF_EUROPE.has(country) ? EUROPE : ELSEWHERE);
}
