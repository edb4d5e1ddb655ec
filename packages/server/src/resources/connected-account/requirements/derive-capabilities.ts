import type Stripe from "stripe";
import type { AccountWorld } from "../state/account-world.ts";
import type { CapabilityName } from "../state/capabilities.ts";
import { type AccountDerived, type CapabilityDerived, nothingDue } from "../state/derived.ts";
import type { Finding, Stops } from "../state/review.ts";
import type { Assessment, Requirement } from "./assess-requirements.ts";
import { capabilityRequirements } from "./capability-requirements.ts";
import { requestedCapabilities } from "./required-fields.ts";
import { isDue, isPastDue, type RequirementLists } from "./requirement-lists.ts";

type Status = "active" | "pending" | "inactive";
type CapabilityReason = Stripe.Capability.Requirements.DisabledReason;
type AccountReason = Stripe.Account.Requirements.DisabledReason;

/** An account's status, derived from its requirements and from decisions about it. */
export interface Standing {
  requested: readonly CapabilityName[];
  /** The status of each requested capability, derived only from requirements. */
  byRequirements: ReadonlyMap<CapabilityName, Status>;
  /** The active capabilities, and `payouts`. */
  granted: readonly string[];
  /** What blocks the whole account. */
  alarm: Finding["kind"] | null;
  payoutsEnabled: boolean;
  takesPayments(name: CapabilityName): boolean;
}

/** The first reason that blocks an account. */
const ALARMS: readonly Finding["kind"][] = ["listed", "risky", "unused"];

/** Derives an account's status. `now` is in Unix milliseconds. */
export function standingOf(world: AccountWorld, { requirements, account, people }: Assessment, now: number): Standing {
  const { review, rejection } = world.state;
  const requested = requestedCapabilities(world);
  const statusFor = (name: CapabilityName, stopped: Stops, granted: string) =>
    worst(
      requirements.filter(({ neededBy }) => neededBy.includes(name)),
      { stopped, granted: review.granted.includes(granted), now },
    );
  const byRequirements = new Map(requested.map((name) => [name, statusFor(name, "charges", name)]));
  const canBePaidOut = requested.some((name) => statusFor(name, "payouts", "payouts") === "active");
  const somewhere = requirements.some(({ name, state }) => name === "external_account" && state === "met");
  const found = new Set([...account.alarms, ...[...people.values()].flatMap(({ alarms }) => [...alarms])]);
  const alarm = ALARMS.find((kind) => found.has(kind)) ?? null;
  return {
    requested,
    byRequirements,
    granted: [...requested.filter((name) => byRequirements.get(name) === "active"), ...(canBePaidOut ? ["payouts"] : [])],
    alarm,
    payoutsEnabled: canBePaidOut && somewhere && alarm === null && !review.pause.payouts && rejection?.pausesPayouts !== true,
    takesPayments: (name) => capabilityRequirements(name).takesPayments,
  };
}

/**
 * The status of a capability from its requirements. Missing fields block it after their deadline. A pending
 * verification does not revoke a granted capability, unless the deadline passed before the field was given.
 */
function worst(requirements: readonly Requirement[], { stopped, granted, now }: { stopped: Stops; granted: boolean; now: number }): Status {
  const bearing = requirements.filter(({ asked, waits }) => {
    const stops = asked?.stops ?? waits;
    return stops === "both" || stops === stopped;
  });
  if (bearing.some((one) => isDue(one) && isPastDue(one, now))) return "inactive";
  const waits = (one: Requirement) => one.state === "pending" && (isPastDue(one, now) || (one.asked === null && !granted));
  return bearing.some(waits) ? "pending" : "active";
}

interface Known {
  assessment: Assessment;
  standing: Standing;
  now: number;
}

/** Every capability that is or was requested, with its own requirements. */
export function deriveCapabilities(
  world: AccountWorld,
  { assessment, standing, now, lists }: Known & { lists: (of: readonly Requirement[]) => RequirementLists },
): AccountDerived["capabilities"] {
  const known = world.state.derived.capabilities;
  const derived = new Map<CapabilityName, CapabilityDerived>();
  for (const [name, was] of Object.entries(known) as [CapabilityName, CapabilityDerived][])
    if (!standing.requested.includes(name))
      derived.set(name, { ...was, requested: false, requestedAt: null, status: "unrequested", requirements: nothingDue() });
  for (const name of standing.requested) {
    const was = known[name];
    const { status, reason } = statusOf(world, standing, name);
    const needed = assessment.requirements.filter(({ neededBy }) => neededBy.includes(name));
    derived.set(name, {
      requested: true,
      requestedAt: was?.requested === true ? was.requestedAt : now,
      status,
      requirements: { ...lists(needed), disabled_reason: reason },
      futureRequirements: nothingDue(),
    });
  }
  return Object.fromEntries(paired(derived));
}

function statusOf(world: AccountWorld, standing: Standing, name: CapabilityName): { status: Status; reason: CapabilityReason | null } {
  const { rejection, review } = world.state;
  if (rejection !== null) return { status: "inactive", reason: "rejected.other" };
  if (standing.alarm === "unused") return { status: "inactive", reason: "paused.inactivity" };
  if (standing.alarm !== null) return { status: "inactive", reason: standing.alarm === "risky" ? "pending.review" : "other" };
  if (review.pause.payments && standing.takesPayments(name)) return { status: "inactive", reason: "platform_paused" };
  const status = standing.byRequirements.get(name) ?? "inactive";
  return { status, reason: status === "active" ? null : status === "pending" ? "pending.review" : "requirements.fields_needed" };
}

/**
 * When `card_payments` and `transfers` are both requested, both get the worse status of the two.
 * Source: https://docs.stripe.com/connect/account-capabilities
 */
function paired(derived: Map<CapabilityName, CapabilityDerived>): Map<CapabilityName, CapabilityDerived> {
  const [cards, transfers] = [derived.get("card_payments"), derived.get("transfers")];
  if (cards?.requested !== true || transfers?.requested !== true) return derived;
  const status = (["inactive", "pending", "active"] as const).find((one) => cards.status === one || transfers.status === one) ?? "inactive";
  for (const [name, one] of [
    ["card_payments", cards],
    ["transfers", transfers],
  ] as const)
    if (one.status !== status) {
      const reason: CapabilityReason = status === "pending" ? "pending.review" : "other";
      derived.set(name, { ...one, status, requirements: { ...one.requirements, disabled_reason: reason } });
    }
  return derived;
}

/** Why an account is disabled; null when it is not. */
export function accountDisabledReason(
  world: AccountWorld,
  { assessment, standing, capabilities, now }: Known & { capabilities: AccountDerived["capabilities"] },
): AccountReason | null {
  const { rejection, review } = world.state;
  if (rejection !== null) return `rejected.platform_${rejection.reason}`;
  if (standing.alarm === "listed") return "listed";
  if (standing.alarm === "risky") return "under_review";
  if (standing.alarm === "unused") return "other";
  if (review.pause.payments || review.pause.payouts) return "platform_paused";
  const statuses = standing.requested.map((name) => capabilities[name]?.status);
  const disabled = !standing.payoutsEnabled || statuses.some((status) => status !== "active");
  if (!disabled) return null;
  if (assessment.requirements.some((one) => isDue(one) && isPastDue(one, now))) return "requirements.past_due";
  if (standing.requested.length === 0) return "action_required.requested_capabilities";
  return assessment.requirements.some(({ state }) => state === "pending") ? "requirements.pending_verification" : null;
}
