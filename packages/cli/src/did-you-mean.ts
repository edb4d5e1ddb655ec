/** The most words that are suggested. */
const SUGGESTED = 3;

/**
 * The known words most similar to `word`, the likeliest first: a few letters away, or in the same group. Case is
 * ignored.
 */
export function didYouMean(word: string, known: readonly string[]): string[] {
  const wanted = word.toLowerCase();
  const near = known
    .map((one) => ({ one, apart: apartFrom(wanted, one.toLowerCase()) }))
    .filter(({ one, apart }) => apart <= Math.max(2, Math.floor(one.length / 4)))
    .sort((a, b) => a.apart - b.apart || a.one.localeCompare(b.one));
  // Words that are much farther away than the nearest were not intended.
  const farthest = (near[0]?.apart ?? 0) + 1;
  return near
    .filter(({ apart }) => apart <= farthest)
    .slice(0, SUGGESTED)
    .map(({ one }) => one);
}

function apartFrom(wanted: string, known: string): number {
  return known.startsWith(wanted) ? 0 : lettersApart(wanted, known);
}

/** A sentence that suggests similar words. If there are none, it says where all words are listed. */
export function suggestion(word: string, known: readonly string[], all: string): string {
  const near = didYouMean(word, known);
  if (near.length === 0) return all;
  return `Did you mean ${near.length === 1 ? near[0] : `${near.slice(0, -1).join(", ")} or ${near.at(-1)}`}?`;
}

/**
 * How many letters must be inserted, removed, changed or swapped to turn one word into the other (optimal string
 * alignment).
 */
function lettersApart(one: string, other: string): number {
  let older: number[] = [];
  let old = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = one[i - 1] === other[j - 1] ? 0 : 1;
      let least = Math.min((old[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (old[j - 1] ?? 0) + change);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) least = Math.min(least, (older[j - 2] ?? 0) + 1);
      row.push(least);
    }
    older = old;
    old = row;
  }
  return old[other.length] ?? 0;
}
