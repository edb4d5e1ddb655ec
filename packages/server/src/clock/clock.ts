/** Where time comes from. Nothing else in the server asks the machine for it. */
export interface Clock {
  /** The time everything is decided by: due times, `created`, leases. Unix milliseconds. Never goes back. */
  now(): number;
  /** The machine's own time, for what others compare with theirs: signatures. Unix milliseconds. */
  wallNow(): number;
  /** Resolves once `ms` of this clock's time have passed, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The same for the machine's own time, which nobody turns: for waiting on the machine, never for what is due. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** A clock that several servers have in common. */
export interface SharedClock extends Clock {
  /** Asks for the common time. The clock is right to half of what the answer takes, and goes on from there by the machine's counter. */
  ask(): Promise<void>;
}
