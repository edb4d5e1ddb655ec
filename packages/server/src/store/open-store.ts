import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import type { DatabaseLimits } from "./postgres/open-postgres-store.ts";
import { fixedKeys, type KeySource, newKeyBytes, SecretBox, secretKey } from "./secret-box.ts";
import { keepPrivate, MEMORY, openDatabase } from "./sqlite/database/open-database.ts";
import { UnderWayFile, underWayFileOf } from "./sqlite/deliveries/under-way-file.ts";
import { createSqliteStore } from "./sqlite/sqlite-store.ts";
import type { Store } from "./store.ts";

/** Where to keep everything. */
export interface StoreOptions {
  /**
   * `memory`, which is lost when the store is closed; the path of an SQLite file, created if it does not exist; or the
   * URL of a PostgreSQL database, `postgres://user:password@host:port/database`.
   */
  location: string;
  /** Unix milliseconds; recorded as the time of any change to the schema. */
  now: number;
  limits?: DatabaseLimits & Pick<Limits, "fileGroupMs">;
  /** The machine's time in milliseconds. With it, work on an SQLite file regularly lets the rest of the process run. */
  machineNow?(): number;
  /** The keys that seal its secrets. Without them a store in memory makes a new key; any other store needs them. */
  keys?: KeySource;
  /**
   * What the other nodes of a shared database learn about this process: its name, its version, and what it does. By
   * default a command.
   */
  node?: { name: string; version: string; roles: readonly string[] };
  /** Called with the path of the copy of an SQLite file that is made before an upgrade that cannot be undone. */
  onCopied?(copy: string): void;
}

/**
 * A name for this process among the nodes of a database: the machine's name, and a random part, because a machine may
 * run several.
 */
export function newNodeName(): string {
  return `${hostname()}/${randomBytes(6).toString("hex")}`;
}

/**
 * Opens the store at a location and updates its schema. Throws `StoreUnavailable` when it cannot be opened or another
 * process has it open, `UnusableFile` when this process may not read and write it, and `UnfitDatabase` when it is not
 * Carabiner's, is newer, or is sealed with other keys.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { location, now } = options;
  if (options.keys === undefined && location !== "memory") throw new Error(`a store that outlives its process needs keys`);
  const keys = options.keys ?? fixedKeys({ current: secretKey(newKeyBytes(randomBytes)), older: [] }, "memory");
  const box = new SecretBox(keys, randomBytes);
  if (/^postgres(ql)?:\/\//.test(location)) {
    // A server on a file need not load the driver.
    const { openPostgresStore } = await import("./postgres/open-postgres-store.ts");
    const { limits = DEFAULT_LIMITS } = options;
    const self = { name: newNodeName(), version: "", roles: [], ...options.node };
    return openPostgresStore({ url: location, now, self, limits, box });
  }
  if (/^\w{2,}:\/\//.test(location))
    throw new Error(`No store can open ${location.replace(/:\/\/.*/, "://…")}: name a file, a PostgreSQL database, or memory.`);
  const database = openDatabase(location === "memory" ? MEMORY : location);
  try {
    const store = createSqliteStore(
      database,
      now,
      box,
      location === "memory"
        ? null
        : { path: location, underWay: new UnderWayFile(underWayFileOf(location)), onCopied: (copy) => options.onCopied?.(copy) },
      options.machineNow === undefined ? null : { now: options.machineNow, mostMs: (options.limits ?? DEFAULT_LIMITS).fileGroupMs },
    );
    if (location !== "memory") keepPrivate(location);
    return store;
  } catch (error) {
    database.close();
    throw error;
  }
}
