/** An engine's request for leases: due deliveries, endpoints in turn. */
export interface ClaimRequest {
  /** Unix milliseconds. */
  now: number;
  /**
   * If it is later than `now`, the claim includes what falls due until then, for a clock that is turned. Leases are
   * counted from that time.
   */
  through?: number;
  leaseMs: number;
  /** The most in all. */
  limit: number;
  /** The most of one endpoint. */
  perEndpoint: number;
  /** The most of a failing endpoint: one that has failed and not succeeded since. */
  perFailingEndpoint: number;
  /** For an endpoint with a rate limit: at most as many as it may receive in this time, milliseconds. */
  rateSpanMs: number;
  /** Endpoints to skip: they have enough, or must not receive anything now. */
  busy: ReadonlySet<string>;
}
