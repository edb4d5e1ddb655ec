/** The source of a regular expression for one separator between two words of a statement: a space or a comment. */
export const SQL_GAP = String.raw`(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)`;
