import type { SourceFile, Violation } from "./source-file.ts";

/** The column at which comments are wrapped. Code has the formatter's width, which is a little more. */
const COLUMNS = 120;

/** A line that is a comment from its start. Comments for tools must stay on one line. */
const COMMENT = /^\s*(?:\/\/|\/\*\*|\*)\s(?!biome-ignore)/;

/** Lines of comments that are too wide, except those that cannot be broken, such as a long address. */
export function commentWidth(files: readonly SourceFile[]): Violation[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      const tooWide = line.length > COLUMNS && COMMENT.test(line) && line.lastIndexOf(" ", COLUMNS) > line.search(/\S/) + 3;
      return tooWide ? [{ path, line: index + 1, says: `${line.length} columns; comments wrap at ${COLUMNS}` }] : [];
    }),
  );
}
