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
  /** After how many digits a hyphen stands. */
  hyphenAfter: number | null;
}

/** The countries whose bank accounts need one. Source: https://docs.stripe.com/connect/payouts-bank-accounts */
const FORMS: Readonly<Record<string, RoutingForm>> = {
  AU: { name: "BSB", digits: 6, hyphenAfter: null },
  CA: { name: "Routing number", digits: 8, hyphenAfter: 5 },
  GB: { name: "Sort code", digits: 6, hyphenAfter: null },
  HK: { name: "Clearing code and branch code", digits: 6, hyphenAfter: 3 },
  JP: { name: "Bank code and branch code", digits: 7, hyphenAfter: 4 },
  SG: { name: "Bank code and branch code", digits: 7, hyphenAfter: 4 },
  US: { name: "Routing number", digits: 9, hyphenAfter: null },
};

/** A routing number as it is shown, or what is wrong with it, in words that follow "it". */
export type RoutingRead = { shown: string | null } | { wrong: string };

/**
 * Reads the routing number of a bank account in a country. `given` may hold hyphens and spaces, and is undefined when
 * none was given. Countries without a form of their own take up to 20 letters and digits, or none.
 */
export function readRoutingNumber(country: string, given: string | undefined): RoutingRead {
  const form = FORMS[country];
  const bare = given?.replaceAll(/[\s-]/g, "");
  if (form === undefined) {
    if (bare === undefined) return { shown: null };
    return /^[A-Za-z0-9]{1,20}$/.test(bare) ? { shown: bare.toUpperCase() } : { wrong: "must have 1 to 20 letters or digits" };
  }
  const { name, digits, hyphenAfter } = form;
  if (bare === undefined || !/^\d+$/.test(bare) || bare.length !== digits) return { wrong: `${name} must have ${digits} digits` };
  if (country === "US" && !abaHolds(bare)) return { wrong: `${name} is wrong: its checksum does not hold` };
  return { shown: hyphenAfter === null ? bare : `${bare.slice(0, hyphenAfter)}-${bare.slice(hyphenAfter)}` };
}
