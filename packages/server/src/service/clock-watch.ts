import type { Logger } from "pino";
import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";

/** What watching the clock needs. */
export interface ClockWatchOptions {
  /** A clock that follows the machine's. */
  clock: Pick<Clock, "now" | "wallNow" | "pause">;
  log: Pick<Logger, "warn" | "info">;
  limits: Pick<Limits, "clockAheadMs" | "clockLookedMs">;
}

/**
 * Warns when the machine's clock was set back, so that the server's time is ahead of it, and logs when it has caught
 * up. What is planned meanwhile is planned by the server's time. Works until `signal` aborts.
 */
export async function watchClock({ clock, log, limits }: ClockWatchOptions, signal: AbortSignal): Promise<void> {
  let warned = false;
  while (!signal.aborted) {
    const aheadMs = clock.now() - clock.wallNow();
    const isAhead = aheadMs >= limits.clockAheadMs;
    if (isAhead && !warned)
      log.warn(
        { code: "clock.ahead", aheadSeconds: Math.round(aheadMs / 1_000) },
        "the machine's clock was set back: the server's time advances at half speed until the machine catches up; restart the server to follow the machine's clock now",
      );
    if (!isAhead && warned) log.info({ code: "clock.caught_up" }, "the machine's clock has caught up with the server's time");
    warned = isAhead;
    await clock.pause(limits.clockLookedMs, signal);
  }
}
