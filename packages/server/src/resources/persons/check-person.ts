import { apiError } from "@carabiner/protocol";
import { type AddressTold, checkAddress } from "../connected-account/state/check-address.ts";
import { checkAcceptedAt, type DayTold, startOf } from "../connected-account/state/check-dates.ts";

/** The fields of a person that a schema cannot validate. */
export interface ToldOfPerson {
  additional_tos_acceptances?: { account?: { date?: number } };
  address?: AddressTold;
  dob?: DayTold | null;
  registered_address?: AddressTold | null;
  relationship?: { percent_ownership?: number | null };
}

/** What is known when a call describes a person. */
export interface PersonKnown {
  /** The hash that contains the person; empty for none. */
  hash: string;
  /** Unix milliseconds. */
  now: number;
  /** The country of the account; null if it is not known yet, as for a token. */
  country: string | null;
  /** The person's stored data. */
  given?: { readonly [field: string]: unknown };
}

/** The minimum age of a person given to Stripe, and the maximum plausible age. */
const YEARS = { least: 13, most: 150 };

/** The names of the fields in v1. */
const IN_V1 = {
  acceptance: "additional_tos_acceptances[account][date]",
  address: "address",
  dob: "dob",
  registered_address: "registered_address",
  relationship: "relationship",
};

/** The names of the fields in v2. */
const IN_V2: typeof IN_V1 = {
  ...IN_V1,
  acceptance: "additional_terms_of_service[account][date]",
  dob: "date_of_birth",
  registered_address: "additional_addresses[0]",
};

/**
 * Throws an error of the table for impossible data: a date of birth that does not exist or is too recent or too long
 * ago, a share above 100%, terms accepted in the future, and addresses that do not exist in their country.
 */
export function checkPerson(told: ToldOfPerson, known: PersonKnown): void {
  checkFields(told, known, IN_V1);
}

/** The same for values given to the v2 API, in v1's parameters: errors name v2's parameters. */
export function checkAccountPerson(told: ToldOfPerson, known: PersonKnown): void {
  checkFields(told, known, IN_V2);
}

function checkFields(told: ToldOfPerson, { hash, now, country, given = {} }: PersonKnown, names: typeof IN_V1): void {
  const nameOf = (field: keyof typeof IN_V1) => {
    const [first, ...rest] = names[field].split("[");
    return hash === "" ? names[field] : [`${hash}[${first}]`, ...rest].join("[");
  };
  if (told.dob !== undefined && told.dob !== null) checkDateOfBirth(told.dob, nameOf("dob"), now);
  const percent = told.relationship?.percent_ownership ?? 0;
  if (percent < 0 || percent > 100)
    throw apiError("parameter_out_of_range", { param: `${nameOf("relationship")}[percent_ownership]`, min: 0, max: 100 });
  checkAcceptedAt(told.additional_tos_acceptances?.account?.date, { what: "ToS acceptance", param: nameOf("acceptance"), now });
  for (const field of ["address", "registered_address"] as const)
    checkAddress(told[field], { param: nameOf(field), before: (given[field] ?? {}) as AddressTold, country });
}

function checkDateOfBirth(dob: DayTold, param: string, now: number): void {
  const born = startOf(dob);
  if (born === null) throw apiError("day_invalid", { param: `${param}[day]`, reason: "there is no such day" });
  const today = new Date(now);
  const yearsAgo = (years: number) => Date.UTC(today.getUTCFullYear() - years, today.getUTCMonth(), today.getUTCDate());
  if (born > yearsAgo(YEARS.least)) throw apiError("person_too_young", { param: `${param}[year]`, years: YEARS.least });
  if (born < yearsAgo(YEARS.most))
    throw apiError("day_invalid", { param: `${param}[year]`, reason: `must be at most ${YEARS.most} years ago` });
}
