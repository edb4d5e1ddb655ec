/** Freezes a value and what it holds. A property that is parsed when it is read freezes itself: see `rows.ts`. */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const { value: held } of Object.values(Object.getOwnPropertyDescriptors(value))) frozen(held);
  return Object.freeze(value);
}
