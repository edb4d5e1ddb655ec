import type { Limits } from "../limits.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** Records when sessions were last used, to the minute or finer. */
export interface SessionUses {
  /** A request was made in the session with this hash. */
  used(hash: string, now: number): void;
  /** Resolves when all uses have been recorded. */
  close(): Promise<void>;
}

/** How many sessions a server remembers the last recorded use of. */
const REMEMBERED = 1_000;

/**
 * The time for which an unused session stays open is divided into this many parts. Its use is recorded at least once in
 * each.
 */
const NOTED_IN_IDLE = 4;

/**
 * Records the use of a session at most once in `dashboardUseNotedMs`, so that no request waits for it, and often enough
 * that it does not end while it is used. While the store is unavailable, the next use tries again.
 */
export function createSessionUses(
  store: { sessions: Pick<Store["sessions"], "noteUse"> },
  { dashboardUseNotedMs, dashboardIdleMs }: Pick<Limits, "dashboardUseNotedMs" | "dashboardIdleMs">,
  onBug: (error: unknown) => void,
): SessionUses {
  const everyMs = Math.min(dashboardUseNotedMs, dashboardIdleMs / NOTED_IN_IDLE);
  const notedAt = new Map<string, number>();
  const noting = new Set<Promise<void>>();
  return {
    used(hash, now) {
      const last = notedAt.get(hash);
      if (last !== undefined && now >= last && now - last < everyMs) return;
      if (notedAt.size >= REMEMBERED) notedAt.clear();
      notedAt.set(hash, now);
      const done: Promise<void> = store.sessions
        .noteUse(hash, now)
        .catch((error: unknown) => {
          notedAt.delete(hash);
          if (!(error instanceof StoreUnavailable)) onBug(error);
        })
        .finally(() => noting.delete(done));
      noting.add(done);
    },
    async close() {
      await Promise.all(noting);
    },
  };
}
