import type { SharedClock } from "../clock/clock.ts";
import { InvalidLimit, type Limits } from "../limits.ts";
import type { TakenOver } from "../store/contract/taken-over.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** A node's own status, as the other nodes of its database see it. Unix milliseconds, by their shared clock. */
export interface NodeStatus {
  /** When the other nodes last heard from it. */
  heardAt: number;
  /** Leases from before this time may belong to other nodes now, because this node was unheard for too long. */
  leasesValidFrom: number;
  /** Why the last report was not stored; null when it was stored. */
  failure: string | null;
}

/** How long a node may go unheard: the others take over its leases after `nodeGoneMs`. */
type HeartbeatLimits = Pick<Limits, "nodeGoneMs" | "nodeBeatMs">;

const unheard = ({ heardAt }: NodeStatus, now: number, { nodeGoneMs, nodeBeatMs }: HeartbeatLimits): boolean =>
  now - heardAt >= nodeGoneMs - nodeBeatMs;

/**
 * Whether a lease that a node took at `leasedAt` is certain to still be its own. A node that others have not heard from
 * for `nodeGoneMs` may have lost its leases to them, even if they hear it again. It stops relying on them one beat
 * earlier.
 */
export function leasesHold(status: NodeStatus, leasedAt: number, now: number, limits: HeartbeatLimits): boolean {
  return leasedAt >= status.leasesValidFrom && !unheard(status, now, limits);
}

/**
 * Why the others have not heard from a node for so long that it no longer relies on any lease; null while they hear
 * from it. Its store may answer reads and still refuse writes.
 */
export function silence(status: NodeStatus, now: number, limits: HeartbeatLimits): string | null {
  if (!unheard(status, now, limits)) return null;
  return status.failure ?? "The other servers of the database have not heard this one for too long.";
}

/**
 * Tells the other nodes for the first time that this one is alive. Call it before leasing anything. Throws when the
 * limits leave no room for a missed beat.
 */
export async function announce(store: Store, clock: SharedClock, { nodeGoneMs, nodeBeatMs }: HeartbeatLimits): Promise<NodeStatus> {
  if (nodeGoneMs < 3 * nodeBeatMs)
    throw new InvalidLimit("nodeGoneMs", `${nodeGoneMs} is less than three times nodeBeatMs, which is ${nodeBeatMs}.`);
  const now = clock.now();
  await store.beat(now, 0);
  return { heardAt: now, leasesValidFrom: now, failure: null };
}

/**
 * Tells the other nodes every `nodeBeatMs` that this one is alive, and reads the database's time, until `signal`
 * aborts. Keeps `status` up to date. With `onTakenOver` it also takes over from nodes that are gone, and passes on what
 * it took. After a time in which this node could not reach the database it judges no node for `nodeGoneMs`, because the
 * others could not reach it either.
 */
export async function keepBeating(
  store: Store,
  clock: SharedClock,
  limits: HeartbeatLimits,
  status: NodeStatus,
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
      if (unheard(status, heard, limits)) status.leasesValidFrom = heard;
      status.heardAt = now;
      status.failure = null;
      await onTakenOver?.(taken);
    } catch (error) {
      // The engine reports an unavailable store.
      if (!(error instanceof StoreUnavailable)) throw error;
      status.failure = error.message;
    }
  }
}
