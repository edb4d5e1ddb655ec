/** What an engine asks to be leased: of what is due, endpoints in turn. */
export interface ClaimRequest {
  /** Unix milliseconds. */
  now: number;
  leaseMs: number;
  /** How many at most, in all. */
  limit: number;
  /** How many at most of one endpoint. */
  perEndpoint: number;
  /** How many at most of an endpoint that is failing: its first failure is known, and no success since. */
  perFailingEndpoint: number;
  /** Of an endpoint with a rate limit: what it may be sent in this time, milliseconds. */
  rateSpanMs: number;
  /** Endpoints to pass over: they have enough, or nothing is to be sent to them now. */
  busy: ReadonlySet<string>;
}
