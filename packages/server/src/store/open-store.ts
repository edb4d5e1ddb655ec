import { MEMORY, openDatabase } from "./sqlite/open-database.ts";
import { createSqliteStore } from "./sqlite/sqlite-store.ts";
import type { Store } from "./store.ts";

/** Where everything is kept. */
export interface StoreOptions {
  /** `memory`, which is gone when the store is closed, or the path of an SQLite file, made when it is not there. */
  location: string;
  /** Unix milliseconds; noted as the time of any change to the schema. */
  now: number;
}

/**
 * Opens the store at a location, its schema brought up to date. Throws `StoreUnavailable` when it cannot be opened or
 * another process has it open, and an `Error` when it is not ours, or newer than we are.
 */
export async function openStore({ location, now }: StoreOptions): Promise<Store> {
  if (/^\w{2,}:\/\//.test(location))
    throw new Error(`No store is known for ${location.replace(/:\/\/.*/, "://…")}; name a file, or memory.`);
  const database = openDatabase(location === "memory" ? MEMORY : location);
  try {
    return createSqliteStore(database, now);
  } catch (error) {
    database.close();
    throw error;
  }
}
