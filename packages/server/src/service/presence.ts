import type { SharedClock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/**
 * Says every `nodeBeatMs` that this server lives, to those who share its database; ends the leases of those who no longer
 * do; and looks at the database's time. Until `signal` aborts. After a time in which nothing could be said it judges
 * nobody for `nodeGoneMs`: the others could not say anything either.
 */
export async function keepPresence(store: Store, clock: SharedClock, limits: Limits, signal: AbortSignal): Promise<void> {
  let heardSince = clock.now();
  let lastAt = clock.now();
  while (!signal.aborted) {
    await clock.pause(limits.nodeBeatMs, signal);
    if (signal.aborted) return;
    try {
      await clock.ask();
      const now = clock.now();
      if (now - lastAt > limits.nodeGoneMs / 2) heardSince = now;
      lastAt = now;
      const mayJudge = now - heardSince >= limits.nodeGoneMs;
      await store.beat(now, mayJudge ? now - limits.nodeGoneMs : 0);
    } catch (error) {
      // The engine tells of a store that is away.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
}
