import type { SourceFile, Violation } from "./source-file.ts";

/** A file that is longer has more than one reason, or is a catalogue and belongs in `CATALOGUES`. */
const LONGEST = 600;

/** Lists that are long because the world is, with what they list. */
const CATALOGUES: ReadonlyMap<string, string> = new Map();

/** Source files that have grown too long. */
export function fileLength(files: readonly SourceFile[], longest: number = LONGEST): Violation[] {
  const violations: Violation[] = [];
  for (const { path, text } of files) {
    const lines = text.split("\n").length - 1;
    if (lines > longest && !CATALOGUES.has(path))
      violations.push({ path, line: longest, says: `${lines} lines; ${longest} is the most: split it` });
  }
  return violations;
}
