import { createSystemClock } from "./clock/system-clock.ts";
import { addKey, dropKeys } from "./key-file.ts";
import type { Limits } from "./limits.ts";
import { openWithKeys, type StoreWithKeys } from "./open-with-keys.ts";
import { keyFileBeside } from "./secret-keys.ts";
import type { WalkPosition } from "./store/contract/stored-secrets.ts";
import type { KeySource } from "./store/secret-box.ts";
import type { Store } from "./store/store.ts";

/** Values resealed in one commit: few enough not to delay other commits. */
const BATCH = 500;

/** Which secrets, and the keys they are sealed with. */
export type SecretsOptions = Pick<StoreWithKeys, "store" | "secretKeys" | "limits">;

export interface RotateOptions extends SecretsOptions {
  /**
   * Whether to make a new key first. If false, everything is sealed with the first existing key. Keys that are given as
   * text cannot be extended.
   */
  newKey: boolean;
  /**
   * Called after each batch with the number of values resealed so far, and how many servers still seal with another
   * key.
   */
  onProgress?(resealed: number, behind: number): void;
}

/** What a rotation did. */
export interface Rotation {
  /** The id of the key that now seals all secrets. */
  current: string;
  /** How many values were resealed. */
  resealed: number;
  /** The ids of the keys that are no longer needed. They are removed from the key file. */
  dropped: string[];
}

/**
 * Reseals all secrets of a store. A new key is in the key file, on disk, before anything is sealed with it, and old
 * keys stay there as long as they are used. So after an interruption every secret can be read, and another run finishes
 * the work. An SQLite file must not be in use. Servers on PostgreSQL keep running: each looks for the new key in the
 * place that its keys come from, and ends if it does not find it there. Throws `UnusableKeys`, `UnfitDatabase` or
 * `StoreUnavailable`.
 */
export async function rotateSecrets({ newKey, onProgress, ...options }: RotateOptions): Promise<Rotation> {
  const { store, keys, limits } = await openWithKeys(options);
  const file = keyFileOf(options);
  const clock = createSystemClock();
  try {
    if (newKey && file !== null) {
      addKey(file);
      keys.reload();
    }
    await store.secrets.begin();
    let resealed = 0;
    for (;;) {
      const behind = await othersBehind(store, limits);
      const anew = await resealAll(store, (step) => {
        resealed += step;
        onProgress?.(resealed, behind);
      });
      // The next walk finds what a server sealed just before it switched to the new key.
      if (behind === 0 && anew === 0) break;
      onProgress?.(resealed, behind);
      // Servers look for another key with each heartbeat.
      if (behind > 0) await clock.pause(limits.nodeBeatMs, new AbortController().signal);
    }
    const dropped = await store.secrets.forget();
    if (file !== null) dropKeys(file, unneeded(keys, await store.secrets.count()));
    return { current: keys.ring().current.id, resealed, dropped };
  } finally {
    await store.close();
  }
}

/**
 * The ids of a store's keys, the sealing key first, and how many values are sealed with each. Throws like
 * `rotateSecrets`.
 */
export async function countSecrets(options: SecretsOptions): Promise<{ id: string; current: boolean; values: number }[]> {
  const { store, keys } = await openWithKeys(options);
  try {
    const counts = await store.secrets.count();
    const { current, older } = keys.ring();
    return [current, ...older].map(({ id }) => ({ id, current: id === current.id, values: counts.get(id) ?? 0 }));
  } finally {
    await store.close();
  }
}

/** The file that the keys are in; null when they are given as text. */
function keyFileOf({ store, secretKeys }: SecretsOptions): string | null {
  if (secretKeys !== undefined) return "file" in secretKeys ? secretKeys.file : null;
  return "file" in store ? keyFileBeside(store.file) : null;
}

/** Walks once through all values. Returns how many were resealed. */
async function resealAll(store: Store, onStep: (resealed: number) => void): Promise<number> {
  let anew = 0;
  let next: WalkPosition | null = null;
  do {
    const step: Awaited<ReturnType<Store["secrets"]["reseal"]>> = await store.secrets.reseal(BATCH, next);
    anew += step.resealed;
    next = step.next;
    if (step.resealed > 0) onStep(step.resealed);
  } while (next !== null);
  return anew;
}

/** How many other live servers seal with another key. Announces that this process seals with the current one. */
async function othersBehind(store: Store, { nodeGoneMs }: Pick<Limits, "nodeGoneMs">): Promise<number> {
  const now = await store.sharedTime();
  if (now === null) return 0;
  await store.beat(now, 0);
  return store.secrets.behind(now - nodeGoneMs);
}

/** The older keys that no value is sealed with. */
function unneeded(keys: KeySource, used: ReadonlyMap<string, number>): string[] {
  return keys
    .ring()
    .older.map(({ id }) => id)
    .filter((id) => !used.has(id));
}
