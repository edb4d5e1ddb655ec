import type { JsonObject } from "../../../store/contract/rows.ts";
import { type Check, type Finding, IDENTITY, type Judgement, type Review, type WrongValue } from "../state/review.ts";
import { isGiven } from "./given-field.ts";
import { OF_IDENTITY } from "./judge.ts";

/** A person or an account to be verified. */
export interface Subject {
  review: Review;
  given: JsonObject;
  /** The fields that establish its identity, relative to it; empty when none are required. */
  identity: readonly string[];
  /** The fields shown as under verification meanwhile. */
  shows: readonly string[];
  /** Whether it shows that its data is being verified. It always shows that its document is being checked. */
  openly: boolean;
  /** The document that replaces them. */
  document: string;
  /** Judgements made elsewhere that affect its identity, and a text that changes with them. */
  people?: { judgements: readonly Judgement[]; key: string };
}

/** The progress of a subject's verification. */
export interface Verified<Kept extends Review = Review> {
  /** The review with the checks that have begun. */
  review: Kept;
  status: "verified" | "pending" | "unverified";
  /** Given fields under verification. */
  pending: ReadonlySet<string>;
  /** Fields shown as under verification together with the identity, given or not. */
  awaited: ReadonlySet<string>;
  /** Fields with a fault, and the fault. */
  faults: ReadonlyMap<string, WrongValue>;
  /** Faults that the document would correct. */
  mendedByDocument: readonly string[];
  /** Other findings: reasons to block the whole account. */
  alarms: ReadonlySet<Finding["kind"]>;
  /** Unix milliseconds: when the next check ends. Infinity when none does. */
  nextEnd: number;
}

/** The current time, and the duration of a verification. */
export interface Timing {
  now: number;
  verificationMs: number;
}

/** Starts checks that can start, and returns the results of completed ones. Pure and idempotent for the same moment. */
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
  const underWay = runs(subject.document) || (subject.openly && runs(IDENTITY) && !documentRight);
  const refuted = faults.has(subject.document);
  return {
    review: { ...subject.review, checks },
    status: underWay ? "pending" : proven && !refuted ? "verified" : "unverified",
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

/** Judgements of a person that concern the company's identity, not the person's own. */
const OF_OTHERS: ReadonlySet<string> = new Set(["director", "owner"]);

function ofIdentity({ review, people }: Subject): Judgement[] {
  const own = Object.entries(review.judgements).filter(([name]) => OF_IDENTITY.has(name));
  return [...own.map(([, judgement]) => judgement), ...(people?.judgements ?? [])];
}

function fieldsOf(name: string, finding: Finding): readonly string[] {
  if (finding.kind === "wrong") return finding.fields;
  return [name.startsWith("documents.") ? `${name}.files` : name];
}

/** The parts of an address that the country requires. */
function askedAgain({ fields }: WrongValue, { identity }: Subject): readonly string[] {
  const asked = fields.filter((field) => identity.includes(field));
  return asked.length > 0 ? asked : fields;
}
