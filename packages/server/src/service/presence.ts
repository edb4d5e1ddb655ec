import type { SharedClock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import type { TakenOver } from "../store/contract/taken-over.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** How a server stands with those who share its database. */
export interface Standing {
  /** When it was last heard, by the time they share. */
  heardAt: number;
  /** What it leased before may have become others': it was not heard for too long since. */
  sureFrom: number;
}

/** How long a server may go unheard: others take its leases over after `nodeGoneMs`, and look with clocks of their own. */
type Patience = Pick<Limits, "nodeGoneMs" | "nodeBeatMs">;

const unheard = ({ heardAt }: Standing, now: number, { nodeGoneMs, nodeBeatMs }: Patience): boolean =>
  now - heardAt >= nodeGoneMs - nodeBeatMs;

/**
 * Whether what a server leased at a time is surely still its own: one that was not heard for `nodeGoneMs` may have lost it to
 * others, also once it is heard again. A beat's time before that it stops relying on it.
 */
export function leasesHold(standing: Standing, leasedAt: number, now: number, limits: Patience): boolean {
  return leasedAt >= standing.sureFrom && !unheard(standing, now, limits);
}

/** Says for the first time that this server lives. Call it before anything is leased. Throws when the limits leave no room for a beat that is missed. */
export async function appear(store: Store, clock: SharedClock, { nodeGoneMs, nodeBeatMs }: Patience): Promise<Standing> {
  if (nodeGoneMs < 3 * nodeBeatMs) throw new Error(`nodeGoneMs (${nodeGoneMs}) must be at least three times nodeBeatMs (${nodeBeatMs})`);
  const now = clock.now();
  await store.beat(now, 0);
  return { heardAt: now, sureFrom: now };
}

/**
 * Says every `nodeBeatMs` that this server lives, to those who share its database, and looks at the database's time. Until
 * `signal` aborts. Keeps `standing` up to date. With `onTakenOver`, which is told what came of it, it also takes over from those
 * who no longer say that they live; after a time in which nothing could be said it judges nobody for `nodeGoneMs`: the others
 * could not say anything either.
 */
export async function keepPresence(
  store: Store,
  clock: SharedClock,
  limits: Limits,
  standing: Standing,
  signal: AbortSignal,
  onTakenOver: ((taken: TakenOver) => Promise<void>) | null,
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
      const mayJudge = onTakenOver !== null && now - heardSince >= limits.nodeGoneMs;
      const taken = await store.beat(now, mayJudge ? now - limits.nodeGoneMs : 0);
      const heard = clock.now();
      if (unheard(standing, heard, limits)) standing.sureFrom = heard;
      standing.heardAt = now;
      await onTakenOver?.(taken);
    } catch (error) {
      // The engine tells of a store that is away.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
}
