/** The numbers by which lists decide how they are read. A test makes them small, so that a few rows take every way. */

export const NEWEST_OF_EVENTS = {
  /**
   * Deliveries that were made with their events are numbered as these are, but for those of one transaction: a publish
   * numbers a thousand events, then their thin forms, and the deliveries of both in turn.
   */
  eventsApart: 2_000,
  /** Deliveries made later than their events, looked at for a page at most. */
  laterLookedAt: 10_000,
  /** Deliveries passed over to find one that was made with its event, at most. */
  passedOver: 1_000,
};

export const DELIVERY_LISTS = {
  /** Rows of each way that are counted, at most. Their numbers alone are read, and are quickly sorted. */
  counted: 30_000,
  /** Events that are counted in place of their deliveries, at most: finding those costs more. */
  eventsCounted: 15_000,
  /**
   * Of events that an index has in too many parts the deliveries of all are looked up, where others are read until a
   * page is full.
   */
  wholeSet: 8,
  /** So few rows are read sooner than what other ways find. */
  few: 1_000,
};

export const EVENT_LISTS = {
  /** Rows of each way that are counted, at most. */
  counted: 30_000,
  /** How many events a page is first looked for among. */
  walked: 1_000,
};
