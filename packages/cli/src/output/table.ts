import { stripVTControlCharacters } from "node:util";
import { shortened } from "./fit-line.ts";

/** A column of a table over rows of `Row`. */
export interface Column<Row> {
  head: string;
  cell(row: Row): string;
  /** Numbers are right-aligned. */
  align?: "left" | "right";
  /**
   * Its rank when columns must be dropped for lack of room: the highest is dropped first. A column without a rank
   * stays.
   */
  dropped?: number;
  /** Where its cells may be cut when there is not enough room: texts at their end, ids and types in their middle. */
  cut?: "end" | "middle";
  /** The width in characters below which they are not cut; by default the one in `LEAST_CHARS`. */
  least?: number;
}

/** The layout of a table. */
export interface TableLayout {
  /** The width in characters; null for unlimited. */
  width: number | null;
  /** The names of the columns to show, in this order; by default all columns that fit. */
  columns?: readonly string[];
  /** Styles the header line. */
  head?: (text: string) => string;
}

const GAP = "  ";
/**
 * The widths below which cells are not cut. The rest of an id that is cut in the middle is enough to distinguish it
 * from others.
 */
const LEAST_CHARS = { end: 16, middle: 10 } as const;
/** The width below which cells are cut only once all columns that may be dropped for them have been dropped. */
const ROOMY_CHARS = 24;
/** The rank from which columns are dropped to make room for the others. */
const LESS_IMPORTANT = 3;

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

/**
 * The positions of the columns that are shown. Less important columns are dropped as long as others would be cut below
 * a readable width. Important columns are dropped only as long as others would be cut below the minimum.
 */
function fitting<Row>(columns: readonly Column<Row>[], widths: readonly number[], width: number, mayDrop: boolean): number[] {
  let shown = columns.map((_, index) => index);
  if (!mayDrop) return shown;
  const total = (widthIn: (column: Column<Row>, width: number) => number): number =>
    shown.reduce((sum, index) => sum + widthIn(columns[index] as Column<Row>, widths[index] ?? 0), (shown.length - 1) * GAP.length);
  for (const [widthIn, from] of [
    [roomyWidth, LESS_IMPORTANT],
    [leastWidth, 0],
  ] as const)
    while (total(widthIn) > width) {
      const next = shown.reduce<number | null>((found, index) => {
        const dropped = columns[index]?.dropped;
        if (dropped === undefined || dropped < from) return found;
        return found === null || dropped >= (columns[found]?.dropped ?? 0) ? index : found;
      }, null);
      if (next === null) break;
      shown = shown.filter((index) => index !== next);
    }
  return shown;
}

function leastWidth({ cut, head, least }: Pick<Column<never>, "cut" | "head" | "least">, width: number): number {
  return cut === undefined ? width : Math.min(width, Math.max(least ?? LEAST_CHARS[cut], widthOf(head)));
}

function roomyWidth(column: Pick<Column<never>, "cut" | "head" | "least">, width: number): number {
  return column.cut === undefined ? width : Math.min(width, Math.max(ROOMY_CHARS, leastWidth(column, width)));
}

/** Cuts cells in columns that allow it, always in the widest, until the line fits. Changes `cells` and `widths`. */
function cutToFit<Row>(
  columns: readonly Column<Row>[],
  cells: string[][],
  widths: number[],
  shown: readonly number[],
  width: number,
): void {
  const least = new Map(shown.map((index) => [index, leastWidth(columns[index] as Column<Row>, widths[index] ?? 0)]));
  let over = shown.reduce((sum, index) => sum + (widths[index] ?? 0), (shown.length - 1) * GAP.length) - width;
  for (; over > 0; over--) {
    const cuttable = shown.filter((index) => (widths[index] ?? 0) > (least.get(index) ?? 0));
    if (cuttable.length === 0) break;
    const widest = cuttable.reduce((found, index) => ((widths[index] ?? 0) > (widths[found] ?? 0) ? index : found));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  for (const index of shown) cells[index] = (cells[index] ?? []).map((cell) => cutTo(cell, widths[index] ?? 0, columns[index]?.cut));
}

/** A cell cut to a width. It loses its colours, because the cut could remove the code that ends them. */
function cutTo(cell: string, to: number, cut: Column<never>["cut"]): string {
  if (cut === undefined || widthOf(cell) <= to) return cell;
  const plain = stripVTControlCharacters(cell);
  return cut === "middle" ? shortened(plain, to) : `${[...plain].slice(0, to - 1).join("")}…`;
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
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
