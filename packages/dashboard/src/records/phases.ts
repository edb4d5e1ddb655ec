import type { Attempt } from "../api/answers.ts";

/** One phase of an attempt on its bar. */
export interface Phase {
  name: string;
  ms: number;
}

/** The phases of an attempt in the order in which they happened; empty if they were not measured. */
export function phasesOf({ phases, duration_ms: total }: Pick<Attempt, "duration_ms" | "phases">): Phase[] {
  if (phases == null) return [];
  const known: Phase[] = [
    ["DNS", phases.dns_ms] as const,
    ["Connect", phases.connect_ms] as const,
    ["TLS", phases.tls_ms] as const,
    ["First byte", phases.first_byte_ms] as const,
  ].flatMap(([name, ms]) => (ms == null ? [] : [{ name, ms }]));
  const rest = total - known.reduce((sum, { ms }) => sum + ms, 0);
  return known.length === 0 ? [] : rest > 0 ? [...known, { name: "Rest", ms: rest }] : known;
}
