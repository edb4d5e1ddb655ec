import { cpus, totalmem } from "node:os";

/** One line of the table. */
export interface Report {
  name: string;
  /** The figure, in `unit`. */
  ours: number;
  /** The same work done bare in the same run, where there is such a thing. */
  bare: number | null;
  ratio: number | null;
  /** What the ratio, or else the figure, is to reach. */
  reach: number | null;
  unit: string;
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

/** What the figures were measured on. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}
