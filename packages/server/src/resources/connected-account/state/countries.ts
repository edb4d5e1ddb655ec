/**
 * The countries an account can be in, with their default currencies.
 * Source: https://stripe.com/global and, for accounts paid across borders,
 * https://docs.stripe.com/connect/cross-border-payouts
 */
const CURRENCIES = {
  AE: "aed",
  AG: "xcd",
  AL: "all",
  AM: "amd",
  AO: "aoa",
  AR: "ars",
  AT: "eur",
  AU: "aud",
  AZ: "azn",
  BA: "bam",
  BD: "bdt",
  BE: "eur",
  BG: "eur",
  BH: "bhd",
  BJ: "xof",
  BN: "bnd",
  BO: "bob",
  BR: "brl",
  BS: "bsd",
  BT: "btn",
  BW: "bwp",
  CA: "cad",
  CH: "chf",
  CI: "xof",
  CL: "clp",
  CO: "cop",
  CR: "crc",
  CY: "eur",
  CZ: "czk",
  DE: "eur",
  DK: "dkk",
  DO: "dop",
  DZ: "dzd",
  EC: "usd",
  EE: "eur",
  EG: "egp",
  ES: "eur",
  ET: "etb",
  FI: "eur",
  FR: "eur",
  GA: "xaf",
  GB: "gbp",
  GH: "ghs",
  GI: "gip",
  GM: "gmd",
  GR: "eur",
  GT: "gtq",
  GY: "gyd",
  HK: "hkd",
  HR: "eur",
  HU: "huf",
  ID: "idr",
  IE: "eur",
  IL: "ils",
  IN: "inr",
  IS: "isk",
  IT: "eur",
  JM: "jmd",
  JO: "jod",
  JP: "jpy",
  KE: "kes",
  KH: "khr",
  KR: "krw",
  KW: "kwd",
  KZ: "kzt",
  LA: "lak",
  LC: "xcd",
  LI: "chf",
  LK: "lkr",
  LT: "eur",
  LU: "eur",
  LV: "eur",
  MA: "mad",
  MC: "eur",
  MD: "mdl",
  MG: "mga",
  MK: "mkd",
  MN: "mnt",
  MO: "mop",
  MT: "eur",
  MU: "mur",
  MX: "mxn",
  MY: "myr",
  MZ: "mzn",
  NA: "nad",
  NE: "xof",
  NG: "ngn",
  NL: "eur",
  NO: "nok",
  NZ: "nzd",
  OM: "omr",
  PA: "usd",
  PE: "pen",
  PH: "php",
  PK: "pkr",
  PL: "pln",
  PR: "usd",
  PT: "eur",
  PY: "pyg",
  QA: "qar",
  RO: "ron",
  RS: "rsd",
  RW: "rwf",
  SA: "sar",
  SE: "sek",
  SG: "sgd",
  SI: "eur",
  SK: "eur",
  SM: "eur",
  SN: "xof",
  SV: "usd",
  TH: "thb",
  TN: "tnd",
  TR: "try",
  TT: "ttd",
  TW: "twd",
  TZ: "tzs",
  US: "usd",
  UY: "uyu",
  UZ: "uzs",
  VN: "vnd",
  ZA: "zar",
} as const satisfies Record<string, string>;

/** Every country an account can be in. */
export const COUNTRIES: readonly string[] = Object.keys(CURRENCIES);

/**
 * An account's default currency by its country; undefined for an unsupported country. `country` is an ISO 3166-1 code.
 */
export function currencyOf(country: string): string | undefined {
  return Object.hasOwn(CURRENCIES, country) ? CURRENCIES[country as keyof typeof CURRENCIES] : undefined;
}

const KNOWN_CURRENCIES: ReadonlySet<string> = new Set(Object.values(CURRENCIES));

/** Whether text is a currency of some account. `currency` is in lower case. */
export function isCurrency(currency: string): boolean {
  return KNOWN_CURRENCIES.has(currency);
}

/** Countries whose accounts hold funds for a day when payouts are manual, although they are paid from abroad. */
const HELD_A_DAY: ReadonlySet<string> = new Set(["DO", "GT", "IN", "SN", "TH", "TT", "UY"]);

/** The payout properties that affect how long a country's accounts hold funds. */
export interface Held {
  /** Two letters of ISO 3166-1. */
  country: string;
  /** Whether it only receives payouts from its platform abroad. */
  recipient: boolean;
  /** Whether its payouts are only manual. */
  manual: boolean;
}

/**
 * How many days a new account's funds are held before payout. Real values differ by country and business; these are
 * values observed on accounts.
 * Source: https://docs.stripe.com/connect/manage-payout-schedule
 */
export function payoutDelayDays({ country, recipient, manual }: Held): number {
  if (manual) return recipient && !HELD_A_DAY.has(country) ? 0 : 1;
  if (country === "AU" || country === "US") return 2;
  return country === "KR" ? 0 : 7;
}

/**
 * Countries that do not identify people by a number: the European Economic Area and its neighbours, Australia and
 * India.
 */
const WITHOUT_NUMBERS: ReadonlySet<string> = new Set(
  "AT AU BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IN IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK".split(" "),
);

/**
 * Whether persons of an account in a country show that no number was given. Where numbers are not used, the field is
 * missing until one is given.
 * Source: responses of Stripe's test mode
 */
export function showsMissingNumber(country: string): boolean {
  return !WITHOUT_NUMBERS.has(country);
}

/**
 * Countries whose companies show more before it is given: whether a VAT number was given, names in Japanese, and a
 * declaration of ownership.
 */
const WITH_VAT_NUMBERS: ReadonlySet<string> = new Set(
  [
    "AE AG AL AM AO AR AZ BA BD BH BJ BN BS BT BW CI CL CO DO DZ EC EG ET GA GH GT GY ID IL JM JO KE KH KR KW KZ",
    "LA LC LK MA MD MG MK MN MO MU MY MZ NA NE NG OM PA PE PK QA RS RW SA SN SV TH TN TR TT TW TZ UY UZ VN ZA",
  ].flatMap((line) => line.split(" ")),
);

/**
 * Whether companies of accounts in a country show that no VAT number was given. Elsewhere, the field is missing until
 * one is given.
 * Source: responses of Stripe's test mode
 */
export function showsMissingVatNumber(country: string): boolean {
  return WITH_VAT_NUMBERS.has(country);
}
