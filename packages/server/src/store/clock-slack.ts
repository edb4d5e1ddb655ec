/** How far a clock may be set back, in milliseconds, before a list by time misses rows that were made meanwhile. */
export const CLOCK_SLACK_MS = 10 * 60_000;
