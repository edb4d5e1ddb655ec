import type { EndpointHealth, Settlement } from "../store/store.ts";

/** When an endpoint began to fail, or null: as last read, or as this engine last wrote it. */
export type FailingSince = ReadonlyMap<string, number | null>;

/**
 * What a batch of settlements says of its endpoints: failing since the first failure after the last success, and to
 * be disabled once that is `failingMs` ago. Only endpoints for which something changes from what is `known` are listed.
 */
export function endpointHealth(settlements: readonly Settlement[], known: FailingSince, failingMs: number): EndpointHealth[] {
  const changed = new Map<string, EndpointHealth>();
  for (const { endpointId, attempt } of settlements) {
    if (attempt === null) continue;
    const since = (changed.get(endpointId) ?? { firstFailureAt: known.get(endpointId) ?? null }).firstFailureAt;
    if (attempt.outcome === "succeeded") {
      if (since !== null) set(endpointId, null, false);
    } else {
      const first = since ?? attempt.at;
      const disable = attempt.at - first >= failingMs;
      if (since === null || disable) set(endpointId, first, disable);
    }
  }
  return [...changed.values()];

  function set(endpointId: string, firstFailureAt: number | null, disable: boolean): void {
    changed.set(endpointId, { endpointId, firstFailureAt, disable });
  }
}
