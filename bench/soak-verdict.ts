import { median } from "./report.ts";

/** A figure for one minute. Between two restarts, `run` is the same. */
export interface Sample {
  minute: number;
  run: number;
  value: number;
}

/** Whether a figure rises. */
export interface Trend {
  /** How much it rises in an hour: the median of the slopes between any two samples of one run. */
  perHour: number;
  /** The same, as a share of the median figure. */
  share: number;
  /** The Mann-Kendall statistic: how many standard deviations it is away from no trend. */
  deviations: number;
  /**
   * It rises, and not by chance: by more than a twentieth in an hour, with a probability of less than one in two
   * hundred if there were no trend.
   */
  rises: boolean;
}

/** How many samples of a run are left out while it warms up. */
const WARM_UP_MINUTES = 2;
/** With fewer samples, no conclusion is possible. */
const SAMPLES = 5;
const SHARE = 0.05;
const DEVIATIONS = 2.6;

/**
 * The trend of a figure over the minutes of a soak; null when there are too few samples. Samples are compared within
 * one run, because a restart starts from the beginning. A single outlier does not change the median slope or the order
 * of the others.
 */
export function trendOf(samples: readonly Sample[]): Trend | null {
  const began = new Map<number, number>();
  for (const { run, minute } of samples) began.set(run, Math.min(began.get(run) ?? Number.POSITIVE_INFINITY, minute));
  const warm = samples.filter(({ run, minute }) => minute - (began.get(run) ?? 0) >= WARM_UP_MINUTES);
  const runs = [...Map.groupBy(warm, ({ run }) => run).values()].filter((run) => run.length >= SAMPLES);
  if (runs.length === 0) return null;
  const slopes: number[] = [];
  let order = 0;
  let variance = 0;
  for (const run of runs) {
    for (const [index, one] of run.entries())
      for (const other of run.slice(index + 1)) {
        slopes.push((other.value - one.value) / (other.minute - one.minute));
        order += Math.sign(other.value - one.value);
      }
    const n = run.length;
    variance += (n * (n - 1) * (2 * n + 5)) / 18;
  }
  const perHour = 60 * median(slopes);
  const share = perHour / median(runs.flat().map(({ value }) => value));
  const deviations = order === 0 ? 0 : (order - Math.sign(order)) / Math.sqrt(variance);
  return { perHour, share, deviations, rises: share > SHARE && deviations > DEVIATIONS };
}
