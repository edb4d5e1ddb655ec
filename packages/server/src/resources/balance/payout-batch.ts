import { DAY_MS } from "../connected-account/state/utc-day.ts";
import type { SourceType } from "./balance-state.ts";

/**
 * What an automatic payout pays out: whole batches. A transaction is in one from the start (its row's parent): that of
 * the day on which it becomes available or, if it is available at once, the one that is open at the time. So a payout is
 * told what is in it by a single write, however many transactions there are.
 */
export interface BatchRange {
  currency: string;
  sourceType: SourceType;
  /** The batch of what was available at once. */
  batch: number;
  /** The batches of days after this one, in Unix milliseconds … */
  after: number;
  /** … up to this one. */
  through: number;
}

/** The batch of what becomes available on a day to come, given as its first millisecond. */
export function batchOfDay(currency: string, sourceType: SourceType, day: number): string {
  return `${currency}_${sourceType}_day_${day / DAY_MS}`;
}

/** The batch of what is available at once. `batch` counts those that have been closed. */
export function batchOfNow(currency: string, sourceType: SourceType, batch: number): string {
  return `${currency}_${sourceType}_batch_${batch}`;
}

/** Every batch of a range. */
export function batchesOf({ currency, sourceType, batch, after, through }: BatchRange): string[] {
  const batches = [batchOfNow(currency, sourceType, batch)];
  for (let day = (Math.floor(after / DAY_MS) + 1) * DAY_MS; day <= through; day += DAY_MS)
    batches.push(batchOfDay(currency, sourceType, day));
  return batches;
}
