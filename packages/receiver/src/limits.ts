/** The bounds of a receiver. Each can be set in `createReceiver({ limits })`. */
export interface Limits {
  /**
   * The largest body that is read; a larger one is answered 413. Stripe's largest events are a few hundred kilobytes.
   */
  bodyBytes: number;
  /** How old a signature may be, and how far in the future, in seconds. */
  toleranceSeconds: number;
  /** How long a request waits for its handlers before it is answered 200. The work continues after it. */
  budgetMs: number;
  /**
   * How long one try of a handler may take. Then its signal aborts, its transaction is rolled back, and it counts as
   * failed.
   */
  handlerTimeoutMs: number;
  /** How long, in addition to `handlerTimeoutMs`, before another process can take over a claim. */
  leaseMarginMs: number;
  /**
   * How many handlers run at the same time in this process. A running handler leaves a slot for each other one, up to
   * half of all slots.
   */
  concurrency: number;
  /** How often a started receiver looks for work that other processes left. */
  pollMs: number;
  /** How many tries a handler has before its event becomes a dead letter. */
  attempts: number;
  /** The wait before the second try. Each further wait is three times the last, randomly shortened by up to a fifth. */
  retryFirstMs: number;
  /** The longest wait between two tries. */
  retryLongestMs: number;
  /** How long `Defer` may postpone an event, counted from its arrival, before it becomes a dead letter. */
  deferMs: number;
  /** The value of `Retry-After` when the inbox is unavailable, in seconds. */
  unavailableRetrySeconds: number;
  /** How many lines a minute the log gets about requests refused for one reason, because anyone can send those. */
  refusalLinesPerMinute: number;
  /** How long `stop()` waits for running handlers. Then it stops them, and their events are due again. */
  graceMs: number;
  /** How often a worker removes old data, takes over work of former names, and asks the database for its time. */
  upkeepMs: number;
  /** The age at which settled events are removed. Stripe resends manually for up to 30 days. */
  retentionMs: number;
  /** The age at which dead letters are discarded, counted from when they were given up. */
  deadRetentionMs: number;
  /** The age at which events of a disconnected account are discarded. */
  quarantinedRetentionMs: number;
  /** How long work of an unregistered handler may be due before it is discarded. */
  orphanRetentionMs: number;
  /**
   * The age of an object's newest event at which the object is forgotten, for handlers with order `latest`. Older
   * events that arrive later then run.
   */
  markRetentionMs: number;
}

/** The defaults. */
export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 1_048_576,
  toleranceSeconds: 300,
  budgetMs: 3_000,
  handlerTimeoutMs: 60_000,
  leaseMarginMs: 15_000,
  concurrency: 8,
  pollMs: 1_000,
  attempts: 15,
  retryFirstMs: 5_000,
  retryLongestMs: 3_600_000,
  deferMs: 259_200_000,
  unavailableRetrySeconds: 30,
  refusalLinesPerMinute: 10,
  graceMs: 60_000,
  upkeepMs: 60_000,
  retentionMs: 3_024_000_000,
  deadRetentionMs: 7_776_000_000,
  quarantinedRetentionMs: 7_776_000_000,
  orphanRetentionMs: 7_776_000_000,
  markRetentionMs: 7_776_000_000,
};
