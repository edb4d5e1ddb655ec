import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** Rows deleted at once: few enough not to delay other commits. */
const PRUNE_BATCH = 1_000;

/** How often old rows are looked for. */
const PRUNE_EVERY_MS = 10 * 60_000;

/** Deletes expired events, idempotent answers and remembered requests, a few at once, until `signal` aborts. */
export async function keepRetention(store: Store, clock: Clock, limits: Limits, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const now = clock.now();
    try {
      const pruned = await store.prune({
        now,
        eventsBefore: now - limits.eventsKeptMs,
        answersBefore: now - limits.idempotencyKeptMs,
        // Requests are written with the machine's time.
        requestsBefore: Math.floor(clock.wallNow()) - limits.requestsKeptMs,
        limit: PRUNE_BATCH,
      });
      if (pruned > 0) continue;
    } catch (error) {
      // An unavailable store cannot be pruned; the next round tries again.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
    await clock.sleep(PRUNE_EVERY_MS, signal);
  }
}
