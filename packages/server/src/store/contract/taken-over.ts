/** What ended processes left behind. */
export interface TakenOver {
  /** Leases that ended with them. */
  released: number;
  /** Deliveries that were under way. */
  underWay: number;
  /** Suspects there are now, also of earlier ends. */
  suspects: number;
  /** Ids of the deliveries that are quarantined from now on. */
  quarantined: string[];
}
