/** A UTC day in milliseconds. */
export const DAY_MS = 24 * 3_600_000;

/** The first UTC midnight after a time, in Unix milliseconds. */
export function nextMidnight(time: number): number {
  return (Math.floor(time / DAY_MS) + 1) * DAY_MS;
}

/**
 * The UTC midnight `days` days after the day of a time, when a payment made then becomes available. 0 returns the time
 * itself.
 */
export function midnightAfter(time: number, days: number): number {
  return days === 0 ? time : (Math.floor(time / DAY_MS) + days) * DAY_MS;
}
