/** The most attempts, and leases, that a delivery can have. That leaves room for 2^37 deliveries. */
const WITHIN = 65_536;

/**
 * One number for a delivery's nth attempt or nth lease: the key of the attempt, or the token that fences the claim. So
 * attempts need no index, and a settlement finds its row by the token. `delivery` is the delivery's number in the
 * database. Throws `RangeError` for an `nth` that no delivery can reach.
 */
export function withinDelivery(delivery: number, nth: number): number {
  if (nth < 0 || nth >= WITHIN) throw new RangeError(`A delivery has no attempt or lease number ${nth}.`);
  return delivery * WITHIN + nth;
}

/** The first and the last number within a delivery. */
export function allWithin(delivery: number): [first: number, last: number] {
  return [delivery * WITHIN, delivery * WITHIN + WITHIN - 1];
}

/** The first and the last number within deliveries: one range for consecutive ones. */
export function rangesWithin(deliveries: readonly number[]): [first: number, last: number][] {
  const ranges: [first: number, last: number][] = [];
  for (const delivery of deliveries) {
    const [first, last] = allWithin(delivery);
    const before = ranges.at(-1);
    if (before !== undefined && before[1] === first - 1) before[1] = last;
    else ranges.push([first, last]);
  }
  return ranges;
}

/** The delivery's number. */
export function deliveryOf(number: number): number {
  return Math.floor(number / WITHIN);
}

/** The number of the attempt or lease within its delivery: 1 for the first. */
export function nthOf(number: number): number {
  return number % WITHIN;
}
