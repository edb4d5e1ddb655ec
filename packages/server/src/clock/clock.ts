/** The source of time. Nothing else in the server reads the machine's clock. */
export interface Clock {
  /** The time that decides everything: due times, `created`, leases. Unix milliseconds. Never goes back. */
  now(): number;
  /** The machine's real time, for signatures, which others compare with their own clocks. Unix milliseconds. */
  wallNow(): number;
  /** Resolves once `ms` of this clock's time have passed, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The same in the machine's real time: for waiting on the machine, never for due times. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** A clock that several servers share. */
export interface SharedClock extends Clock {
  /**
   * Queries the shared time. The clock is off by at most half the round trip, and continues by the machine's counter.
   */
  ask(): Promise<void>;
}
