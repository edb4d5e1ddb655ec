/** A call that creates an account, as it is sent, and the parts of the answer that are compared. */
export interface AccountCase {
  name: string;
  /** The `Stripe-Version` header. */
  version: string;
  /** The form's fields. */
  params: Readonly<Record<string, string>>;
  answer: AccountAnswer | RefusedAnswer;
}

/** An account that is made. What is not in it is not compared. */
export interface AccountAnswer {
  capabilities: Readonly<Record<string, string>>;
  currently_due: readonly string[];
  /** The same as what is due, unless told otherwise. */
  eventually_due?: readonly string[];
  past_due?: readonly string[];
  disabled_reason: string | null;
  charges_enabled: boolean;
  payouts_enabled: boolean;
  details_submitted: boolean;
  delay_days: number;
  bank?: { routing_number: string; last4: string };
  phone?: string;
}

/** A call that is refused. */
export interface RefusedAnswer {
  status: number;
  /** Null where the error has none. */
  code: string | null;
  param: string;
}

const VERSION = "2023-10-16";
const BETA = `${VERSION}; example_beta=v1`;

const accepted = { "tos_acceptance[date]": "1700000000", "tos_acceptance[ip]": "203.0.113.9" };
const business = { "business_profile[url]": "https://rides.example", "business_profile[product_description]": "rides" };
const byHand = { "settings[payouts][schedule][interval]": "manual" };
const payments = { "requested_capabilities[0]": "card_payments", "requested_capabilities[1]": "transfers" };
const fromAbroad = { "requested_capabilities[0]": "transfers", "tos_acceptance[service_agreement]": "recipient" };
const custom = { type: "custom", ...accepted, ...business };

const within = (hash: string, fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [`${hash}${key}`, value]));
const bank = (country: string, currency: string, number: string, routing?: string) =>
  within("bank_account", {
    "[country]": country,
    "[currency]": currency,
    "[account_number]": number,
    ...(routing === undefined ? {} : { "[routing_number]": routing }),
  });

/** A person with all the data that most countries require. */
const ada = (country: string, more: Readonly<Record<string, string>> = {}) =>
  within("individual", {
    "[first_name]": "Ada",
    "[last_name]": "Byron",
    "[email]": "ada@rides.example",
    "[phone]": "0000000000",
    "[dob][day]": "1",
    "[dob][month]": "1",
    "[dob][year]": "1901",
    "[address][line1]": "address_full_match",
    "[address][city]": "Somewhere",
    "[address][postal_code]": "10000",
    "[address][country]": country,
    ...more,
  });

/** A company that has said everything of itself, and that all of its directors and executives are named. */
const rides = (country: string, more: Readonly<Record<string, string>> = {}) =>
  within("company", {
    "[name]": "Rides",
    "[phone]": "0000000000",
    "[tax_id]": "000000000",
    "[address][line1]": "address_full_match",
    "[address][city]": "Somewhere",
    "[address][postal_code]": "10000",
    "[address][country]": country,
    "[directors_provided]": "true",
    "[executives_provided]": "true",
    ...more,
  });

const of = (whose: string, ...fields: string[]) => fields.map((field) => `${whose}.${field}`).sort();
const DOB = ["dob.day", "dob.month", "dob.year"];
const NAME = ["first_name", "last_name"];
const STREET = ["address.city", "address.line1", "address.postal_code"];

const nothingDue = { currently_due: [], disabled_reason: null, charges_enabled: true, payouts_enabled: true, details_submitted: true };
const stopped = {
  disabled_reason: "requirements.past_due",
  charges_enabled: false,
  payouts_enabled: false,
  details_submitted: false,
  capabilities: { card_payments: "inactive", transfers: "inactive" },
};
const both = (status: string) => ({ card_payments: status, transfers: status });

const individuals: AccountCase[] = [
  {
    name: "an individual in the United States waits for its verification",
    version: VERSION,
    params: {
      ...custom,
      ...payments,
      ...byHand,
      country: "US",
      business_type: "individual",
      ...bank("US", "usd", "000123456789", "110000000"),
      ...ada("US", { "[address][state]": "TX", "[id_number]": "000000000" }),
    },
    answer: {
      ...nothingDue,
      capabilities: both("pending"),
      disabled_reason: "requirements.pending_verification",
      charges_enabled: false,
      payouts_enabled: false,
      delay_days: 1,
      bank: { routing_number: "110000000", last4: "6789" },
      phone: "+10000000000",
    },
  },
  {
    name: "an individual in the United States of whom little is told",
    version: VERSION,
    params: {
      ...custom,
      ...payments,
      country: "US",
      business_type: "individual",
      "business_profile[product_description]": "",
      "individual[email]": "ada@rides.example",
    },
    answer: {
      ...stopped,
      currently_due: ["external_account", ...of("individual", ...STREET, "address.state", ...DOB, ...NAME, "phone", "ssn_last_4")],
      delay_days: 2,
    },
  },
  {
    name: "an individual in Spain works while it is verified",
    version: BETA,
    params: {
      ...custom,
      ...payments,
      ...byHand,
      country: "ES",
      business_type: "individual",
      ...bank("ES", "eur", "ES9121000418450200051332"),
      ...ada("ES"),
    },
    answer: { ...nothingDue, capabilities: both("active"), delay_days: 1, bank: { routing_number: "110000000", last4: "1332" } },
  },
  {
    name: "an individual in Ireland without a bank account",
    version: VERSION,
    params: { ...custom, ...payments, country: "IE", business_type: "individual", ...ada("IE") },
    answer: {
      ...nothingDue,
      capabilities: both("active"),
      currently_due: ["external_account"],
      disabled_reason: "requirements.past_due",
      payouts_enabled: false,
      details_submitted: false,
      delay_days: 7,
    },
  },
  {
    name: "an individual in New Zealand is paid out to when its documents were looked at",
    version: VERSION,
    params: {
      ...custom,
      ...payments,
      ...byHand,
      country: "NZ",
      business_type: "individual",
      ...bank("NZ", "nzd", "1100000000000010"),
      ...ada("NZ"),
    },
    answer: {
      ...nothingDue,
      capabilities: both("active"),
      disabled_reason: "requirements.pending_verification",
      payouts_enabled: false,
      delay_days: 1,
      bank: { routing_number: "110000", last4: "0010" },
    },
  },
  {
    name: "an individual in Singapore tells its other names and its nationality",
    version: VERSION,
    params: {
      ...custom,
      ...payments,
      ...byHand,
      country: "SG",
      business_type: "individual",
      ...bank("SG", "sgd", "000123456789", "1100-000"),
      ...ada("SG", { "[id_number]": "000000000" }),
    },
    answer: { ...stopped, currently_due: of("individual", "full_name_aliases", "nationality"), delay_days: 1 },
  },
  {
    name: "an empty name in the list says that there are no other names",
    version: VERSION,
    params: {
      ...custom,
      ...payments,
      ...byHand,
      country: "SG",
      business_type: "individual",
      ...bank("SG", "sgd", "000123456789", "1100-000"),
      ...ada("SG", { "[id_number]": "000000000", "[nationality]": "SG", "[full_name_aliases][0]": "" }),
    },
    answer: { ...nothingDue, capabilities: both("active"), delay_days: 1 },
  },
  {
    name: "an individual in Australia is asked for its state and phone",
    version: VERSION,
    params: {
      ...custom,
      ...payments,
      ...byHand,
      country: "AU",
      business_type: "individual",
      ...bank("AU", "aud", "000123456", "110000"),
      ...ada("AU", { "[address][postal_code]": "2000", "[phone]": "0412 345 678" }),
    },
    answer: {
      ...stopped,
      currently_due: ["individual.address.state"],
      delay_days: 1,
      bank: { routing_number: "11 0000", last4: "3456" },
      phone: "+61412345678",
    },
  },
];

const recipients: AccountCase[] = (
  [
    ["Kenya", "KE", "kes", "000123456789", "BARCKENXMDR", 0],
    ["Angola, which has no postal codes", "AO", "aoa", "AO06004400006729503010102", "AAAAAOAOXXX", 0],
    ["Thailand, where funds are held a day", "TH", "thb", "000123456789", "999", 1],
  ] as const
).map(([name, country, currency, number, routing, delay]) => ({
  name: `somebody paid from abroad in ${name}`,
  version: BETA,
  params: {
    ...custom,
    ...fromAbroad,
    ...byHand,
    country,
    business_type: "individual",
    ...bank(country, currency, number, routing),
    ...ada(country, country === "AO" ? { "[address][postal_code]": "10000" } : {}),
  },
  answer: {
    ...nothingDue,
    capabilities: { transfers: "active" },
    eventually_due: ["individual.verification.document"],
    delay_days: delay,
    bank: { routing_number: routing, last4: number.slice(-4) },
  },
}));

const numbered: AccountCase[] = [
  {
    name: "somebody paid from abroad in Pakistan without a number",
    version: BETA,
    params: {
      ...custom,
      ...fromAbroad,
      ...byHand,
      country: "PK",
      business_type: "individual",
      ...bank("PK", "pkr", "PK36SCBL0000001123456702", "AAAAPKKAXXX"),
      ...ada("PK", { "[nationality]": "PK" }),
    },
    answer: {
      ...stopped,
      capabilities: { transfers: "inactive" },
      currently_due: ["individual.id_number"],
      delay_days: 0,
      bank: { routing_number: "AAAAPKKAXXX", last4: "6702" },
    },
  },
  {
    name: "somebody paid from abroad in Peru without a number",
    version: VERSION,
    params: {
      ...custom,
      ...fromAbroad,
      ...byHand,
      country: "PE",
      business_type: "individual",
      ...bank("PE", "pen", "99934500012345670024"),
      ...ada("PE"),
    },
    answer: { ...stopped, capabilities: { transfers: "inactive" }, currently_due: ["individual.id_number"], delay_days: 0 },
  },
  {
    name: "somebody paid from abroad in Peru with a number",
    version: VERSION,
    params: {
      ...custom,
      ...fromAbroad,
      ...byHand,
      country: "PE",
      business_type: "individual",
      ...bank("PE", "pen", "99934500012345670024"),
      ...ada("PE", { "[id_number]": "00000000" }),
    },
    answer: { ...nothingDue, capabilities: { transfers: "active" }, eventually_due: ["individual.verification.document"], delay_days: 0 },
  },
  {
    name: "a company paid from abroad names nobody, and gives its bank account later",
    version: VERSION,
    params: { ...custom, ...fromAbroad, country: "PH", business_type: "company", ...rides("PH") },
    answer: {
      ...nothingDue,
      capabilities: { transfers: "active" },
      currently_due: ["external_account"],
      disabled_reason: "requirements.past_due",
      payouts_enabled: false,
      delay_days: 7,
    },
  },
];

const companies: AccountCase[] = [
  {
    name: "a company in Austria is asked for its representative and its owners",
    version: VERSION,
    params: {
      ...custom,
      ...payments,
      ...byHand,
      country: "AT",
      business_type: "company",
      ...bank("AT", "eur", "AT611904300234573201"),
      ...rides("AT"),
    },
    answer: {
      ...stopped,
      currently_due: [
        "company.owners_provided",
        ...of("owners", ...STREET, ...DOB, ...NAME, "email"),
        ...of("representative", ...STREET, ...DOB, ...NAME, "email", "phone", "relationship.executive", "relationship.title"),
      ],
      delay_days: 1,
    },
  },
  {
    name: "a company in Austria that has confirmed its owners and nobody else",
    version: VERSION,
    params: {
      ...custom,
      ...payments,
      ...byHand,
      country: "AT",
      business_type: "company",
      ...bank("AT", "eur", "AT611904300234573201"),
      ...rides("AT", { "[directors_provided]": "false", "[executives_provided]": "false", "[owners_provided]": "true" }),
    },
    answer: {
      ...stopped,
      currently_due: [
        "company.directors_provided",
        "company.executives_provided",
        ...of("directors", ...DOB, ...NAME, "email"),
        ...of("executives", ...STREET, ...DOB, ...NAME, "email"),
        ...of("representative", ...STREET, ...DOB, ...NAME, "email", "phone", "relationship.executive", "relationship.title"),
      ],
      delay_days: 1,
    },
  },
  {
    name: "a company in Canada is asked for its representative alone",
    version: VERSION,
    params: {
      ...custom,
      ...payments,
      ...byHand,
      country: "CA",
      business_type: "company",
      ...bank("CA", "cad", "000123456789", "11000-000"),
      ...rides("CA", { "[address][postal_code]": "M4C 1T2", "[address][state]": "ON" }),
    },
    answer: { ...stopped, currently_due: of("representative", ...STREET, "address.state", ...DOB, ...NAME), delay_days: 1 },
  },
  {
    name: "a company in the Emirates is asked for papers later",
    version: VERSION,
    params: {
      ...custom,
      ...payments,
      ...byHand,
      country: "AE",
      business_type: "company",
      ...bank("AE", "aed", "AE070331234567890123456"),
      ...rides("AE", { "[address][state]": "Dubai", "[owners_provided]": "true", "[vat_id]": "000000000" }),
    },
    answer: {
      ...stopped,
      currently_due: of(
        "representative",
        "address.line1",
        "address.state",
        ...DOB,
        ...NAME,
        "email",
        "phone",
        "id_number",
        "nationality",
        "relationship.executive",
        "relationship.title",
      ),
      eventually_due: [
        "documents.bank_account_ownership_verification.files",
        "documents.company_license.files",
        "documents.company_memorandum_of_association.files",
        ...of(
          "representative",
          "address.line1",
          "address.state",
          ...DOB,
          "documents.passport.files",
          ...NAME,
          "email",
          "phone",
          "id_number",
          "nationality",
          "relationship.executive",
          "relationship.title",
        ),
      ],
      delay_days: 1,
    },
  },
];

const refused: AccountCase[] = [
  {
    name: "a number that is no test number is named as it was given",
    version: VERSION,
    params: { ...custom, ...payments, country: "US", business_type: "individual", ...bank("US", "usd", "987654321", "110000000") },
    answer: { status: 400, code: "account_number_invalid", param: "bank_account[account_number]" },
  },
  {
    name: "the same in external_account",
    version: VERSION,
    params: {
      ...custom,
      country: "US",
      "external_account[object]": "bank_account",
      "external_account[country]": "US",
      "external_account[account_number]": "987654321",
      "external_account[routing_number]": "110000000",
    },
    answer: { status: 400, code: "account_number_invalid", param: "external_account[account_number]" },
  },
  {
    name: "a number that is no bank's",
    version: VERSION,
    params: { ...custom, country: "US", ...bank("US", "usd", "000123456789", "110000001") },
    answer: { status: 400, code: "routing_number_invalid", param: "bank_account[routing_number]" },
  },
  {
    name: "a bank account in both ways",
    version: VERSION,
    params: { ...custom, country: "US", ...bank("US", "usd", "000123456789", "110000000"), external_account: "btok_us" },
    answer: { status: 400, code: "parameters_exclusive", param: "bank_account" },
  },
  {
    name: "a capability that is none",
    version: VERSION,
    params: { ...custom, country: "US", "requested_capabilities[0]": "flying" },
    answer: { status: 400, code: null, param: "requested_capabilities[0]" },
  },
];

/** Accounts as real platforms ask for them, with values of our own. */
export const ACCOUNT_CASES: readonly AccountCase[] = [...individuals, ...recipients, ...numbered, ...companies, ...refused];
