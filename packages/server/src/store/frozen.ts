/**
 * Freezes a value and what it holds. It reads every property: rows that parse some when they are read are made frozen,
 * see `rows.ts`.
 */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const held of Object.values(value)) frozen(held);
  return Object.freeze(value);
}
