/** An engine's request for leases: due deliveries, endpoints in turn. */
export interface ClaimRequest {
  /** Unix milliseconds. */
  now: number;
  /**
   * When later than `now`, claims also what falls due until then: for a clock that is turned. Leases are counted from
   * that time.
   */
  through?: number;
  leaseMs: number;
  /** How many at most, in all. */
  limit: number;
  /** How many at most of one endpoint. */
  perEndpoint: number;
  /** How many at most of a failing endpoint: one that has failed and not succeeded since. */
  perFailingEndpoint: number;
  /** For an endpoint with a rate limit: as many as it may receive in this time, milliseconds. */
  rateSpanMs: number;
  /** Endpoints to skip: they have enough, or must not receive anything now. */
  busy: ReadonlySet<string>;
}
