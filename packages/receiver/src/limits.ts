/** What bounds a receiver. Each can be set in `createReceiver({ limits })`. */
export interface Limits {
  /** The largest body that is read; more is answered 413. Stripe's largest events are a few hundred kilobytes. */
  bodyBytes: number;
  /** How old a signature may be, and how far in the future, in seconds. */
  toleranceSeconds: number;
  /** How long a request waits for its handlers before it is answered 200. The work goes on after it. */
  budgetMs: number;
  /** How long one try of a handler may take. Then its signal aborts, its transaction is rolled back, and it counts as failed. */
  handlerTimeoutMs: number;
  /** How long before a claim can be taken over by another process, beyond `handlerTimeoutMs`. */
  leaseMarginMs: number;
  /** How many handlers run at the same time in this process. One that runs already leaves a slot for each of the others, up to half of all. */
  concurrency: number;
  /** How often a started receiver looks for work that other processes left. */
  pollMs: number;
  /** How many tries a handler has before its event is a dead letter. */
  attempts: number;
  /** The wait before the second try. Each further wait is three times the last, and at random up to a fifth shorter. */
  retryFirstMs: number;
  /** The longest wait between two tries. */
  retryLongestMs: number;
  /** How long `Defer` may put an event off, counted from its arrival, before it is a dead letter. */
  deferMs: number;
  /** What the caller is told to wait when the inbox is unavailable, in seconds. */
  unavailableRetrySeconds: number;
  /** How many lines the log gets in a minute of requests that were refused for one reason: anybody can send those. */
  refusalLinesPerMinute: number;
  /** How long `stop()` waits for handlers that run, before they are stopped and their events are due again. */
  graceMs: number;
  /** How often a worker removes what is old, takes over work of former names, and asks the database for its time. */
  upkeepMs: number;
  /** How old settled events are when they are removed. Stripe resends by hand for up to 30 days. */
  retentionMs: number;
  /** How old dead letters are when they are discarded, from when they were given up. */
  deadRetentionMs: number;
  /** How old events of an account that disconnected are when they are discarded. */
  quarantinedRetentionMs: number;
  /** How long work of a handler that is not registered any more has been due when it is discarded. */
  orphanRetentionMs: number;
  /** How old the newest event of an object is when it is forgotten, for handlers with order `latest`. Older events that come then run. */
  markRetentionMs: number;
}

/** What holds unless told otherwise. */
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
