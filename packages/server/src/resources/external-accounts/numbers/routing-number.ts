const WEIGHTS = [3, 7, 1] as const;

/**
 * Whether nine digits have the checksum of an ABA routing number.
 * Source: https://www.aba.com/about-us/routing-number
 */
export function abaHolds(number: string): boolean {
  if (!/^\d{9}$/.test(number)) return false;
  let sum = 0;
  for (const [at, digit] of [...number].entries()) sum += Number(digit) * (WEIGHTS[at % 3] ?? 0);
  return sum % 10 === 0;
}

/** A country's bank and branch number: its name, its format without separators, and the separator it is shown with. */
interface RoutingForm {
  name: string;
  digits: number;
  /** The number of digits before a separator, and the separator. */
  separated: readonly [after: number, by: string] | null;
}

/** Countries whose bank accounts need one. Source: https://docs.stripe.com/connect/payouts-bank-accounts */
const FORMS: Readonly<Record<string, RoutingForm>> = {
  AU: { name: "BSB", digits: 6, separated: [2, " "] },
  CA: { name: "Routing number", digits: 8, separated: [5, "-"] },
  GB: { name: "Sort code", digits: 6, separated: null },
  HK: { name: "Clearing code and branch code", digits: 6, separated: [3, "-"] },
  JP: { name: "Bank code and branch code", digits: 7, separated: [4, "-"] },
  SG: { name: "Bank code and branch code", digits: 7, separated: [4, "-"] },
  US: { name: "Routing number", digits: 9, separated: null },
};

/** A routing number as shown, or its fault in words that follow "it". */
export type RoutingRead = { shown: string | null } | { wrong: string };

/**
 * Routing numbers of the United States that test mode accepts despite an invalid checksum.
 * Source: https://docs.stripe.com/connect/testing
 */
const US_TEST_NUMBERS: ReadonlySet<string> = new Set(["111000000"]);

/** Banks abroad have a BIC of 8 or 11 characters, in some countries followed by a branch, or a number. */
const ABROAD = /^[A-Z0-9]{1,20}(?:-[A-Z0-9]{1,10})?$/;
const SHORT_BIC = /^[A-Z]{6}[A-Z0-9]{2}$/;

/**
 * Parses the routing number of a bank account in a country. `given` may contain hyphens and spaces, and is undefined
 * when omitted. Countries without a specific format accept letters and digits, optionally with a branch after a hyphen,
 * or no number. A BIC without a branch means the head office.
 */
export function readRoutingNumber(country: string, given: string | undefined, livemode: boolean): RoutingRead {
  const form = FORMS[country];
  if (form === undefined) {
    if (given === undefined) return { shown: null };
    const code = given.replaceAll(/\s/g, "").toUpperCase();
    if (!ABROAD.test(code)) return { wrong: "must have 1 to 20 letters or digits" };
    if (country === "AZ") return { shown: code.replace("-", "") };
    return { shown: SHORT_BIC.test(code) ? `${code}XXX` : code };
  }
  const bare = given?.replaceAll(/[\s-]/g, "");
  const { name, digits, separated } = form;
  if (bare === undefined || !/^\d+$/.test(bare) || bare.length !== digits) return { wrong: `${name} must have ${digits} digits` };
  const known = !livemode && US_TEST_NUMBERS.has(bare);
  if (country === "US" && !known && !abaHolds(bare)) return { wrong: `${name} is wrong: its checksum does not hold` };
  if (separated === null) return { shown: bare };
  const [after, by] = separated;
  return { shown: `${bare.slice(0, after)}${by}${bare.slice(after)}` };
}
