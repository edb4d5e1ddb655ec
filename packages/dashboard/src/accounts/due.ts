import type { Account } from "../api/answers.ts";
import type { Tone } from "../design/state.tsx";

/** What an account has to submit, for one row: the most urgent first. */
export interface Due {
  tone: Tone;
  words: string;
  /** The deadline in Unix seconds; null without a date. */
  by: number | null;
}

/** What is due for an account. */
export function dueOf({ requirements: now, future_requirements: future }: Account): Due {
  const past = now?.past_due?.length ?? 0;
  const due = now?.currently_due?.length ?? 0;
  const checked = now?.pending_verification?.length ?? 0;
  const later = future?.currently_due?.length ?? 0;
  if (past > 0) return { tone: "bad", words: `${past} past due`, by: null };
  if (due > 0) return { tone: "waiting", words: `${due} due`, by: now?.current_deadline ?? null };
  if (checked > 0) return { tone: "waiting", words: `${checked} being verified`, by: null };
  if (later > 0) return { tone: "waiting", words: `${later} due later`, by: future?.current_deadline ?? null };
  return { tone: "good", words: "nothing due", by: null };
}

/** One requirement of an account, as its page shows it. */
export interface RequirementLine {
  name: string;
  tone: Tone;
  standing: string;
  by: number | null;
  /** Why it is required again; null when nothing was wrong before. */
  why: string | null;
}

/** All requirements of an account, each once, the most urgent first. */
export function requirementLines({ requirements: now, future_requirements: future }: Account): RequirementLine[] {
  const lines = new Map<string, RequirementLine>();
  const why = new Map([...(future?.errors ?? []), ...(now?.errors ?? [])].map(({ requirement, reason }) => [requirement, reason] as const));
  const add = (names: readonly string[] | null | undefined, tone: Tone, standing: string, by: number | null): void => {
    for (const name of names ?? []) if (!lines.has(name)) lines.set(name, { name, tone, standing, by, why: why.get(name) ?? null });
  };
  add(now?.past_due, "bad", "past due", null);
  add(now?.currently_due, "waiting", "due", now?.current_deadline ?? null);
  add(future?.past_due, "bad", "past due", null);
  add(future?.currently_due, "waiting", "due later", future?.current_deadline ?? null);
  add(now?.pending_verification, "waiting", "being verified", null);
  add(future?.pending_verification, "waiting", "being verified", null);
  add(now?.eventually_due, "quiet", "asked for one day", null);
  add(future?.eventually_due, "quiet", "asked for one day", null);
  return [...lines.values()];
}

/** Why payments or payouts are disabled, in words; null when no reason is known. */
export function disabledReasonInWords(reason: string | null | undefined): string | null {
  if (reason == null) return null;
  const known: Readonly<Record<string, string>> = {
    "action_required.requested_capabilities": "it asked for no capability",
    listed: "it may be on a list of prohibited persons",
    other: "for another reason",
    "pending.review": "it is under review",
    platform_paused: "the platform paused it",
    "rejected.fraud": "it was rejected for fraud",
    "rejected.incomplete_verification": "it was rejected: its verification was never completed",
    "rejected.listed": "it was rejected: it is on a list of prohibited persons",
    "rejected.other": "it was rejected",
    "rejected.platform_fraud": "the platform rejected it for fraud",
    "rejected.platform_other": "the platform rejected it",
    "rejected.platform_terms_of_service": "the platform rejected it for its terms of service",
    "rejected.terms_of_service": "it was rejected for the terms of service",
    "requirements.fields_needed": "it has to submit what is due",
    "requirements.past_due": "what it had to submit is past due",
    "requirements.pending_verification": "what it submitted is being verified",
    under_review: "it is under review",
  };
  return known[reason] ?? reason;
}
