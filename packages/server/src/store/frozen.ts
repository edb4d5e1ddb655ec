/**
 * Freezes a value and everything in it. It reads every property: a row that parses some properties on first read must
 * be made frozen instead, see `rows.ts`.
 */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const held of Object.values(value)) frozen(held);
  return Object.freeze(value);
}
