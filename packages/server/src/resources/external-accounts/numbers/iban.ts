/**
 * The length of an IBAN by country, for countries that use IBANs.
 * Source: the registry of ISO 13616,
 * https://www.swift.com/standards/data-standards/iban-international-bank-account-number
 */
const LENGTHS: Readonly<Record<string, number>> = {
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  CH: 21,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  EE: 20,
  ES: 24,
  FI: 18,
  FR: 27,
  GB: 22,
  GI: 23,
  GR: 27,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  MC: 27,
  MD: 24,
  MK: 19,
  MT: 31,
  MU: 30,
  NL: 18,
  NO: 15,
  PL: 28,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  SA: 24,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  TN: 24,
  TR: 26,
};

/** European countries where an IBAN alone identifies a bank account. */
export const IBAN_COUNTRIES: readonly string[] = [
  "AT",
  "BE",
  "BG",
  "CH",
  "CY",
  "CZ",
  "DE",
  "DK",
  "EE",
  "ES",
  "FI",
  "FR",
  "GI",
  "GR",
  "HR",
  "HU",
  "IE",
  "IS",
  "IT",
  "LI",
  "LT",
  "LU",
  "LV",
  "MC",
  "MT",
  "NL",
  "NO",
  "PL",
  "PT",
  "RO",
  "SE",
  "SI",
  "SK",
  "SM",
];

/** Whether text, in upper case and without separators, has the form of an IBAN. */
export function looksLikeIban(text: string): boolean {
  return /^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(text);
}

/**
 * Whether an IBAN is valid: it has its country's length and valid check digits.
 * Source: ISO 13616-1, and ISO 7064 for the check digits
 */
export function ibanHolds(iban: string): boolean {
  if (!looksLikeIban(iban)) return false;
  const length = LENGTHS[iban.slice(0, 2)];
  return (length === undefined || length === iban.length) && remainder(iban.slice(4) + iban.slice(0, 4)) === 1;
}

/** The two check digits of an IBAN, from its country and the rest. */
export function checkDigits(country: string, rest: string): string {
  return String(98 - remainder(`${rest}${country}00`)).padStart(2, "0");
}

/** The remainder of division by 97, with letters counted from A = 10. */
function remainder(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
