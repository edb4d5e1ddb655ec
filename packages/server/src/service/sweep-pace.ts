import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";

/** The factor by which a sweep's share grows or shrinks at once. */
const STEP = 1.25;

/** What the pace needs. */
export interface PaceParts {
  clock: Pick<Clock, "pause">;
  limits: Pick<Limits, "sweepEveryMs" | "sweepPercent" | "sweepLatePercent" | "sweepRestMs">;
  /** Milliseconds of the machine's time, which never goes back. */
  monotonic(): number;
}

/**
 * Lets sweeps rest after each commit, so that they take only a share of the time: on SQLite a commit blocks all other
 * work, and one sweep deletes everything that became old since the last one.
 *
 * The share is `sweepPercent`, even when there is nothing else to do: a sweep is in no hurry, and the thread stays free
 * for new work. Each time that a sweep has gone on for `sweepEveryMs`, more becomes old than it deletes, so the share
 * grows by a quarter, up to `sweepLatePercent`. A sweep that ends sooner takes one such step back. So the share settles
 * where sweeps just keep up.
 *
 * A commit's time includes its wait for others. So a busy server gives a sweep less than its share, until it falls
 * behind.
 */
export class SweepPace {
  readonly #parts: PaceParts;
  #percent: number;
  #tookMs = 0;
  /** When the sweep began, or when the share last grew. */
  #since = 0;
  #late = false;

  constructor(parts: PaceParts) {
    this.#parts = parts;
    this.#percent = parts.limits.sweepPercent;
  }

  begin(): void {
    this.#since = this.#parts.monotonic();
    this.#late = false;
  }

  /** Runs a part of a sweep whose time determines the next rest. */
  async work<T>(part: () => Promise<T>): Promise<T> {
    const began = this.#parts.monotonic();
    try {
      return await part();
    } finally {
      this.#tookMs = this.#parts.monotonic() - began;
    }
  }

  async rest(signal: AbortSignal): Promise<void> {
    const { clock, limits, monotonic } = this.#parts;
    if (monotonic() - this.#since >= limits.sweepEveryMs) {
      this.#since = monotonic();
      this.#late = true;
      this.#percent = Math.max(this.#percent, Math.min(this.#percent * STEP, limits.sweepLatePercent));
    }
    // The machine's time may have been set forward meanwhile.
    const restMs = Math.min(this.#tookMs * (100 / this.#percent - 1), limits.sweepEveryMs);
    await clock.pause(Math.max(limits.sweepRestMs, restMs), signal);
  }

  /** The sweep has finished. */
  end(): void {
    if (!this.#late) this.#percent = Math.max(this.#percent / STEP, this.#parts.limits.sweepPercent);
  }
}
