/** Types to subscribe to. The API has no families, so each of a family's types is subscribed to by name. */
export function named(patterns: readonly string[]): string[] {
  return patterns.includes("*") ? ["*"] : patterns.filter((pattern) => !pattern.endsWith(".*"));
}

/** Text for the end of a remedy: what to add for the families among the patterns. */
export function andFamilies(patterns: readonly string[]): string {
  const families = patterns.filter((pattern) => pattern.endsWith(".*"));
  return families.length === 0 || patterns.includes("*") ? "" : ` Add the types you need of ${families.join(" and ")}.`;
}
