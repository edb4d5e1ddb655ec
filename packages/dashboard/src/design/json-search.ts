/** The result of a search in a value. */
interface Matches {
  count: number;
  /** The paths of the matches and of everything around them, such as `/data/object`. */
  paths: ReadonlySet<string>;
}

/** Finds keys and values that contain `words`, which are in lower case. */
export function matchesIn(value: unknown, words: string): Matches {
  const paths = new Set<string>();
  let count = 0;
  const visit = (one: unknown, path: string): boolean => {
    if (typeof one !== "object" || one === null) return String(one).toLowerCase().includes(words) && ++count > 0;
    let found = false;
    for (const [key, child] of Object.entries(one)) {
      const isKey = !Array.isArray(one) && key.toLowerCase().includes(words);
      if (isKey) count++;
      if (visit(child, `${path}/${key}`) || isKey) found = true;
    }
    if (found) paths.add(path);
    return found;
  };
  visit(value, "");
  return { count, paths };
}
