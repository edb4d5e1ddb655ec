/**
 * The numbers by which each store chooses how to read a list. A test makes them small, so that a few rows exercise
 * every way.
 */

export const WAYS = {
  /** The most rows of each way that are counted. This many are sorted quickly. */
  counted: 15_000,
  /**
   * A way that finds this few rows is used without counting the others: the counting would take longer than reading
   * these rows.
   */
  few: 100,
};

export const TYPE_LISTS = {
  /** The most types that are examined. The catalogue has fewer; a platform can publish others. */
  lookedAt: 500,
};
