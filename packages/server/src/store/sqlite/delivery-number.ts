/** How many attempts, and how many leases, a delivery can be told apart by. 2^37 deliveries have room beside them. */
const WITHIN = 65_536;

/**
 * One number for a delivery's nth attempt or nth lease: the key its attempt is kept by, or the token its claim is
 * fenced by. So attempts need no index, and a settlement finds its row by the token. `delivery` is the delivery's own
 * number in the database. Throws `RangeError` for an `nth` no delivery gets to.
 */
export function withinDelivery(delivery: number, nth: number): number {
  if (nth < 0 || nth >= WITHIN) throw new RangeError(`A delivery has no attempt or lease number ${nth}.`);
  return delivery * WITHIN + nth;
}

/** The first and the last number within a delivery. */
export function allWithin(delivery: number): [first: number, last: number] {
  return [delivery * WITHIN, delivery * WITHIN + WITHIN - 1];
}

/** The delivery's own number. */
export function deliveryOf(number: number): number {
  return Math.floor(number / WITHIN);
}

/** Which attempt or lease of its delivery it is: 1 for the first. */
export function nthOf(number: number): number {
  return number % WITHIN;
}
