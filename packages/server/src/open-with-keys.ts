import { createSystemClock } from "./clock/system-clock.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { keysFor, locationOf, type SecretKeys, type StoreLocation } from "./secret-keys.ts";
import { openStore } from "./store/open-store.ts";
import type { KeySource } from "./store/secret-box.ts";
import type { Store } from "./store/store.ts";

/** A store that is opened without a server, and the keys of its secrets. */
export interface StoreWithKeys {
  store: Exclude<StoreLocation, "memory">;
  /** The same values as for `startCarabiner`. */
  secretKeys?: SecretKeys;
  /** Limits that differ from the defaults; use those of the servers. */
  limits?: Partial<Limits>;
  /** Called with the path of the key file that was made with a new database. */
  onKeyFile?(path: string): void;
  /** Called with the path of the copy of an SQLite file that was made before an upgrade that cannot be undone. */
  onCopied?(copy: string): void;
}

/**
 * Opens an SQLite file that no server is using, or a PostgreSQL database, with the keys of its secrets. Throws
 * `StoreUnavailable` when the file is in use, `UnusableFile` when it may not be used, `UnusableKeys` or `UnfitDatabase`
 * when the keys are wrong.
 */
export async function openWithKeys(options: StoreWithKeys): Promise<{ store: Store; keys: KeySource; limits: Limits }> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const keys = keysFor(options.store, options.secretKeys, { dev: false, onMade: (path) => options.onKeyFile?.(path) }) as KeySource;
  const store = await openStore({
    location: locationOf(options.store),
    now: createSystemClock().now(),
    keys,
    limits,
    onCopied: (copy) => options.onCopied?.(copy),
  });
  return { store, keys, limits };
}
