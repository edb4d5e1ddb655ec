import type { Limits } from "../limits.ts";
import type { EndpointHold } from "../store/contract/rows.ts";
import { jitterOf } from "./policy.ts";
import { TokenBucket } from "./token-bucket.ts";

/**
 * What the endpoints of a lane have in common: they answer well; nothing is known about them yet; or they fail or are
 * slow.
 */
export type EndpointLane = "healthy" | "unproven" | "failing";

/** The limits that an endpoint's record uses. */
export type RecordLimits = Pick<
  Limits,
  | "attemptsInFlightPerEndpoint"
  | "attemptsInFlightAtFirst"
  | "slowAnswerMs"
  | "breakerFailures"
  | "breakerOpenMs"
  | "breakerOpenLongestMs"
  | "retryAfterHoldLongestMs"
  | "leaseMs"
>;

/** How an attempt ended, as far as that says something about its endpoint. */
export interface AttemptResult {
  /** When it began, Unix milliseconds. */
  at: number;
  succeeded: boolean;
  /** From its start to the end of the answer's head, or to the fault. Milliseconds. */
  tookMs: number;
  /** How long the endpoint asked to receive nothing; 0 when it did not ask. */
  holdMs: number;
}

/** After this many failures in a row, an endpoint that had answered well counts as failing. */
const FAILING_FROM = 3;

/** After this many failures in a row, an endpoint counts as down if it has no breaker. */
const DOWN_FROM = 8;

/** How many deliveries are worth holding in memory, as a multiple of the attempts that may be under way. */
const WINDOWS_OF_SLOW = 8;
const WINDOWS_OF_FAILING = 2;

/** The weight of one answer in the average time that answers take. */
const WEIGHT = 0.25;

/**
 * A breaker's open time is shortened by up to this share, so that deliveries that failed together are not retried
 * together.
 */
const BREAKER_JITTER = 0.1;

/**
 * For an endpoint with a rate limit, a claim leases no more than it may receive in this time: the rest would only wait.
 * Milliseconds. Pure.
 */
export function rateSpanMs(leaseMs: number): number {
  return leaseMs / 4;
}

/** The shortest time that a breaker stays open. Milliseconds. Pure. */
export function shortestOpenMs({ breakerOpenMs, breakerOpenLongestMs }: Pick<Limits, "breakerOpenMs" | "breakerOpenLongestMs">): number {
  return Math.floor(Math.min(breakerOpenMs, breakerOpenLongestMs) * (1 - BREAKER_JITTER));
}

/**
 * What this engine has seen of an endpoint, and what follows from it: how many attempts may be under way, in which
 * lane, and until when none may start. It is lost with the engine, but for the holds that the store has; the failures
 * that a claim reports start it again. Takes the time as an argument; no I/O.
 */
export class EndpointRecord {
  readonly #limits: RecordLimits;
  readonly #endpointId: string;
  readonly #bucket = new TokenBucket();
  #window: number;
  /** Since the last success. */
  #failures = 0;
  #proven = false;
  #answerMs = 0;
  #overdue = 0;
  /** How often the breaker opened since the last success. */
  #openings = 0;
  #openUntil = 0;
  #leftAloneUntil = 0;
  #steady = false;
  /** Attempts a second; null for no limit. */
  rate: number | null = null;

  constructor(endpointId: string, limits: RecordLimits) {
    this.#endpointId = endpointId;
    this.#limits = limits;
    this.#window = Math.min(limits.attemptsInFlightAtFirst, limits.attemptsInFlightPerEndpoint);
  }

  /** Attempts that may be under way at once. */
  get window(): number {
    return this.#window;
  }

  get lane(): EndpointLane {
    if (this.#overdue > 0 || this.#answerMs > this.#limits.slowAnswerMs) return "failing";
    if (!this.#proven) return this.#failures === 0 ? "unproven" : "failing";
    return this.#failures < FAILING_FROM ? "healthy" : "failing";
  }

  /**
   * Nothing may be sent before this time, because the breaker is open or the endpoint asked for a pause. Unix
   * milliseconds.
   */
  get heldUntil(): number {
    return Math.max(this.#openUntil, this.#leftAloneUntil);
  }

  /** The same with the reason: whichever lasts longer. */
  get hold(): EndpointHold {
    const open = this.#openUntil >= this.#leftAloneUntil;
    return open ? { until: this.#openUntil, by: "breaker" } : { until: this.#leftAloneUntil, by: "retry_after" };
  }

  /** When the rate limit allows the next attempt. Unix milliseconds. */
  get tokenAt(): number {
    return this.rate === null ? 0 : this.#bucket.freeAt(this.rate);
  }

  /** Whether it fails, and does so quickly, so that nobody has to wait. */
  get failsAtOnce(): boolean {
    return this.lane === "failing" && this.#overdue === 0 && this.#answerMs <= this.#limits.slowAnswerMs;
  }

  /** How many deliveries its rate limit makes worth holding in memory; null without one. */
  get worthHoldingByRate(): number | null {
    return this.rate === null ? null : Math.max(1, Math.ceil((this.rate * rateSpanMs(this.#limits.leaseMs)) / 1_000));
  }

  /** How many of its deliveries are worth holding in memory; null for as many as fit. */
  get worthHolding(): number | null {
    const byRate = this.worthHoldingByRate;
    if (this.lane !== "failing") return byRate;
    // A slow endpoint that answers well continues at its own pace; a failing one receives little.
    const windows = this.#failures === 0 ? WINDOWS_OF_SLOW : WINDOWS_OF_FAILING;
    return Math.min(windows * this.#window, byRate ?? Number.POSITIVE_INFINITY);
  }

  /** The last answer is known, and did not ask for a pause. */
  get steady(): boolean {
    return this.#steady;
  }

  /** It has failed so often in a row that it receives only a probe. */
  get down(): boolean {
    return this.#failures >= (this.#limits.breakerFailures > 0 ? this.#limits.breakerFailures : DOWN_FROM);
  }

  /** A claim says that the endpoint was failing when it was read. If nothing else is known, that becomes its record. */
  failedBefore(): void {
    if (this.#proven || this.#failures > 0) return;
    this.#failures = 1;
    this.#window = 1;
  }

  /**
   * The engine before this one left it alone until then. That holds on, but for no longer than a hold may last: the
   * clock may have been set back since.
   */
  heldBefore({ until, by }: EndpointHold, now: number): void {
    const { breakerFailures, breakerOpenLongestMs, retryAfterHoldLongestMs } = this.#limits;
    this.failedBefore();
    if (by === "retry_after") this.#leftAloneUntil = Math.min(until, now + retryAfterHoldLongestMs);
    else if (breakerFailures > 0) {
      this.#failures = breakerFailures;
      this.#openings = 1;
      this.#openUntil = Math.min(until, now + breakerOpenLongestMs);
    }
  }

  /** Its owner changed it: earlier failures may be fixed. */
  pardon(): void {
    this.#failures = 0;
    this.#proven = false;
    this.#answerMs = 0;
    this.#openings = 0;
    this.#openUntil = 0;
    this.#leftAloneUntil = 0;
    this.#steady = false;
    this.#window = Math.min(this.#limits.attemptsInFlightAtFirst, this.#limits.attemptsInFlightPerEndpoint);
  }

  /** An attempt begins: it takes a token. */
  began(now: number): void {
    if (this.rate !== null) this.#bucket.take(this.rate, now);
  }

  /** An attempt has been under way for longer than an answer may take. */
  becameOverdue(): void {
    this.#overdue++;
  }

  /** An overdue attempt ended. */
  overdueEnded(): void {
    this.#overdue--;
  }

  /** The body of an answer was cut off: its endpoint is slow, although its outcomes are known in time. */
  bodyCut(): void {
    this.#answerMs += (this.#limits.slowAnswerMs / WEIGHT - this.#answerMs) * WEIGHT + 1;
  }

  /** An attempt ended at `now`. */
  ended({ at, succeeded, tookMs, holdMs }: AttemptResult, now: number): void {
    this.#answerMs = this.#proven || this.#failures > 0 ? this.#answerMs + (tookMs - this.#answerMs) * WEIGHT : tookMs;
    this.#steady = holdMs === 0;
    if (holdMs > 0) this.#leftAloneUntil = Math.max(this.#leftAloneUntil, now + holdMs);
    if (succeeded) {
      this.#proven = true;
      this.#failures = 0;
      this.#openings = 0;
      this.#openUntil = 0;
      this.#window = Math.min(2 * this.#window, this.#limits.attemptsInFlightPerEndpoint);
      return;
    }
    this.#failures++;
    this.#window = Math.max(1, Math.floor(this.#window / 2));
    const { breakerFailures } = this.#limits;
    // Attempts that were under way when it opened fail as well, which says nothing new.
    if (breakerFailures > 0 && this.#failures >= breakerFailures && at >= this.#openUntil) this.#open(now);
  }

  #open(now: number): void {
    this.#openings++;
    this.#window = 1;
    const { breakerOpenMs, breakerOpenLongestMs } = this.#limits;
    const openMs = Math.min(breakerOpenMs * 2 ** (this.#openings - 1), breakerOpenLongestMs);
    const shorter = (BREAKER_JITTER * (1 + jitterOf(`${this.#endpointId}/${this.#openings}`))) / 2;
    this.#openUntil = now + Math.max(1, Math.round(openMs * (1 - shorter)));
  }
}
