import { InvalidArgumentError } from "commander";

/** A value and its path: `metadata.plan=gold`. */
export interface Override {
  path: readonly string[];
  value: unknown;
}

type Hash = Record<string, unknown>;

/**
 * Parses `path=value`, with a path like `a.b` or `a[b]`. Numbers, `true`, `false`, `null` and JSON keep their type,
 * anything else is text. For an option that can be repeated. Throws `InvalidArgumentError`.
 */
export function collectOverride(text: string, before: readonly Override[] = []): readonly Override[] {
  const equals = text.indexOf("=");
  const path = text
    .slice(0, Math.max(equals, 0))
    .split(/[.[\]]+/)
    .filter((part) => part !== "");
  if (equals < 1 || path.length === 0) throw new InvalidArgumentError("It must be path=value, such as amount=500 or metadata.plan=gold.");
  if (path.some((part) => ["__proto__", "constructor", "prototype"].includes(part)))
    throw new InvalidArgumentError("There is no such path.");
  return [...before, { path, value: readValue(text.slice(equals + 1)) }];
}

function readValue(text: string): unknown {
  if (!/^(?:-?\d+(?:\.\d+)?|true|false|null|[[{"].*)$/s.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A copy of an object with values set at their paths. It replaces any value that is in the way of a path. */
export function withOverrides(object: Readonly<Hash>, overrides: readonly Override[]): Hash {
  return overrides.reduce<Hash>((changed, { path, value }) => setAt(changed, path, value) as Hash, { ...object });
}

function setAt(object: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value;
  const copy: Hash = typeof object === "object" && object !== null && !Array.isArray(object) ? { ...(object as Hash) } : {};
  copy[first] = setAt(copy[first], rest, value);
  return copy;
}
