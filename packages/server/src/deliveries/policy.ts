import type { Claim } from "../store/contract/delivery-store.ts";

/** The parts of a delivery that decide when it is retried. */
export type Tried = Pick<Claim, "deliveryId" | "kind" | "attempt" | "created">;

/** When to retry, and when to stop. */
export interface Policy {
  /** From the start of an attempt until it times out. */
  timeoutMs: number;
  /**
   * The shortest time from a failed attempt to the next, unless that would be too late for any attempt; infinite
   * without retries.
   */
  shortestDelayMs: number;
  /**
   * When to retry after the attempt `tried.attempt` failed at `now`; null to stop. Not within `waitMs`, unless that
   * would be too late for any attempt.
   */
  nextAttemptAt(tried: Tried, now: number, waitMs?: number): number | null;
  /** Whether an automatic attempt at `now` would be later than every planned one. */
  isOver(tried: Tried, now: number): boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Delays after each failed attempt in live mode: ten attempts within three days. Source:
 * https://docs.stripe.com/webhooks#automatic-retries
 */
export const LIVE_DELAYS_MS = [5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR];

/** The same in test mode: three retries over a few hours. */
export const TEST_DELAYS_MS = [5 * MINUTE, HOUR, 3 * HOUR];

/** How long after the delivery was made its last automatic attempt may be. */
export const LAST_ATTEMPT_MS = 72 * HOUR;

/** How much a delay varies in either direction, so that deliveries that failed together are not retried together. */
export const JITTER = 0.1;

/** The policy with a given delay after each failed attempt; manual deliveries are tried once. */
export function delayPolicy(delaysMs: readonly number[], timeoutMs: number): Policy {
  return {
    timeoutMs,
    shortestDelayMs: Math.floor(Math.min(...delaysMs) * (1 - JITTER)),
    nextAttemptAt(tried, now, waitMs = 0) {
      const delay = tried.kind === "manual" ? undefined : delaysMs[tried.attempt - 1];
      if (delay === undefined) return null;
      const at = now + Math.max(waitMs, Math.round(delay * (1 + JITTER * jitterOf(`${tried.deliveryId}/${tried.attempt}`))));
      const last = tried.created + LAST_ATTEMPT_MS;
      if (now >= last) return null;
      return Math.min(at, last);
    },
    isOver: (tried, now) => tried.kind !== "manual" && now > tried.created + LAST_ATTEMPT_MS,
  };
}

/** From -1 to 1, the same each time for the same text: FNV-1a. */
export function jitterOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return (hash / 0xffffffff) * 2 - 1;
}
