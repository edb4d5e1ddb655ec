import type { AttemptPhases } from "./contract/rows.ts";

/**
 * The phases of an attempt as stores keep them, short because every attempt has them: a JSON array of the times, with
 * the first byte alone for a reused connection.
 */
export function keptPhases(phases: AttemptPhases | null): string | null {
  if (phases === null) return null;
  const { reused, dnsMs, connectMs, tlsMs, firstByteMs } = phases;
  return JSON.stringify(reused ? [firstByteMs] : [dnsMs, connectMs, tlsMs, firstByteMs]);
}

/** The same from a column. */
export function phasesOf(kept: unknown): AttemptPhases | null {
  if (kept === null) return null;
  const times = JSON.parse(kept as string) as (number | null)[];
  if (times.length === 1) return { reused: true, dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: times[0] ?? null };
  const [dnsMs = null, connectMs = null, tlsMs = null, firstByteMs = null] = times;
  return { reused: false, dnsMs, connectMs, tlsMs, firstByteMs };
}
