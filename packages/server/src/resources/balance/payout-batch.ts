import { DAY_MS } from "../connected-account/state/utc-day.ts";
import type { SourceType } from "./balance-state.ts";

/**
 * The contents of an automatic payout: whole batches. A transaction belongs to a batch from the start (its row's
 * parent): the batch of the day it becomes available or, if it is available at once, the batch currently open. So a
 * single write records a payout's contents, however many transactions there are.
 */
export interface BatchRange {
  currency: string;
  sourceType: SourceType;
  /** The batch of funds that were available at once. */
  batch: number;
  /** The batches of days after this one, in Unix milliseconds … */
  after: number;
  /** … up to this one. */
  through: number;
}

/** The batch of funds that become available on a future day, given as its first millisecond. */
export function batchOfDay(currency: string, sourceType: SourceType, day: number): string {
  return `${currency}_${sourceType}_day_${day / DAY_MS}`;
}

/** The batch of funds available at once. `batch` is the number of closed batches. */
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
