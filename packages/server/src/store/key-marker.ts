import type { SecretBox } from "./secret-box.ts";
import { UnfitDatabase } from "./store.ts";

/** The setting that says which keys a database's secrets are sealed with. */
export const KEY_MARKER = "secret_keys";

/** Its value. */
export interface KeyMarker {
  /** The id of the key that was last begun to be used. */
  current: string;
  /** A known word, sealed under each key in use, by the key's id. */
  checks: Record<string, string>;
  /** Whether all that is to be sealed is: false while a database of an earlier version is brought up to date. */
  sealed: boolean;
}

const WORD = "carabiner";
const place = (id: string): string => `settings.${KEY_MARKER}:${id}`;

/**
 * Looks whether a database's secrets can be opened: every key in use is there, and the right one. Throws
 * `UnfitDatabase` that names the key which is not.
 */
export function checkKeys({ checks }: KeyMarker, box: SecretBox): void {
  for (const [id, check] of Object.entries(checks)) {
    box.need(id);
    if (box.open(place(id), check) !== WORD)
      throw new UnfitDatabase(`Key ${id} differs from the key of the same id that its secrets are sealed with.`);
  }
}

/**
 * The marker once our current key is begun to be used, or null when it says so already. `begin`: that is the key all
 * are to seal with from now on; otherwise it is only noted that it is in use.
 */
export function withCurrentKey(marker: KeyMarker | null, box: SecretBox, { begin }: { begin: boolean }): KeyMarker | null {
  const id = box.current;
  const current = begin ? id : (marker?.current ?? id);
  if (marker?.current === current && marker.checks[id] !== undefined) return null;
  const checks = { ...marker?.checks, [id]: marker?.checks[id] ?? box.seal(place(id), WORD) };
  return { current, checks, sealed: marker?.sealed ?? false };
}

/**
 * Takes over the key that all are to seal with, if the place our keys come from has it by now. Throws `UnfitDatabase`
 * when it is not there.
 */
export function followMarker({ current }: KeyMarker, box: SecretBox): void {
  if (current === box.current) return;
  box.keys.reload();
  box.need(current);
}

/** The marker without keys that nothing is sealed under any more; the current one stays. */
export function withoutKeys(marker: KeyMarker, ids: readonly string[]): KeyMarker {
  const checks = Object.fromEntries(Object.entries(marker.checks).filter(([id]) => id === marker.current || !ids.includes(id)));
  return { ...marker, checks };
}
