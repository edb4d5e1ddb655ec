/** Quoted text, and comments. `E'…'` may have a backslash before a quote; `$$…$$` may have a tag. */
const OPAQUE = /\bE'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/|\$(\w*)\$[\s\S]*?\$\1\$/gi;
/** Bodies of functions in SQL contain statements, and end with END. */
const BODY = /\bBEGIN\s+ATOMIC\b/i;

/** The statements of a text, with a space instead of each comment and each quoted text. */
export function statementsOf(text: string): string[] {
  const bare = text.replace(OPAQUE, " ");
  return BODY.test(bare) ? [bare] : bare.split(";");
}
