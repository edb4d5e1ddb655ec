/** What may stand between two words of a statement, once: a space or a comment. The source of a regular expression. */
export const SQL_GAP = String.raw`(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)`;
