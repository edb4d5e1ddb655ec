const WEIGHTS = [3, 7, 1] as const;

/** Whether nine digits are an ABA routing number by their checksum. Source: https://www.aba.com/about-us/routing-number */
export function abaHolds(number: string): boolean {
  if (!/^\d{9}$/.test(number)) return false;
  let sum = 0;
  for (const [at, digit] of [...number].entries()) sum += Number(digit) * (WEIGHTS[at % 3] ?? 0);
  return sum % 10 === 0;
}

/** A country's number for a bank and its branch: what it is called, what it looks like without separators, and where one goes when it is shown. */
interface RoutingForm {
  name: string;
  digits: number;
  /** After how many digits a separator stands, and which. */
  separated: readonly [after: number, by: string] | null;
}

/** The countries whose bank accounts need one. Source: https://docs.stripe.com/connect/payouts-bank-accounts */
const FORMS: Readonly<Record<string, RoutingForm>> = {
  AU: { name: "BSB", digits: 6, separated: [2, " "] },
  CA: { name: "Routing number", digits: 8, separated: [5, "-"] },
  GB: { name: "Sort code", digits: 6, separated: null },
  HK: { name: "Clearing code and branch code", digits: 6, separated: [3, "-"] },
  JP: { name: "Bank code and branch code", digits: 7, separated: [4, "-"] },
  SG: { name: "Bank code and branch code", digits: 7, separated: [4, "-"] },
  US: { name: "Routing number", digits: 9, separated: null },
};

/** A routing number as it is shown, or what is wrong with it, in words that follow "it". */
export type RoutingRead = { shown: string | null } | { wrong: string };

/** Routing numbers of the United States that test mode takes although their checksum does not hold. Source: https://docs.stripe.com/connect/testing */
const US_TEST_NUMBERS: ReadonlySet<string> = new Set(["111000000"]);

/** The banks abroad are named by a BIC of 8 or 11 characters, with a branch behind it in some countries, or by digits. */
const ABROAD = /^[A-Z0-9]{1,20}(?:-[A-Z0-9]{1,10})?$/;
const SHORT_BIC = /^[A-Z]{6}[A-Z0-9]{2}$/;

/**
 * Reads the routing number of a bank account in a country. `given` may hold hyphens and spaces, and is undefined when
 * none was given. Countries without a form of their own take letters and digits, also with a branch behind a hyphen, or
 * none; a BIC without its branch is that of the head office.
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
