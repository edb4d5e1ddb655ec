/** An attempt's key holds its number in the low 16 bits: no delivery is tried that often, and 2^37 deliveries have room. */
const NUMBERS = 65_536;

/** The key of a delivery's attempt. `delivery` is the delivery's own number in the database. */
export function attemptKey(delivery: number, number: number): number {
  if (number < 0 || number >= NUMBERS) throw new RangeError(`Attempt ${number} of a delivery cannot be kept.`);
  return delivery * NUMBERS + number;
}

/** The keys of all of a delivery's attempts: first and last. */
export function attemptKeys(delivery: number): [first: number, last: number] {
  return [delivery * NUMBERS, delivery * NUMBERS + NUMBERS - 1];
}

/** Which attempt a key belongs to: 1 for the first. */
export function attemptNumber(key: number): number {
  return key % NUMBERS;
}
