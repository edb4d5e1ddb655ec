/**
 * A path of the server's API that contains these values. They may contain anything, because an id may come from an
 * address that a user typed.
 */
export function pathTo(texts: TemplateStringsArray, ...values: readonly string[]): string {
  return texts.map((text, index) => text + encodeURIComponent(values[index] ?? "")).join("");
}
