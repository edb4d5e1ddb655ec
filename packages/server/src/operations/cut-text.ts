/**
 * The first `chars` of a text, without half a character at the end: a database may refuse to read fields of such a
 * text.
 */
export function cutText(text: string, chars: number): string {
  return text.slice(0, chars).replace(/[\ud800-\udbff]$/, "");
}
