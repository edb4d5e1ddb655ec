/** What waits to be sent, of all accounts, and the endpoints that may hold it up. Excludes deleted endpoints. */
export interface Backlog {
  due: number;
  /** When the oldest due delivery fell due; null when nothing is due. */
  oldestDueAt: number | null;
  failingEndpoints: number;
  disabledEndpoints: number;
}

/** What waits to be sent to one endpoint. */
export interface Waiting {
  /** Pending deliveries, counted up to a bound, and how many of these are due. */
  pending: number;
  due: number;
  /** When the oldest due delivery fell due, Unix milliseconds; null when none is due. */
  oldestDueAt: number | null;
}
