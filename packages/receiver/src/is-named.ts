/**
 * Whether a value is an error of this name. It replaces the default `instanceof`, because a program may load a class
 * twice: as an ES module and as CommonJS.
 */
export function isNamed(value: unknown, name: string): value is Error {
  return value instanceof Error && value.name === name;
}
