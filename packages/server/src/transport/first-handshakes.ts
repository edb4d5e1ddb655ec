import { faultOfError } from "./fault-of-error.ts";

/** Origins that are remembered for a handshake that succeeded. */
const ORIGINS_KEPT = 4_096;

/** After so many refusals in a row an origin is as if none had succeeded: one of its servers alone may be at fault. */
const REFUSALS_IN_A_ROW = 3;

/**
 * Makes TLS handshakes with an origin one after another until one has succeeded; then as many at once as are asked for.
 * What waits for one that TLS refuses ends with the same error, without a handshake of its own: a receiver may send a
 * chain of certificates that takes half a second to check, and all receivers share the thread that checks it.
 */
export class FirstHandshakes {
  /** Origins with which a handshake has succeeded, the oldest first, and how many were refused since the last one. */
  readonly #good = new Map<string, number>();
  /** The handshake under way with each of the other origins. Never rejects; resolves with its error, or null. */
  readonly #first = new Map<string, Promise<unknown>>();

  /**
   * Resolves with what `handshake` does, and rejects as it does, or as the one before it. `isOver` is asked after each
   * wait: if it is, this rejects without a handshake.
   */
  async run<Made>(origin: string, isOver: () => boolean, handshake: () => Promise<Made>): Promise<Made> {
    for (let first = this.#first.get(origin); first !== undefined; first = this.#first.get(origin)) {
      const error = await first;
      if (isOver() || isRefusal(error)) throw error ?? new Error("It was given up.");
    }
    if (this.#good.has(origin)) return this.#noted(origin, handshake());
    const made = this.#noted(origin, handshake());
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

  async #noted<Made>(origin: string, making: Promise<Made>): Promise<Made> {
    try {
      const made = await making;
      if (!this.#good.has(origin) && this.#good.size >= ORIGINS_KEPT) this.#good.delete(this.#good.keys().next().value as string);
      this.#good.set(origin, 0);
      return made;
    } catch (error) {
      const refusals = this.#good.get(origin);
      if (refusals !== undefined && isRefusal(error)) {
        if (refusals + 1 < REFUSALS_IN_A_ROW) this.#good.set(origin, refusals + 1);
        else this.#good.delete(origin);
      }
      throw error;
    }
  }
}

/** Whether the next handshake with the origin would most likely fail so. */
const isRefusal = (error: unknown): boolean => error !== null && faultOfError(error).code === "tls_failure";
