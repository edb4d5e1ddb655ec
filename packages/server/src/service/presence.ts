import type { SharedClock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** How a server stands with those who share its database. */
export interface Standing {
  /** When it was last heard, by the time they share. */
  heardAt: number;
}

/**
 * Whether what a server has leased is surely its own: one that was not heard for `nodeGoneMs` may have lost it to others. A
 * beat's time before that it stops relying on it, since they look with clocks of their own.
 */
export function leasesHold(
  { heardAt }: Standing,
  now: number,
  { nodeGoneMs, nodeBeatMs }: Pick<Limits, "nodeGoneMs" | "nodeBeatMs">,
): boolean {
  return now - heardAt < nodeGoneMs - nodeBeatMs;
}

/**
 * Says every `nodeBeatMs` that this server lives, to those who share its database; ends the leases of those who no longer
 * do; and looks at the database's time. Until `signal` aborts. After a time in which nothing could be said it judges
 * nobody for `nodeGoneMs`: the others could not say anything either. Keeps `standing` up to date.
 */
export async function keepPresence(
  store: Store,
  clock: SharedClock,
  limits: Limits,
  standing: Standing,
  signal: AbortSignal,
): Promise<void> {
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
      standing.heardAt = now;
    } catch (error) {
      // The engine tells of a store that is away.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
}
