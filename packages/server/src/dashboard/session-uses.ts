import type { Limits } from "../limits.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** Records when sessions were last used, to the minute. */
export interface SessionUses {
  /** A request was made in the session with this hash. */
  used(hash: string, now: number): void;
  /** Resolves when all uses have been recorded. */
  close(): Promise<void>;
}

/** Sessions of which a server remembers when it last recorded a use. */
const REMEMBERED = 1_000;

/**
 * Records the use of a session at most once in `dashboardUseNotedMs`, so that no request waits for it. While the store
 * is unavailable, the next use tries again.
 */
export function createSessionUses(
  store: Pick<Store, "sessions">,
  { dashboardUseNotedMs }: Pick<Limits, "dashboardUseNotedMs">,
  onBug: (error: unknown) => void,
): SessionUses {
  const notedAt = new Map<string, number>();
  const noting = new Set<Promise<void>>();
  return {
    used(hash, now) {
      const last = notedAt.get(hash);
      if (last !== undefined && now >= last && now - last < dashboardUseNotedMs) return;
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
