import { stripVTControlCharacters } from "node:util";

/** A column of a table over rows of `Row`. */
export interface Column<Row> {
  head: string;
  cell(row: Row): string;
  /** Numbers stand to the right. */
  align?: "left" | "right";
}

const GAP = "  ";

/**
 * Rows under their heads, columns aligned, two spaces apart. Cells may be coloured: colours take no room.
 * `head` dresses the line of heads. No line ends in spaces.
 */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  head: (text: string) => string = (text) => text,
): string {
  const lines = [columns.map((column) => column.head), ...rows.map((row) => columns.map((column) => column.cell(row)))];
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => width(cells[index] ?? ""))));
  return lines
    .map((cells, line) => {
      const text = cells
        .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? "left"))
        .join(GAP)
        .trimEnd();
      return line === 0 ? head(text) : text;
    })
    .join("\n");
}

/** Names and values, the values aligned. Values of several lines keep their column. */
export function formatFields(
  fields: readonly (readonly [name: string, value: string])[],
  name: (text: string) => string = (text) => text,
): string {
  const widest = Math.max(...fields.map(([field]) => width(field)));
  return fields
    .map(([field, value]) =>
      `${name(pad(field, widest, "left"))}${GAP}${value.replaceAll("\n", `\n${" ".repeat(widest)}${GAP}`)}`.trimEnd(),
    )
    .join("\n");
}

function pad(text: string, to: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, to - width(text)));
  return align === "left" ? text + space : space + text;
}

/** How many columns text takes: its characters, without colours. */
function width(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
