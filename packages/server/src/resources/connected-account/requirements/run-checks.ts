import type { JsonObject } from "../../../store/contract/rows.ts";
import { type Check, type Finding, IDENTITY, type Judgement, type Review, type WrongValue } from "../state/review.ts";
import { isGiven } from "./given-field.ts";
import { OF_IDENTITY } from "./judge.ts";

/** A person or an account, of whom something is to be verified. */
export interface Subject {
  review: Review;
  given: JsonObject;
  /** What its identity is known by, named as within it; nothing where nobody asks. */
  identity: readonly string[];
  /** What shows as under verification while that is verified. */
  shows: readonly string[];
  /** Whether it is told that it is being verified. */
  openly: boolean;
  /** The document that stands in for that. */
  document: string;
  /** What was judged elsewhere and bears on its identity, and a text that changes when this does. */
  people?: { judgements: readonly Judgement[]; key: string };
}

/** How far the verification of a subject has come. */
export interface Verified<Kept extends Review = Review> {
  /** With the checks that have begun. */
  review: Kept;
  status: "verified" | "pending" | "unverified";
  /** Fields under verification that were given. */
  pending: ReadonlySet<string>;
  /** Fields that show as under verification while the identity is, given or not. */
  awaited: ReadonlySet<string>;
  /** Fields that turned out wrong, and how. */
  faults: ReadonlyMap<string, WrongValue>;
  /** Of these, what the document would mend. */
  mendedByDocument: readonly string[];
  /** What else was found: reasons to stop the whole account. */
  alarms: ReadonlySet<Finding["kind"]>;
  /** Unix milliseconds: the next check ends. Infinity when none does. */
  nextEnd: number;
}

/** When it is, and how long a verification takes. */
export interface Timing {
  now: number;
  verificationMs: number;
}

/** Begins what can begin, and tells what has come of what has ended. Pure: the same again for the same moment. */
export function runChecks<Kept extends Review>(subject: Subject & { review: Kept }, timing: Timing): Verified<Kept> {
  const checks = begun(subject, timing);
  const { judgements } = subject.review;
  const { now } = timing;
  const runs = (name: string): boolean => {
    const check = checks[name];
    return check !== undefined && (check.endsAt === null || check.endsAt > now);
  };
  const hasEnded = (name: string): boolean => checks[name] !== undefined && !runs(name);

  const pending = new Set<string>();
  const faults = new Map<string, WrongValue>();
  const alarms = new Set<Finding["kind"]>();
  const identityFaults = new Map<string, WrongValue>();

  for (const [name, { finding }] of Object.entries(judgements)) {
    if (OF_IDENTITY.has(name)) continue;
    if (runs(name)) for (const field of fieldsOf(name, finding)) pending.add(field);
    else if (hasEnded(name)) note(finding, faults);
  }
  if (hasEnded(IDENTITY)) for (const { finding } of ofIdentity(subject)) note(finding, identityFaults);

  const documentRight = hasEnded(subject.document) && judgements[subject.document]?.finding.kind === "right";
  const awaited = new Set(runs(IDENTITY) && !documentRight ? subject.shows : []);
  if (runs(subject.document)) for (const field of identityFaults.keys()) pending.add(field);
  else if (!documentRight) for (const [field, fault] of identityFaults) faults.set(field, fault);

  const proven = documentRight || (hasEnded(IDENTITY) && identityFaults.size === 0 && alarms.size === 0);
  const underWay = (runs(IDENTITY) && !documentRight) || runs(subject.document);
  const refuted = faults.has(subject.document);
  return {
    review: { ...subject.review, checks },
    status: underWay ? (subject.openly ? "pending" : "unverified") : proven && !refuted ? "verified" : "unverified",
    pending,
    awaited,
    faults,
    mendedByDocument: refuted || documentRight ? [] : [...identityFaults.keys()].filter((field) => faults.has(field)),
    alarms,
    nextEnd: Math.min(...Object.values(checks).map(({ endsAt }) => (endsAt !== null && endsAt > now ? endsAt : Number.POSITIVE_INFINITY))),
  };

  function note(finding: Finding, into: Map<string, WrongValue>): void {
    if (finding.kind === "wrong") for (const field of askedAgain(finding, subject)) into.set(field, finding);
    else if (finding.kind !== "right") alarms.add(finding.kind);
  }
}

function begun(subject: Subject, { now, verificationMs }: Timing): Record<string, Check> {
  const { review, identity, given, people } = subject;
  const checks: Record<string, Check> = { ...review.checks };
  for (const [name, judgement] of Object.entries(review.judgements))
    if (!OF_IDENTITY.has(name) && !OF_OTHERS.has(name)) checks[name] ??= { endsAt: endOf([judgement]) };
  const complete = identity.length > 0 && identity.every((field) => isGiven(given, field));
  const known = checks[IDENTITY];
  const peopleChanged = people !== undefined && known?.people !== undefined && known.people !== people.key;
  if (known !== undefined && known.people === undefined && people !== undefined) checks[IDENTITY] = { ...known, people: people.key };
  if (complete && (known === undefined || peopleChanged))
    checks[IDENTITY] = { endsAt: endOf(ofIdentity(subject)), ...(people === undefined ? {} : { people: people.key }) };
  return checks;

  function endOf(judgements: readonly Judgement[]): number | null {
    if (judgements.some(({ finding }) => finding.kind === "unanswered")) return null;
    return judgements.some(({ atOnce }) => atOnce) ? now : now + verificationMs;
  }
}

/** Judgements of a person that are of the company's identity, not of the person's own. */
const OF_OTHERS: ReadonlySet<string> = new Set(["director", "owner"]);

function ofIdentity({ review, people }: Subject): Judgement[] {
  const own = Object.entries(review.judgements).filter(([name]) => OF_IDENTITY.has(name));
  return [...own.map(([, judgement]) => judgement), ...(people?.judgements ?? [])];
}

function fieldsOf(name: string, finding: Finding): readonly string[] {
  if (finding.kind === "wrong") return finding.fields;
  return [name.startsWith("documents.") ? `${name}.files` : name];
}

/** Of an address, what the country asks for. */
function askedAgain({ fields }: WrongValue, { identity }: Subject): readonly string[] {
  const asked = fields.filter((field) => identity.includes(field));
  return asked.length > 0 ? asked : fields;
}
