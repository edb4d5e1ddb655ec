import type { Operation } from "../../operations/operation.ts";

/** Replaces a part of a name that is not part of a parameter's name. */
const MASK = "*";

/** More parts than any name has. */
const PARTS_SHOWN = 10;

/**
 * The name of a parameter as it may be stored: only parts that are names of the API's parameters, and numbers. Other
 * parts may be anything, such as a key of metadata or a secret pasted by mistake.
 */
export function createShownParam(operations: readonly Pick<Operation, "params">[]): (param: string) => string {
  let words: ReadonlySet<string> | null = null;
  return (param) => {
    words ??= wordsOf(operations);
    const [first = "", ...rest] = param.split("[", PARTS_SHOWN);
    const known = words;
    const shown = (part: string): string => (known.has(part) || /^\d{0,6}$/.test(part) ? part : MASK);
    return shown(first) + rest.map((part) => `[${shown(part.replace(/\]$/, ""))}]`).join("");
  };
}

function wordsOf(operations: readonly Pick<Operation, "params">[]): Set<string> {
  const words = new Set<string>();
  for (const { params } of operations) learn(params, words);
  return words;
}

/** The names in a schema of parameters, at all levels. */
function learn(schema: object, words: Set<string>): void {
  const { properties, items, anyOf } = schema as { properties?: Record<string, object>; items?: object; anyOf?: readonly object[] };
  for (const [name, property] of Object.entries(properties ?? {})) {
    words.add(name);
    learn(property, words);
  }
  if (items !== undefined) learn(items, words);
  for (const one of anyOf ?? []) learn(one, words);
}
