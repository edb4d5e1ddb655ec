import type Stripe from "stripe";
import type { Json, JsonObject } from "../../../store/contract/rows.ts";
import type { AccountWorld } from "../state/account-world.ts";
import type { CapabilityName } from "../state/capabilities.ts";
import type { CapabilityDerived } from "../state/derived.ts";
import type { Stops } from "../state/review.ts";
import { type Configuration, NAMED_CAPABILITIES, STRIPE_PAYOUTS } from "./capability-names.ts";
import { isApplied } from "./configurations.ts";
import { requirementName } from "./requirement-name.ts";

type Lists = Pick<
  Stripe.Account.Requirements,
  "alternatives" | "current_deadline" | "currently_due" | "errors" | "eventually_due" | "past_due" | "pending_verification"
>;
type Status = "currently_due" | "eventually_due" | "past_due";

/** The requirements of an account in v2. Source: https://docs.stripe.com/api/v2/core/accounts/object */
export function renderRequirements(world: AccountWorld): JsonObject {
  return rendered(world, world.state.derived.requirements, (capability) => capability.requirements);
}

/** The requirements that come into effect later, and when. Same source. */
export function renderFutureRequirements(world: AccountWorld): JsonObject {
  const { futureRequirements } = world.state.derived;
  return {
    ...rendered(world, futureRequirements, () => futureRequirements),
    minimum_transition_date: timeOf(futureRequirements.current_deadline),
  };
}

function rendered(world: AccountWorld, lists: Lists, ofCapability: (capability: CapabilityDerived) => Lists): JsonObject {
  const { country } = world.state;
  const names = [
    ...new Set([
      ...(lists.past_due ?? []),
      ...(lists.currently_due ?? []),
      ...(lists.eventually_due ?? []),
      ...(lists.pending_verification ?? []),
    ]),
  ];
  const statuses = names.map((name) => statusOf(lists, name));
  const strictest = (["past_due", "currently_due", "eventually_due"] as const).find((status) => statuses.includes(status));
  const entries = names
    .map((name): JsonObject & { description: string } => {
      const status = statusOf(lists, name);
      return {
        ...asked(lists, name, country),
        impact: { restricts_capabilities: restricted(world, { name, status, ofCapability }) },
        minimum_deadline: { status },
        requested_reasons: [{ code: isVerified(lists, name) ? "routine_verification" : "routine_onboarding" }],
      };
    })
    .sort((one, other) => (one.description < other.description ? -1 : 1));
  return {
    alternatives: (lists.alternatives ?? []).map(({ original_fields_due, alternative_fields_due }) => ({
      options: [{ entries: alternative_fields_due.map((name) => asked(lists, name, country)) }],
      original_entries: original_fields_due.map((name) => ({ ...requirementName(name, country) })),
    })),
    entries,
    summary: strictest === undefined ? null : { minimum_deadline: { status: strictest, time: timeOf(lists.current_deadline) } },
  };
}

/** A requirement: what it asks for, of whom, and what was wrong with the given value. */
function asked(lists: Lists, name: string, country: string) {
  return {
    awaiting_action_from: lists.pending_verification?.includes(name) ? "stripe" : "user",
    ...requirementName(name, country),
    errors: (lists.errors ?? [])
      .filter(({ requirement }) => requirement === name)
      .map(({ code, reason }): Json => ({ code, description: reason })),
  };
}

function isVerified(lists: Lists, name: string): boolean {
  return lists.pending_verification?.includes(name) === true || (lists.errors ?? []).some(({ requirement }) => requirement === name);
}

function statusOf({ past_due, currently_due, pending_verification }: Lists, name: string): Status {
  if (past_due?.includes(name)) return "past_due";
  return currently_due?.includes(name) || pending_verification?.includes(name) ? "currently_due" : "eventually_due";
}

interface Restricting {
  name: string;
  status: Status;
  ofCapability(capability: CapabilityDerived): Lists;
}

/** The capabilities that a requirement restricts, now or later. Every requirement also restricts payouts. */
function restricted(world: AccountWorld, { name, status, ofCapability }: Restricting): Json[] {
  const { derived, review } = world.state;
  const stops: Stops = review.asked[name]?.stops ?? (name === "external_account" ? "payouts" : "both");
  const found: { capability: string; configuration: Configuration; deadline: { status: Status } }[] = [];
  for (const { v1, v2, configuration } of NAMED_CAPABILITIES) {
    const capability = derived.capabilities[v1 as CapabilityName];
    if (capability?.requested !== true || stops === "payouts") continue;
    const lists = ofCapability(capability);
    const isIts = [lists.past_due, lists.currently_due, lists.eventually_due, lists.pending_verification].some((one) =>
      one?.includes(name),
    );
    if (isIts) found.push({ capability: v2, configuration, deadline: { status: statusOf(lists, name) } });
  }
  if (stops !== "charges")
    for (const configuration of ["merchant", "recipient"] as const)
      if (isApplied(world, configuration)) found.push({ capability: STRIPE_PAYOUTS, configuration, deadline: { status } });
  return found.sort((one, other) => (one.capability < other.capability ? -1 : 1));
}

function timeOf(seconds: number | null | undefined): string | null {
  return seconds == null ? null : new Date(seconds * 1000).toISOString();
}
