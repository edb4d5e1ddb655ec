import { cpus, totalmem } from "node:os";

/** What a figure is to be, in its own unit. */
export type Reach = { atLeast: number } | { atMost: number };

/** One line of the table. */
export interface Report {
  name: string;
  /** The figure, in `unit`. */
  ours: number;
  /** The same work done bare in the same run, where there is such a thing. */
  bare: number | null;
  ratio: number | null;
  /** What the ratio, or else the figure, is to reach. */
  reach: Reach | null;
  unit: string;
  /** How it was measured; empty for a part of the figure before it. */
  settings: string;
}

/** Things a second. */
export const rate = (count: number, ms: number): number => (count * 1000) / ms;

/** The value below which `share` of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The median of the ratios round by round: two figures of one round are disturbed alike. */
export const medianRatio = (ours: readonly number[], bare: readonly number[]): number =>
  median(ours.map((figure, round) => figure / (bare[round] ?? Number.NaN)));

/** What the figures were measured on. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}
