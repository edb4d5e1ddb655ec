import type { SourceFile, Violation } from "./source-file.ts";

/**
 * Lengths of the texts that a pattern is tried on. A pattern with quadratic time takes seconds for the longest text.
 * For a pattern whose time doubles with each character, the short texts show it before it takes for ever.
 */
const LENGTHS = [16, 20, 24, 28, 64, 512, 2_500, 5_000, 10_000, 20_000];
/** How long a pattern may take for a text, in milliseconds of processor time. */
const ALLOWED_MS = 100;
/** A pattern only counts as slow if it is slow in every one of these tries. */
const TIMES = 3;

/** Characters that are repeated, in addition to those in the pattern itself. */
const REPEATED = ["a", "0", " ", ".", "/", "-", "\n", "\\", "é", "a.", "a,", "a=", "0:", "a "];

/**
 * Regular expressions of the packages that take more than linear time for some text: a long text would delay everyone.
 * They are tried on texts that repeat what they match, complete and with an end that does not match.
 */
export function slowPatterns(files: readonly SourceFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    if (file.isTest || !/^packages\/[^/]+\/src\//.test(file.path)) continue;
    file.visit({
      Literal(node) {
        if (!("regex" in node)) return;
        const { pattern, flags } = node.regex;
        const slow = slowTextFor(pattern, flags);
        if (slow === null) return;
        const shown = JSON.stringify(`${slow.slice(0, 8)}…${slow.slice(-4)}`);
        violations.push({
          path: file.path,
          line: file.lineAt(node.start),
          says: `/${pattern}/${flags} takes too long for ${slow.length} characters like ${shown}: let no two parts of it take the same text`,
        });
      },
    });
  }
  return violations;
}

/** A text for which a pattern takes too long; null if it is fast for all texts that are tried. */
function slowTextFor(pattern: string, flags: string): string | null {
  const own = [...pattern.replaceAll(/\\[a-zA-Z]/g, "")].filter((character) => !/[\\^$*+?()|{}]/.test(character));
  const pieces = [...new Set([...REPEATED, ...own])];
  const begins = ["", "~", ...(pattern.match(/[A-Za-z_:/.-]{2,}/g) ?? []).slice(0, 2)];
  for (const begin of begins)
    for (const piece of pieces)
      for (const end of ["", "!"])
        for (const length of LENGTHS) {
          const text = begin + piece.repeat(Math.ceil(length / piece.length)) + end;
          if (isSlow(pattern, flags, text)) return text;
        }
  return null;
}

function isSlow(pattern: string, flags: string, text: string): boolean {
  for (let time = 0; time < TIMES; time++) {
    // A new pattern each time, because it is compiled for the first text that it gets.
    const tried = new RegExp(pattern, flags.replace("y", ""));
    const begun = process.cpuUsage();
    if (flags.includes("g")) text.replace(tried, "");
    else tried.test(text);
    const { user, system } = process.cpuUsage(begun);
    if ((user + system) / 1_000 <= ALLOWED_MS) return false;
  }
  return true;
}
