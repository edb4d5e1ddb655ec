import { isDeepStrictEqual } from "node:util";
import { hashOf } from "../../../operations/merge-change.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { type AccountReview, IDENTITY, type Judgement, type Review } from "../state/review.ts";
import { fieldsIn } from "./given-field.ts";
import { COMPANY_DOCUMENT, type Judgements, judgeAccount, judgePerson, OF_IDENTITY, PERSON_DOCUMENT } from "./judge.ts";
import { COMPANY_FIRST_LINES } from "./magic-values.ts";
import type { Submission } from "./submission.ts";

/** A submission, with the stored data before and after it. */
export interface Submitted {
  told: JsonObject;
  before: JsonObject;
  after: JsonObject;
}

/** The review of a person after a submission. Pure. */
export function reviewPerson(review: Review, { told, before, after }: Submitted, { now, livemode, found }: Submission): Review {
  const judged = { ...judgePerson(told, livemode), ...found?.person };
  const same = ["address", "dob", "first_name", "last_name"].every((key) => isDeepStrictEqual(before[key], after[key]));
  return reviewed(review, { judged, told, same, document: PERSON_DOCUMENT, now });
}

/** The review of an account after a submission, without its individual. Pure. */
export function reviewAccount(
  review: AccountReview,
  { told, before, after }: Submitted,
  { now, livemode, found }: Submission,
): AccountReview {
  const judged = { ...judgeAccount(told, livemode), ...found?.account };
  const address = judged["company.address"];
  const known = review.judgements["company.address"];
  if (address !== undefined && address !== null && known !== undefined && lenience(known) > lenience(address))
    judged["company.address"] = known;
  if (judged["business_profile.url"] === null) judged["business_profile.product_description"] ??= null;
  const [was, is] = [hashOf(before.company), hashOf(after.company)];
  const same = ["address", "name"].every((key) => isDeepStrictEqual(was[key], is[key]));
  return { ...review, ...reviewed(review, { judged, told, same, document: COMPANY_DOCUMENT, now }) };
}

interface Change {
  judged: Judgements;
  told: JsonObject;
  /** Whether the comparable fields are unchanged. */
  same: boolean;
  /** The document that replaces the identity data. */
  document: string;
  now: number;
}

function reviewed(review: Review, { judged, told, same, document, now }: Change): Review {
  const judgements = { ...review.judgements };
  const checks = { ...review.checks };
  for (const [name, judgement] of Object.entries(judged)) {
    if (judgement === null) delete judgements[name];
    else judgements[name] = judgement;
    if (!OF_IDENTITY.has(name)) delete checks[name];
  }
  for (const field of fieldsIn(told)) {
    if (OF_IDENTITY.has(field) || field in judged || judgements[field] === undefined) continue;
    delete judgements[field];
    delete checks[field];
  }
  const ofIdentity = Object.keys(judged).filter((name) => OF_IDENTITY.has(name));
  const check = review.checks[IDENTITY];
  const ended = check !== undefined && check.endsAt !== null && check.endsAt <= now;
  const asBefore = same && ofIdentity.every((name) => isDeepStrictEqual(judgements[name], review.judgements[name]));
  if (ofIdentity.length > 0 && !(ended && asBefore && isRight(review))) {
    delete judgements.verdict;
    delete judgements["company.verdict"];
    delete checks[IDENTITY];
    if (ended && isRightDocument(judgements[document])) {
      delete judgements[document];
      delete checks[document];
    }
  }
  return { judgements, checks, demands: demandsMet(review.demands, fieldsIn(told)) };
}

function isRight({ judgements }: Review): boolean {
  return Object.entries(judgements).every(([name, { finding }]) => !OF_IDENTITY.has(name) || finding.kind === "right");
}

function isRightDocument(judgement: Judgement | undefined): boolean {
  return judgement?.finding.kind === "right";
}

function demandsMet(demands: Review["demands"], told: readonly string[]): Review["demands"] {
  if (!told.some((field) => demands[field]?.given === false)) return demands;
  return Object.fromEntries(
    Object.entries(demands).map(([field, demand]) => [field, told.includes(field) ? { ...demand, given: true } : demand]),
  );
}

function lenience(judgement: Judgement): number {
  const lines = Object.values(COMPANY_FIRST_LINES);
  return lines.length - lines.findIndex((line) => isDeepStrictEqual(line, judgement));
}
