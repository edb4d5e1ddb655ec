import { stripVTControlCharacters } from "node:util";

/** A column of a table over rows of `Row`. */
export interface Column<Row> {
  head: string;
  cell(row: Row): string;
  /** Numbers are right-aligned. */
  align?: "left" | "right";
  /** Its rank when columns must be dropped for lack of room: the highest goes first. Without one it stays. */
  dropped?: number;
  /** Whether its cells may be cut to the remaining room, once no more columns can be dropped. */
  cut?: true;
}

/** The layout of a table. */
export interface TableLayout {
  /** The width in characters; null for unlimited. */
  width: number | null;
  /** The names of the columns to show, in this order; by default all that fit. */
  columns?: readonly string[];
  /** Styles the header line. */
  head?: (text: string) => string;
}

const GAP = "  ";
/** The width below which cells are not cut. */
const LEAST_CHARS = 16;

/** The error for a column that a table does not have. The message lists those it has. */
export class UnknownColumn extends Error {
  override readonly name = "UnknownColumn";
}

/** A column's name on the command line: its head in lower case, without its unit. */
export function columnName({ head }: Pick<Column<never>, "head">): string {
  return head
    .replace(/ \(.*\)$/, "")
    .replaceAll(" ", "-")
    .toLowerCase();
}

/**
 * Rows under their heads, columns aligned, two spaces apart. Columns are dropped and cut to fit the width as far as
 * possible. Colours in cells take no room. No line ends in spaces. Throws `UnknownColumn`.
 */
export function formatTable<Row>(
  all: readonly Column<Row>[],
  rows: readonly Row[],
  { width, columns: chosen, head = (text) => text }: TableLayout = { width: null },
): string {
  const asked = chosen === undefined ? all : chosen.map((name) => columnNamed(all, name));
  const cells = asked.map((column) => [column.head, ...rows.map((row) => column.cell(row))]);
  const widths = cells.map((column) => Math.max(...column.map(widthOf)));
  const shown = width === null ? asked.map((_, index) => index) : fitting(asked, widths, width, chosen === undefined);
  if (width !== null) cutToFit(asked, cells, widths, shown, width);
  return [head, ...rows.map(() => (text: string) => text)]
    .map((dress, line) =>
      dress(
        shown
          .map((index) => pad(cells[index]?.[line] ?? "", widths[index] ?? 0, asked[index]?.align ?? "left"))
          .join(GAP)
          .trimEnd(),
      ),
    )
    .join("\n");
}

function columnNamed<Row>(all: readonly Column<Row>[], name: string): Column<Row> {
  const wanted = name.trim().toLowerCase().replaceAll(" ", "-");
  const column = all.find((one) => columnName(one) === wanted);
  if (column !== undefined) return column;
  throw new UnknownColumn(`There is no column "${name.trim()}". Choose from ${all.map((one) => columnName(one)).join(", ")}.`);
}

/** The positions of the columns that are shown. */
function fitting<Row>(columns: readonly Column<Row>[], widths: readonly number[], width: number, mayDrop: boolean): number[] {
  let shown = columns.map((_, index) => index);
  const least = (): number =>
    shown.reduce((sum, index) => sum + leastWidth(columns[index], widths[index] ?? 0), (shown.length - 1) * GAP.length);
  while (mayDrop && least() > width) {
    const next = shown.reduce<number | null>((found, index) => {
      const dropped = columns[index]?.dropped;
      if (dropped === undefined) return found;
      return found === null || dropped >= (columns[found]?.dropped ?? 0) ? index : found;
    }, null);
    if (next === null) break;
    shown = shown.filter((index) => index !== next);
  }
  return shown;
}

function leastWidth(column: { cut?: true } | undefined, width: number): number {
  return column?.cut === true ? Math.min(width, LEAST_CHARS) : width;
}

/** Cuts cells in columns that allow it, the widest first, until the line fits. Changes `cells` and `widths`. */
function cutToFit<Row>(
  columns: readonly Column<Row>[],
  cells: string[][],
  widths: number[],
  shown: readonly number[],
  width: number,
): void {
  const total = (): number => shown.reduce((sum, index) => sum + (widths[index] ?? 0), (shown.length - 1) * GAP.length);
  const cuttable = shown.filter((index) => columns[index]?.cut === true).sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
  for (const index of cuttable) {
    const over = total() - width;
    if (over <= 0) return;
    const to = Math.max(leastWidth(columns[index], widths[index] ?? 0), (widths[index] ?? 0) - over);
    cells[index] = (cells[index] ?? []).map((cell) => cutTo(cell, to));
    widths[index] = to;
  }
}

/** A cell cut to a width, without its colours, whose end could be cut off. */
function cutTo(cell: string, to: number): string {
  return widthOf(cell) <= to ? cell : `${[...stripVTControlCharacters(cell)].slice(0, to - 1).join("")}…`;
}

/** Names and values, the values aligned. Values of several lines keep their column. */
export function formatFields(
  fields: readonly (readonly [name: string, value: string])[],
  name: (text: string) => string = (text) => text,
): string {
  const widest = Math.max(...fields.map(([field]) => widthOf(field)));
  return fields
    .map(([field, value]) =>
      `${name(pad(field, widest, "left"))}${GAP}${value.replaceAll("\n", `\n${" ".repeat(widest)}${GAP}`)}`.trimEnd(),
    )
    .join("\n");
}

function pad(text: string, to: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, to - widthOf(text)));
  return align === "left" ? text + space : space + text;
}

/** The width of text: its characters, without colour codes. */
function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
