/**
 * One field that an event changed: its path, and its value before and after, as JSON. Undefined where there was no
 * value.
 */
export interface Change {
  path: string;
  before: string | undefined;
  after: string | undefined;
}

/**
 * What `previous_attributes` says about an object, field by field. It contains the old values of changed fields; if a
 * field is an object on both sides, only the differences inside it appear. Lists change as a whole.
 * Source: https://docs.stripe.com/api/events/object#event_object-data-previous_attributes
 */
export function changesOf(now: unknown, previous: unknown, path = ""): Change[] {
  if (isObject(now) && isObject(previous))
    return Object.keys(previous).flatMap((key) => changesOf(now[key], previous[key], path === "" ? key : `${path}.${key}`));
  const [before, after] = [asText(previous), asText(now)];
  return before === after ? [] : [{ path, before, after }];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const asText = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value, null, 2));
