/** The greatest width of a line in a document, in columns. */
export const DOCUMENT_COLUMNS = 120;
/**
 * The same for TypeScript and JavaScript in a document: the formatter's width, because such code is copied from files.
 */
const CODE_COLUMNS = 140;
const PROGRAMS = ["ts", "tsx", "js", "mjs", "cjs"];

/** A line of a document that is too wide. */
export interface WideLine {
  /** From 1. */
  line: number;
  columns: number;
}

/**
 * The lines of a Markdown document that are too wide. A table's row is one line, however wide. So is an image, and a
 * line of one word, such as a URL.
 */
export function wideLines(text: string): WideLine[] {
  const wide: WideLine[] = [];
  let fence: string | null = null;
  for (const [index, content] of text.split("\n").entries()) {
    const [, language] = /^\s*```(\w*)/.exec(content) ?? [];
    if (language !== undefined) fence = fence === null ? language : null;
    const columns = [...content].length;
    const most = fence !== null && PROGRAMS.includes(fence) ? CODE_COLUMNS : DOCUMENT_COLUMNS;
    const whole = fence === null && /^(?:\||!\[|<!--)|^\s*(?:[-*] )?\S+$/.test(content);
    if (columns > most && !whole) wide.push({ line: index + 1, columns });
  }
  return wide;
}
