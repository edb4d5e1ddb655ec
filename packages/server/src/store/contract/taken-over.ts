/** What was taken over from processes that ended. */
export interface TakenOver {
  /** Leases that ended with them. */
  released: number;
  /** Deliveries that were under way. */
  underWay: number;
  /** All suspects, including those of earlier ends. */
  suspects: number;
  /** Ids of the deliveries that are quarantined from now on. */
  quarantined: string[];
}
