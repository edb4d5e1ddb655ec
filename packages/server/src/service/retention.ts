import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** Rows deleted in one go: few enough not to hold up anyone's commit. */
const PRUNE_BATCH = 1_000;

/** How often old rows are looked for. */
const PRUNE_EVERY_MS = 10 * 60_000;

/** Deletes events, idempotent answers and remembered requests past their time, a little at once, until `signal` aborts. */
export async function keepRetention(store: Store, clock: Clock, limits: Limits, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const now = clock.now();
    try {
      const pruned = await store.prune({
        now,
        eventsBefore: now - limits.eventsKeptMs,
        answersBefore: now - limits.idempotencyKeptMs,
        // By the machine's own time, as they are written.
        requestsBefore: Math.floor(clock.wallNow()) - limits.requestsKeptMs,
        limit: PRUNE_BATCH,
      });
      if (pruned > 0) continue;
    } catch (error) {
      // A store that is away cannot be tidied; the next round tries again.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
    await clock.sleep(PRUNE_EVERY_MS, signal);
  }
}
