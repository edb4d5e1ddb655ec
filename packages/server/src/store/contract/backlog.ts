/** What waits to be sent, of all accounts, and the endpoints that may delay it. Excludes deleted endpoints. */
export interface Backlog {
  /** Deliveries that have not ended: due, under way, to be tried again later, or held for a paused endpoint. */
  pending: number;
  /** Of these, those that are due and not leased, and whose endpoint is not paused. */
  due: number;
  /** When the oldest due delivery fell due; null when nothing is due. */
  oldestDueAt: number | null;
  /**
   * The same, without endpoints whose last attempt failed, because these delay their own deliveries, and without those
   * whose own rate limit delays them while a node sends to them. It may be later than the oldest when more endpoints
   * wait than are counted.
   */
  oldestWorkingDueAt: number | null;
  /** When the oldest task that is due and not done fell due; null when none is due. */
  oldestTaskDueAt: number | null;
  failingEndpoints: number;
  disabledEndpoints: number;
}

/** What waits to be sent to one endpoint. */
export interface Waiting {
  /** The pending deliveries, counted up to a bound, and how many of these are due. */
  pending: number;
  due: number;
  /** When the oldest due delivery fell due, Unix milliseconds; null when none is due. */
  oldestDueAt: number | null;
}
