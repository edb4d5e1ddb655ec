/** The numbers by which lists decide how they are read. A test makes them small, so that a few rows take every way. */

export const NEWEST_OF_EVENTS = {
  /**
   * Deliveries that were made with their events are numbered as these are, but for those of transactions that overlap:
   * of the events that others number while a transaction numbers its own and their deliveries, there are no more than
   * this.
   */
  eventsApart: 20_000,
  /** Events of each part that a page is looked for among, at most. */
  eventsLookedAt: 2_000,
  /** Deliveries made later than their events, looked at for a page at most. */
  laterLookedAt: 2_000,
  /** Deliveries passed over to find one that was made with its event, at most. */
  passedOver: 1_000,
};

export const DELIVERY_LISTS = {
  /** Deliveries of a way that are counted, at most: their numbers are in its index. */
  counted: 30_000,
  /** So many are read in the order of the index that has them, not sorted first. */
  many: 10_000,
  /** So few are read as they are, and of so few events the deliveries of each are found at once. */
  few: 500,
  /** Deliveries of the owner that are looked at first for a page of those of frequent events. */
  walked: 3_000,
  /** The newest events that tell how frequent they are. */
  sampled: 500,
  /** Of events of more types the next deliveries are not looked for, type by type. */
  typesAtOnce: 8,
};

export const EVENT_LISTS = {
  /** How many events a page is first looked for among. */
  walked: 1_000,
};
