import { UnknownAccount } from "./admit-event.ts";
import { Defer, Discard } from "./handler-errors.ts";
import { InboxUnavailable, type Settlement } from "./inbox/inbox.ts";
import type { Limits } from "./limits.ts";
import { errorText, sentence } from "./presentable.ts";
import type { Handled } from "./report.ts";

/** A failed try. */
export interface Failure {
  error: unknown;
  /** The number of the try, 1 for the first, and the maximum. */
  attempt: number;
  attempts: number;
  receivedAt: number;
  now: number;
  /** At least 0 and below 1. */
  random: number;
  limits: Pick<Limits, "retryFirstMs" | "retryLongestMs" | "deferMs">;
}

export interface FailureDecision {
  outcome: Extract<Handled["outcome"], "retry" | "deferred" | "dead" | "discarded">;
  settlement: Settlement;
  says?: string;
}

/** How much of an error is stored with the work. */
const ERROR_CHARACTERS = 500;
/** How soon work is retried when the inbox was busy or unavailable. */
const INBOX_PAUSE_MS = 1_000;

/** What to do after a handler threw. */
export function decideFailure(failure: Failure): FailureDecision {
  const { error, attempt, attempts, receivedAt, now, limits } = failure;
  const kept = describe(error);
  const settled = (state: "dead" | "discarded"): Settlement => ({ at: now, next: { state }, error: kept, counts: true, mark: null });
  const later = (dueAt: number, counts: boolean): Settlement => ({
    at: now,
    next: { state: "pending", dueAt },
    error: kept,
    counts,
    mark: null,
  });

  if (error instanceof UnknownAccount)
    return { outcome: "dead", settlement: settled("dead"), says: `${sentence(kept)} replayDead() tries again.` };
  if (error instanceof Discard) return { outcome: "discarded", settlement: settled("discarded") };
  if (error instanceof InboxUnavailable) return { outcome: "retry", settlement: later(now + INBOX_PAUSE_MS, false), says: kept };
  if (error instanceof Defer) {
    if (now + error.delayMs - receivedAt > limits.deferMs) {
      return {
        outcome: "dead",
        settlement: settled("dead"),
        says: `given up, it was put off for too long: ${sentence(kept)} replayDead() tries again.`,
      };
    }
    return { outcome: "deferred", settlement: later(now + error.delayMs, false) };
  }
  if (attempt >= attempts) {
    return {
      outcome: "dead",
      settlement: settled("dead"),
      says: `given up after ${attempt} tries: ${sentence(kept)} replayDead() tries again.`,
    };
  }
  const dueAt = now + retryDelayMs(attempt, failure.random, limits);
  return {
    outcome: "retry",
    settlement: later(dueAt, true),
    says: `failed: ${sentence(kept)} Next try at ${new Date(dueAt).toISOString()}.`,
  };
}

/** Three times as long after each try, up to the maximum, randomly shortened by up to a fifth. */
function retryDelayMs(attempt: number, random: number, limits: Pick<Limits, "retryFirstMs" | "retryLongestMs">): number {
  const full = Math.min(limits.retryFirstMs * 3 ** (attempt - 1), limits.retryLongestMs);
  return Math.round(full * (1 - random / 5));
}

/** An error in a few words. A handler may throw any message, so it is truncated. */
function describe(error: unknown): string {
  // Databases cannot store the character NUL in a text.
  const text = errorText(error).replaceAll("\0", "\uFFFD");
  return text.length > ERROR_CHARACTERS ? `${text.slice(0, ERROR_CHARACTERS)}…` : text;
}
