import { cpus, totalmem } from "node:os";

/** The target of a figure, in its own unit. */
export type Reach = { atLeast: number } | { atMost: number };

/** One line of the table. */
export interface Report {
  name: string;
  /** The figure, in `unit`. */
  ours: number;
  /** The same work without Carabiner in the same run, if that exists. */
  bare: number | null;
  ratio: number | null;
  /** The target for the ratio or, without a ratio, for the figure. */
  reach: Reach | null;
  unit: string;
  /** How it was measured; empty for a part of the previous figure. */
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

/** The median of the ratios of the rounds: both figures of one round are disturbed equally. */
export const medianRatio = (ours: readonly number[], bare: readonly number[]): number =>
  median(ours.map((figure, round) => figure / (bare[round] ?? Number.NaN)));

/** The machine that the figures were measured on. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}
