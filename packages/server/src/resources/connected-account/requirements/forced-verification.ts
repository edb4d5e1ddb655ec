import { type Check, IDENTITY, type Judgement, type Review, type WrongValue } from "../state/review.ts";
import { COMPANY_DOCUMENT, OF_IDENTITY, PERSON_DOCUMENT } from "./judge.ts";
import { PLAINLY_RIGHT } from "./magic-values.ts";

/** Whether anything of a person or an account is or was being verified. */
export function hasBegun({ checks }: Review): boolean {
  return Object.keys(checks).length > 0;
}

/** A review whose verifications have all succeeded at `now`, in Unix milliseconds. */
export function verifiedNow<Kept extends Review>(review: Kept, now: number): Kept {
  const judgements = Object.fromEntries(
    Object.keys(review.judgements)
      .filter((name) => !OF_IDENTITY.has(name) && !OF_ROLES.has(name))
      .map((name): [string, Judgement] => [name, PLAINLY_RIGHT]),
  );
  return { ...review, judgements, checks: endedNow(review, now) };
}

/** Judgements of a person that affect the company's identity. */
const OF_ROLES: ReadonlySet<string> = new Set(["director", "owner"]);
const IDENTITY_FIELD = /^(company\.)?(address\.|dob\.|first_name$|last_name$|name$|id_number$|ssn_last_4$|tax_id$)/;

/** A review whose verification of one field has failed at `now`, regardless of its value. */
export function failedNow<Kept extends Review>(
  review: Kept,
  { fault, field, now }: { fault: WrongValue; field: string; now: number },
): Kept {
  const ofIdentity = IDENTITY_FIELD.test(field);
  const company = field.startsWith("company.");
  const name = ofIdentity ? (company ? "company.verdict" : "verdict") : field.replace(/^(documents\..+)\.files$/, "$1");
  const check = ofIdentity ? IDENTITY : name;
  const judgements = { ...review.judgements, [name]: { finding: fault, atOnce: true } };
  const checks = { ...endedNow(review, now), [check]: { endsAt: now } };
  // The document no longer replaces the identity data.
  const document = company ? COMPANY_DOCUMENT : PERSON_DOCUMENT;
  if (ofIdentity) {
    delete (judgements as Record<string, Judgement>)[document];
    delete (checks as Record<string, Check>)[document];
  }
  return { ...review, judgements, checks };
}

function endedNow({ checks }: Review, now: number): Record<string, Check> {
  return Object.fromEntries(
    Object.entries(checks).map(([name, { endsAt }]) => [name, { endsAt: endsAt === null ? now : Math.min(endsAt, now) }]),
  );
}
