/** The numbers by which lists decide how to read. A test makes them small, so that a few rows exercise every way. */

export const NEWEST_OF_EVENTS = {
  /**
   * Deliveries that were made with their events are numbered in the events' order, except in transactions that overlap.
   * While one transaction numbers its events and their deliveries, others number at most this many events.
   */
  eventsApart: 20_000,
  /** The most events of each part in which a page is searched for. */
  eventsLookedAt: 2_000,
  /** The most deliveries made later than their events that are examined for a page. */
  laterLookedAt: 2_000,
  /** The most deliveries that are skipped to find one that was made with its event. */
  passedOver: 1_000,
};

export const DELIVERY_LISTS = {
  /** The most deliveries of a way that are counted: their numbers are in its index. */
  counted: 30_000,
  /** This many are read in the order of their index, instead of being sorted first. */
  many: 10_000,
  /** This few are read directly. For this few events, the deliveries of each are found at once. */
  few: 500,
  /** How many of the owner's deliveries are examined first for a page of deliveries of frequent events. */
  walked: 3_000,
  /** How many of the newest events show how frequent they are. */
  sampled: 500,
  /** With more event types than this, the next deliveries are not searched type by type. */
  typesAtOnce: 8,
};

export const EVENT_LISTS = {
  /** In how many events a page is searched for first. */
  walked: 1_000,
};
