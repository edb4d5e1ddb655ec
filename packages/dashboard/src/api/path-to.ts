/**
 * A path of the server's API with these values in it, whatever is in them: an id may come from the address, as somebody
 * typed it.
 */
export function pathTo(texts: TemplateStringsArray, ...values: readonly string[]): string {
  return texts.map((text, index) => text + encodeURIComponent(values[index] ?? "")).join("");
}
