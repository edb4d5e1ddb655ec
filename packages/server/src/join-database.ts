import type { SharedClock } from "./clock/clock.ts";
import { createDatabaseClock } from "./clock/database-clock.ts";
import type { Limits } from "./limits.ts";
import { announce, leasesHold, type NodeStatus } from "./service/heartbeat.ts";
import type { Store } from "./store/store.ts";

/** A database that several servers share, as seen by one of them. */
export interface SharedDatabase {
  clock: SharedClock;
  status: NodeStatus;
}

/** Joins the other nodes of a shared database. Returns null when the database is not shared. */
export async function joinDatabase(store: Store, limits: Limits): Promise<SharedDatabase | null> {
  if ((await store.sharedTime()) === null) return null;
  const clock = await createDatabaseClock(async () => (await store.sharedTime()) as number);
  return { clock, status: await announce(store, clock, limits) };
}

/**
 * Whether a lease still holds. `leasedAt` is null with a turned clock, whose times cannot be compared with heartbeats:
 * then a recent heartbeat is enough.
 */
export function leaseHolds({ clock, status }: SharedDatabase, leasedAt: number | null, limits: Limits): boolean {
  const now = clock.now();
  return leasesHold(status, leasedAt ?? now, now, limits);
}
