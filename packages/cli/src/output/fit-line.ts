import { printable } from "./printable.ts";

/** The widths of the columns of a line about an event; null for a column that has no room. */
export interface LineColumns {
  type: number;
  account: number | null;
  took: number | null;
  /** The endpoint's address, the last column. Infinite if nothing limits the line. */
  place: number | null;
}

/** The widths of columns that are never cut: an event's id, and how long an attempt took. */
export const EVENT_CHARS = 28;
export const TOOK_CHARS = 8;

const TYPE = { least: 10, narrow: 20, wide: 26, most: 32 } as const;
const ACCOUNT = { short: 10, full: 21 } as const;
const PLACE = { least: 20, most: 32 } as const;
const GAP = 2;

/**
 * How wide the columns are in a line of `width` characters, `taken` of which other columns use with their gaps. Without
 * a width every column is full. On a narrower line the address is dropped first. Then accounts are shortened, then the
 * duration of the attempt is dropped, then the account. `took` says whether lines have that duration. Pure.
 */
export function lineColumns(width: number | null, taken: number, { took: timed = true } = {}): LineColumns {
  if (width === null) return { type: TYPE.most, account: ACCOUNT.full, took: TOOK_CHARS, place: Number.POSITIVE_INFINITY };
  /** The width that the type and the address may share. */
  const left = (account: number | null, took: boolean): number =>
    width - taken - EVENT_CHARS - GAP - (account === null ? 0 : account + GAP) - (took && timed ? TOOK_CHARS + GAP : 0);
  const full = left(ACCOUNT.full, true);
  const wide = { account: ACCOUNT.full, took: TOOK_CHARS, place: null };
  if (full >= TYPE.wide + GAP + PLACE.least) {
    const type = Math.min(TYPE.most, Math.max(TYPE.wide, full - GAP - PLACE.most));
    return { ...wide, type, place: full - type - GAP };
  }
  if (full >= TYPE.wide) return { ...wide, type: Math.min(TYPE.most, full) };
  for (const took of [true, false]) {
    const room = left(ACCOUNT.short, took);
    if (room < TYPE.narrow) continue;
    const account = Math.min(ACCOUNT.full, ACCOUNT.short + Math.max(0, room - TYPE.wide));
    return { type: Math.min(TYPE.most, room + ACCOUNT.short - account), account, took: took ? TOOK_CHARS : null, place: null };
  }
  return { type: Math.max(TYPE.least, left(null, false)), account: null, took: null, place: null };
}

/** Text shortened in its middle to at most `to` characters, because ids and types differ at both ends. */
export function shortened(text: string, to: number): string {
  const characters = [...text];
  if (characters.length <= to) return text;
  const head = Math.ceil((to - 1) / 2);
  return `${characters.slice(0, head).join("")}…${characters.slice(characters.length - (to - 1 - head)).join("")}`;
}

/** Text from the network in a column: safe for a terminal, and padded; shortened if the line is limited. */
export function inColumn(text: string, width: number, limited: boolean): string {
  const safe = printable(text);
  return (limited ? shortened(safe, width) : safe).padEnd(width);
}

/** A part of a text, with its colour. */
export interface Piece {
  text: string;
  dress(text: string): string;
}

/** Joins texts, broken between words into lines of at most `width` characters where the words allow it. */
export function wrapped(pieces: readonly Piece[], width: number): string[] {
  const lines: { length: number; words: Piece[] }[] = [];
  for (const { text, dress } of pieces)
    for (const word of text.split(" ")) {
      const last = lines.at(-1);
      const length = [...word].length;
      if (last === undefined || last.length + 1 + length > width) lines.push({ length, words: [{ text: word, dress }] });
      else {
        last.length += 1 + length;
        const before = last.words.at(-1);
        if (before?.dress === dress) before.text += ` ${word}`;
        else last.words.push({ text: word, dress });
      }
    }
  return lines.map(({ words }) => words.map(({ text, dress }) => dress(text)).join(" "));
}
