/** One thing to choose, and what stands beside it. */
export interface Suggestion {
  value: string;
  note: string;
}

/**
 * What is offered for the words that were typed: all of them stand in the value or its note, in any order. Values that
 * begin with what was typed come first.
 */
export function suggestionsFor(typed: string, all: readonly Suggestion[]): readonly Suggestion[] {
  const words = typed.toLowerCase().split(/\s+/);
  const found = all.filter(({ value, note }) => words.every((word) => `${value} ${note}`.toLowerCase().includes(word)));
  const start = typed.trim().toLowerCase();
  return [...found.filter(({ value }) => value.startsWith(start)), ...found.filter(({ value }) => !value.startsWith(start))];
}
