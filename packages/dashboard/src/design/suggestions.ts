/** One choice, and the note beside it. */
export interface Suggestion {
  value: string;
  note: string;
}

/**
 * The choices for the typed words: the value or its note contains all of them, in any order. Values that begin with the
 * typed text come first.
 */
export function suggestionsFor(typed: string, all: readonly Suggestion[]): readonly Suggestion[] {
  const words = typed.toLowerCase().split(/\s+/);
  const found = all.filter(({ value, note }) => words.every((word) => `${value} ${note}`.toLowerCase().includes(word)));
  const start = typed.trim().toLowerCase();
  return [...found.filter(({ value }) => value.startsWith(start)), ...found.filter(({ value }) => !value.startsWith(start))];
}
