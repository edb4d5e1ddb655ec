import type { Limits } from "../limits.ts";
import { faultOfError } from "./fault-of-error.ts";

/** Origins that are remembered for a handshake that succeeded, and for one that was refused. */
const ORIGINS_KEPT = 4_096;

/** After so many refusals in a row an origin is as if none had succeeded: one of its servers alone may be at fault. */
const REFUSALS_IN_A_ROW = 3;

/** For how many times its cost a costly refusal is kept: then an origin has a fiftieth of the thread at most. */
const KEPT_TIMES = 50;

/** Which refusals are kept, and for how long. */
export type RefusalLimits = Pick<Limits, "tlsRefusalCostlyMs" | "tlsRefusalKeptMs">;

/** Time, in milliseconds. */
export interface Stopwatch {
  /** By the monotonic clock. */
  now(): number;
  /** What the thread has worked. */
  worked(): number;
}

/**
 * Makes TLS handshakes with an origin one after another until one has succeeded; then as many at once as are asked for.
 * What waits for one that TLS refuses ends with the same error, without a handshake of its own: a receiver may send a
 * chain of certificates that takes half a second to check, and all receivers share the thread that checks it.
 */
export class FirstHandshakes {
  /** Origins with which a handshake has succeeded, the last of them at the end, and how many were refused since. */
  readonly #good = new Map<string, number>();
  /** The handshake under way with each of the other origins. Never rejects; resolves with its error, or null. */
  readonly #first = new Map<string, Promise<unknown>>();
  /** Costly refusals, the oldest first, and until when they are kept. */
  readonly #kept = new Map<string, { error: unknown; until: number }>();
  readonly #limits: RefusalLimits;
  readonly #stopwatch: Stopwatch;

  constructor(limits: RefusalLimits, stopwatch: Stopwatch) {
    this.#limits = limits;
    this.#stopwatch = stopwatch;
  }

  /**
   * Resolves with what `handshake` does, and rejects as it does, or as the one before it. `isOver` is asked after each
   * wait: if it is, this rejects without a handshake.
   */
  async run<Made>(origin: string, isOver: () => boolean, handshake: () => Promise<Made>): Promise<Made> {
    for (let first = this.#first.get(origin); first !== undefined; first = this.#first.get(origin)) {
      const error = await first;
      if (isOver() || isRefusal(error)) throw error ?? new Error("It was given up.");
    }
    const kept = this.#kept.get(origin);
    if (kept !== undefined && kept.until > this.#stopwatch.now()) throw kept.error;
    if (this.#good.has(origin)) return this.#noted(origin, handshake);
    const made = this.#noted(origin, handshake);
    const ended = made.then(
      () => null,
      (error: unknown) => error,
    );
    this.#first.set(origin, ended);
    try {
      return await made;
    } finally {
      this.#first.delete(origin);
    }
  }

  async #noted<Made>(origin: string, handshake: () => Promise<Made>): Promise<Made> {
    const before = this.#stopwatch.worked();
    try {
      const made = await handshake();
      this.#good.delete(origin);
      keep(this.#good, origin, 0);
      return made;
    } catch (error) {
      if (isRefusal(error)) this.#refused(origin, error, this.#stopwatch.worked() - before);
      throw error;
    }
  }

  #refused(origin: string, error: unknown, costMs: number): void {
    const refusals = (this.#good.get(origin) ?? REFUSALS_IN_A_ROW) + 1;
    if (refusals < REFUSALS_IN_A_ROW) this.#good.set(origin, refusals);
    else this.#good.delete(origin);
    this.#kept.delete(origin);
    const { tlsRefusalCostlyMs, tlsRefusalKeptMs } = this.#limits;
    if (costMs < tlsRefusalCostlyMs) return;
    keep(this.#kept, origin, { error, until: this.#stopwatch.now() + Math.min(KEPT_TIMES * costMs, tlsRefusalKeptMs) });
  }
}

/** Remembers what is newest in the place of what is oldest. */
function keep<Value>(kept: Map<string, Value>, origin: string, value: Value): void {
  if (kept.size >= ORIGINS_KEPT) kept.delete(kept.keys().next().value as string);
  kept.set(origin, value);
}

/** Whether the next handshake with the origin would most likely fail so. */
const isRefusal = (error: unknown): boolean => error !== null && faultOfError(error).code === "tls_failure";
