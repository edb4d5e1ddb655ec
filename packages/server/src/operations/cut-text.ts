/**
 * The first `chars` of a text, without half of a character at their end: a database may refuse to look into what has
 * one.
 */
export function cutText(text: string, chars: number): string {
  return text.slice(0, chars).replace(/[\ud800-\udbff]$/, "");
}
