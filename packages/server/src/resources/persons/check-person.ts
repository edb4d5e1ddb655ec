import { apiError } from "@carabiner/protocol";
import { checkEmail } from "../../operations/check-email.ts";

/** The fields of a person that a schema cannot validate. */
export interface ToldOfPerson {
  dob?: { day: number; month: number; year: number } | null;
  email?: string | null;
  relationship?: { percent_ownership?: number | null };
}

/** The minimum age of a person given to Stripe, and the maximum plausible age. */
const YEARS = { least: 13, most: 150 };

/**
 * Throws an error of the table for impossible data: an invalid email address, a date of birth that does not exist or is
 * too recent or too long ago, and a share above 100%. `hash` is the hash that contains the person, if any. `now` is in
 * Unix milliseconds.
 */
export function checkPerson(told: ToldOfPerson, hash: string, now: number): void {
  checkFields(told, hash, now, "dob");
}

/** The same for what the v2 API is told. */
export function checkAccountPerson(
  { date_of_birth: dob, ...told }: Omit<ToldOfPerson, "dob"> & { date_of_birth?: ToldOfPerson["dob"] },
  hash: string,
  now: number,
): void {
  checkFields(dob === undefined ? told : { ...told, dob }, hash, now, "date_of_birth");
}

function checkFields(told: ToldOfPerson, hash: string, now: number, dateOfBirth: string): void {
  const nameOf = (param: string) => (hash === "" ? param : `${hash}[${param}]`);
  checkEmail(told.email, nameOf("email"));
  if (told.dob !== undefined && told.dob !== null) checkDateOfBirth(told.dob, nameOf(dateOfBirth), now);
  const percent = told.relationship?.percent_ownership ?? 0;
  if (percent < 0 || percent > 100)
    throw apiError("parameter_out_of_range", { param: `${nameOf("relationship")}[percent_ownership]`, min: 0, max: 100 });
}

function checkDateOfBirth({ day, month, year }: { day: number; month: number; year: number }, param: string, now: number): void {
  const born = new Date(Date.UTC(year, month - 1, day));
  if (born.getUTCMonth() !== month - 1) throw apiError("date_of_birth_invalid", { param: `${param}[day]`, reason: "there is no such day" });
  const today = new Date(now);
  const yearsAgo = (years: number) => Date.UTC(today.getUTCFullYear() - years, today.getUTCMonth(), today.getUTCDate());
  if (born.getTime() > yearsAgo(YEARS.least))
    throw apiError("date_of_birth_invalid", { param: `${param}[year]`, reason: `must be at least ${YEARS.least} years ago` });
  if (born.getTime() < yearsAgo(YEARS.most))
    throw apiError("date_of_birth_invalid", { param: `${param}[year]`, reason: `must be at most ${YEARS.most} years ago` });
}
