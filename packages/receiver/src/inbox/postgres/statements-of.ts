/** What stands in quotes, and comments. `E'…'` may have a backslash before a quote; `$$…$$` may have a tag. */
const OPAQUE = /\bE'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/|\$(\w*)\$[\s\S]*?\$\1\$/gi;
/** Bodies of functions in SQL have statements of their own, which end with END. */
const BODY = /\bBEGIN\s+ATOMIC\b/i;

/** The statements of a text, with a space in place of each comment, and of what stands in quotes. */
export function statementsOf(text: string): string[] {
  const bare = text.replace(OPAQUE, " ");
  return BODY.test(bare) ? [bare] : bare.split(";");
}
