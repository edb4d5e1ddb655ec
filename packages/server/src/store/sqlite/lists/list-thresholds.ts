/** The numbers by which lists decide how to read. A test makes them small, so that a few rows exercise every way. */

export const NEWEST_OF_EVENTS = {
  /**
   * Deliveries that were made with their events are numbered in the events' order, except within one transaction: a
   * publish numbers a thousand events, then their thin forms, and the deliveries of both in turn.
   */
  eventsApart: 2_000,
  /** The most deliveries made later than their events that are examined for a page. */
  laterLookedAt: 10_000,
  /** The most deliveries that are skipped to find one that was made with its event. */
  passedOver: 1_000,
};

export const DELIVERY_LISTS = {
  /** The most rows of each way that are counted. Only their numbers are read, which are sorted quickly. */
  counted: 30_000,
  /** The most events that are counted instead of their deliveries: finding those costs more. */
  eventsCounted: 15_000,
  /**
   * When an index has the events in more parts than this, the deliveries of all events are looked up. Otherwise events
   * are read only until a page is full.
   */
  wholeSet: 8,
  /** This few rows are read directly, sooner than what other ways find. */
  few: 1_000,
};

export const EVENT_LISTS = {
  /** The most rows of each way that are counted. */
  counted: 30_000,
  /** In how many events a page is searched for first. */
  walked: 1_000,
};
