/**
 * A limit that is bound. Bare, as `LIMIT ?`, SQLite plans by its value and so prepares the statement anew each time it is
 * bound: 23 µs for a claim of one delivery, where this takes 3.
 */
export const BOUND_LIMIT = "LIMIT +?";
