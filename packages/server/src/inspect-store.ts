import { randomBytes } from "node:crypto";
import { isMissing } from "./is-missing.ts";
import { UnusableKeys } from "./key-file.ts";
import type { Limits } from "./limits.ts";
import { keyFileBeside, keysFor, type SecretKeys, type StoreLocation } from "./secret-keys.ts";
import { checkKeys, type KeyMarker } from "./store/key-marker.ts";
import { type KeySource, SecretBox } from "./store/secret-box.ts";
import { readMarks } from "./store/sqlite/schema/read-marks.ts";
import { UnfitDatabase } from "./store/store.ts";

/** What can be learnt about a store without changing it. */
export interface InspectedStore {
  /** `SQLite 3.53.4`, `PostgreSQL 18.4`. */
  engine: string;
  /** How many steps of the schema it has taken, and how many this version knows; null when it is empty. */
  schema: number | null;
  knownSchema: number;
  /** The least that its clock is ahead of this machine's, in milliseconds; null for a file. */
  clockAheadMs: number | null;
  /** The roles of each server that runs on it, null for a server of an earlier version; empty for a file. */
  running: readonly (readonly string[] | null)[];
  /**
   * The mark of each of these servers, as `/livez` shows it; empty for a file, which cannot be read while a server has
   * it.
   */
  marks: readonly string[];
  /** Why the keys do not open its secrets; null when they do, or when it holds none. */
  keyFault: string | null;
}

/** What `inspectStore` reads from a store. */
export type StoreMarks = Omit<InspectedStore, "keyFault"> & { marker: KeyMarker | null };

/**
 * Looks at a store without changing it: its schema, its clock, and whether the keys fit. `now` returns Unix
 * milliseconds. Throws `StoreUnavailable` when it cannot be reached or a server has the file open, and `UnfitDatabase`
 * when it is not Carabiner's, is newer, or would lose acknowledged writes.
 */
export async function inspectStore(
  store: Exclude<StoreLocation, "memory">,
  secretKeys: SecretKeys | undefined,
  limits: Limits,
  now: () => number,
): Promise<InspectedStore> {
  const { marker, ...marks } = await marksOf(store, limits, now);
  return { ...marks, keyFault: keyFault(store, secretKeys, marker) };
}

async function marksOf(store: Exclude<StoreLocation, "memory">, limits: Limits, now: () => number): Promise<StoreMarks> {
  if ("file" in store) return { ...readMarks(store.file), clockAheadMs: null, running: [], marks: [] };
  const { readMarks: ofPostgres } = await import("./store/postgres/schema/read-marks.ts");
  return ofPostgres(store.url, limits, now);
}

function keyFault(
  store: Exclude<StoreLocation, "memory">,
  given: SecretKeys | undefined,
  marker: KeyMarker | null,
): InspectedStore["keyFault"] {
  const file = given === undefined ? ("file" in store ? keyFileBeside(store.file) : null) : "file" in given ? given.file : null;
  // A missing key file is made with a new database, but not for a database that already has secrets.
  if (file !== null && isMissing(file)) return marker === null && "file" in store ? null : `There is no key file ${file}.`;
  try {
    const keys = keysFor(store, given, { dev: false }) as KeySource;
    if (marker !== null) checkKeys(marker, new SecretBox(keys, randomBytes));
    return null;
  } catch (error) {
    if (error instanceof UnusableKeys || error instanceof UnfitDatabase) return error.message;
    throw error;
  }
}
