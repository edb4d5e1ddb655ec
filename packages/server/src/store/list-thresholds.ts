/**
 * The numbers by which either store chooses how a list is read. A test makes them small, so that a few rows take every
 * way.
 */

export const WAYS = {
  /** How many rows of each way are counted, at most. As many are quickly sorted. */
  counted: 15_000,
  /** A way that finds so few rows is taken without counting those of others, which takes longer than to read these. */
  few: 100,
};

export const TYPE_LISTS = {
  /** Types looked at, at most. The catalogue has fewer; a platform can publish others. */
  lookedAt: 500,
};
