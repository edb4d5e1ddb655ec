import type { SecretBox } from "./secret-box.ts";
import { UnfitDatabase } from "./store.ts";

/** The setting that names the keys of a database's secrets. */
export const KEY_MARKER = "secret_keys";

/** Its value. */
export interface KeyMarker {
  /** The id of the key that came into use last. */
  current: string;
  /** A known word, sealed under each key in use, by the key's id. */
  checks: Record<string, string>;
  /** Whether everything is sealed: false while a database of an earlier version is upgraded. */
  sealed: boolean;
}

const WORD = "carabiner";
const place = (id: string): string => `settings.${KEY_MARKER}:${id}`;

/**
 * Checks that a database's secrets can be opened: we have the right key for each. Throws `UnfitDatabase`, which names
 * the missing or wrong key.
 */
export function checkKeys({ checks }: KeyMarker, box: SecretBox): void {
  for (const [id, check] of Object.entries(checks)) {
    box.need(id);
    if (box.open(place(id), check) !== WORD)
      throw new UnfitDatabase(`Key ${id} differs from the key of the same id that its secrets are sealed with.`, {
        keysDiffer: true,
      });
  }
}

/**
 * The marker with our current key recorded as in use, or null if it already is. `begin`: from now on all nodes seal
 * with that key.
 */
export function withCurrentKey(marker: KeyMarker | null, box: SecretBox, { begin }: { begin: boolean }): KeyMarker | null {
  const id = box.current;
  const current = begin ? id : (marker?.current ?? id);
  if (marker?.current === current && marker.checks[id] !== undefined) return null;
  const checks = { ...marker?.checks, [id]: marker?.checks[id] ?? box.seal(place(id), WORD) };
  return { current, checks, sealed: marker?.sealed ?? false };
}

/**
 * Takes the key that all nodes have to seal with from the source of our keys, and switches to it. Throws
 * `UnfitDatabase` if the source does not have it.
 */
export function followMarker({ current }: KeyMarker, box: SecretBox): void {
  if (current === box.current) return;
  box.keys.reload();
  box.need(current);
}

/** The marker without keys that no longer seal anything; the current one stays. */
export function withoutKeys(marker: KeyMarker, ids: readonly string[]): KeyMarker {
  const checks = Object.fromEntries(Object.entries(marker.checks).filter(([id]) => id === marker.current || !ids.includes(id)));
  return { ...marker, checks };
}
